/* Writes messages to stderr without stdio. */
#include "pith/diag.h"

#include "pith/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PARTS_MAX = 16 };

static const char *prog = "pith", *separator = ": ";

void diag_name(const char *name)
{
    prog = name;
}

void diag_prefix(const char *prefix)
{
    prog = prefix;
    separator = "";
}

static struct iovec piece(const char *string)
{
    return (struct iovec){ .iov_base = (void *)(uintptr_t)string, .iov_len = strlen(string) };
}

void diag(const char *part, ...)
{
    int saved = errno, n = 0;
    struct iovec line[PARTS_MAX];
    va_list parts;

    line[n++] = piece(prog);
    line[n++] = piece(separator);
    va_start(parts, part);
    for (; part && n < PARTS_MAX - 1; part = va_arg(parts, const char *))
        line[n++] = piece(part);
    va_end(parts);
    line[n++] = piece("\n");
    while (writev(STDERR_FILENO, line, n) < 0 && errno == EINTR)
        ;
    errno = saved;
}

/* What can happen to these two programs. strerror(3) would bring the texts of all others, as large as a tenth of init. */
static const struct {
    int error;
    const char *text;
} texts[] = {
    { EPERM, "Operation not permitted" },
    { ENOENT, "No such file or directory" },
    { EIO, "I/O error" },
    { E2BIG, "Argument list too long" },
    { ENOEXEC, "Exec format error" },
    { EAGAIN, "Resource temporarily unavailable" },
    { ENOMEM, "Out of memory" },
    { EACCES, "Permission denied" },
    { EBUSY, "Resource busy" },
    { ENOTDIR, "Not a directory" },
    { EISDIR, "Is a directory" },
    { EINVAL, "Invalid argument" },
    { EMFILE, "No file descriptors available" },
    { ETXTBSY, "Text file busy" },
    { ENOSPC, "No space left on device" },
    { EROFS, "Read-only file system" },
    { ENAMETOOLONG, "Filename too long" },
    { ENOSYS, "Function not implemented" },
    { ELOOP, "Symbolic link loop" },
};

const char *diag_errno(int error)
{
    static _Thread_local char other[sizeof "Error " + NUMBER_SIZE];
    struct text out = { other, sizeof other, 0 };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].error == error)
            return texts[i].text;
    text_string(&out, "Error ");
    text_number(&out, (uint64_t)error);
    text_char(&out, '\0');
    return other;
}
