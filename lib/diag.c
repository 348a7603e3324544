/* Writes messages to stderr without stdio. */
#include "pith/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PARTS_MAX = 16 };

static const char *prog = "pith";

void diag_name(const char *name)
{
    prog = name;
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
    line[n++] = piece(": ");
    va_start(parts, part);
    for (; part && n < PARTS_MAX - 1; part = va_arg(parts, const char *))
        line[n++] = piece(part);
    va_end(parts);
    line[n++] = piece("\n");
    while (writev(STDERR_FILENO, line, n) < 0 && errno == EINTR)
        ;
    errno = saved;
}

const char *diag_errno(int error)
{
    return strerror(error);
}
