/* Writes messages to stderr, without stdio. */
#include "pith/diag.h"

#include "pith/file.h"
#include "pith/layout.h"
#include "pith/text.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* A line is no longer than PIPE_BUF: a pipe in which poll(2) finds room has room for so much. */
enum {
    LINE_SIZE = 4096,
    PATIENCE_MS = 1000,
    TRIES = 8,
    NO_WAIT = 8, /* RWF_NOWAIT, which musl has no name for */
};

const char DIAG_ERRNO[] = "";

/* All of it zero at the start, so that init has no section of data. */
static HOT_STATE const char *prog;
static HOT_STATE bool prefixed, hurries;

void diag_name(const char *name)
{
    prog = name;
}

void diag_prefix(const char *prefix)
{
    prog = prefix;
    prefixed = true;
}

void diag_hurry(void)
{
    hurries = true;
}

/* Replaces what a terminal would obey, what would make a second line, and what is not UTF-8. */
static void disarm(char *line, size_t length)
{
    for (size_t at = 0, n; at < length; at += n ? n : 1) {
        n = text_visible(line + at, length - at);
        if (n == 0)
            line[at] = '?';
    }
}

/* A reader that hangs must not keep init from forwarding signals: it is waited for once, until it reads again. */
static bool stalled;

static bool has_room(int fd)
{
    struct pollfd output = { .fd = fd, .events = POLLOUT };

    stalled = poll(&output, 1, stalled || hurries ? 0 : PATIENCE_MS) == 0;
    return !stalled;
}

bool diag_write(int fd, const char *line, size_t length)
{
    const struct iovec all = { (char *)(uintptr_t)line, length };
    int tries = TRIES;
    long n;

    do { /* what has room may have none by now, as another process writes to the same pipe: nobody waits for that */
        if (!has_room(fd)) {
            errno = EAGAIN;
            return false;
        }
        n = syscall(SYS_pwritev2, fd, &all, 1, -1L, -1L, NO_WAIT);
        stalled = n < 0 && errno == EAGAIN;
    } while (stalled && --tries);
    size_t done = n > 0 ? (size_t)n : 0; /* terminals and older kernels refuse to write so */
    return write_all(fd, line + done, length - done);
}

/*
 * The errors that these two programs can meet. strerror(3) would bring the texts of all others, which are as large as a
 * tenth of init. The texts stand behind each other, and a search walks over them: a table of pointers would be larger.
 */
#define ERRORS(_)                                                                                                      \
    _(EPERM, "Operation not permitted")                                                                                \
    _(ENOENT, "No such file or directory")                                                                             \
    _(ENXIO, "No such device or address")                                                                              \
    _(EIO, "I/O error")                                                                                                \
    _(E2BIG, "Argument list too long")                                                                                 \
    _(ENOEXEC, "Exec format error")                                                                                    \
    _(EAGAIN, "Resource temporarily unavailable")                                                                      \
    _(ENOMEM, "Out of memory")                                                                                         \
    _(EACCES, "Permission denied")                                                                                     \
    _(EBUSY, "Resource busy")                                                                                          \
    _(EEXIST, "File exists")                                                                                           \
    _(ENOTDIR, "Not a directory")                                                                                      \
    _(EISDIR, "Is a directory")                                                                                        \
    _(EINVAL, "Invalid argument")                                                                                      \
    _(EMFILE, "No file descriptors available")                                                                         \
    _(ETXTBSY, "Text file busy")                                                                                       \
    _(EFBIG, "File too large")                                                                                         \
    _(ENOSPC, "No space left on device")                                                                               \
    _(EROFS, "Read-only file system")                                                                                  \
    _(ENAMETOOLONG, "Filename too long")                                                                               \
    _(ENOSYS, "Function not implemented")                                                                              \
    _(ELOOP, "Symbolic link loop")                                                                                     \
    _(ETIMEDOUT, "Operation timed out")

#define NUMBER_OF(error, text) error,
#define TEXT_OF(error, text)   text "\0"
static const unsigned char errors[] = { ERRORS(NUMBER_OF) };
static const char texts[] = ERRORS(TEXT_OF);

void text_errno(struct text *out, int error)
{
    const char *text = texts;

    for (size_t i = 0; i < sizeof errors; i++, text += strlen(text) + 1)
        if (errors[i] == error) {
            text_string(out, text);
            return;
        }
    text_string(out, "Error ");
    text_number(out, (uint64_t)error);
}

HOT void text_part(struct text *out, const char *part)
{
    if (part == DIAG_ERRNO)
        text_errno(out, errno);
    else
        text_string(out, part);
}

/* Appends at most LENGTH bytes of STRING. */
static void text_bounded(struct text *out, const char *string, unsigned length)
{
    for (; length > 0 && *string; length--)
        text_char(out, *string++);
}

static void text_values(struct text *out, const char *format, va_list values)
{
    for (; *format; format++) {
        if (*format != '%') {
            text_char(out, *format);
            continue;
        }
        unsigned number = *++format == 's' ? 0 : va_arg(values, unsigned);
        if (*format == 'd') {
            text_number(out, number);
            continue;
        }
        const char *string = va_arg(values, const char *);
        if (*format == 's') {
            text_part(out, string);
        } else { /* .*s */
            text_bounded(out, string, number);
            format += 2;
        }
    }
}

void text_format(struct text *out, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    text_values(out, format, values);
    va_end(values);
}

void diagf(const char *format, ...)
{
    int saved = errno;
    char line[LINE_SIZE];
    struct text out = { line, sizeof line - 1, 0 };
    va_list values;

    text_string(&out, prog ? prog : "pith");
    if (!prefixed)
        text_string(&out, ": ");
    va_start(values, format);
    text_values(&out, format, values);
    va_end(values);
    size_t length = text_kept(&out);
    disarm(line, length);
    line[length] = '\n';
    diag_write(STDERR_FILENO, line, length + 1);
    errno = saved;
}
