/* Stands in for lib/diag.c: messages are made for people, and a fuzzer makes millions. */
#include "pith/diag.h"

const char DIAG_ERRNO[] = "";

void diag_name(const char *name)
{
    (void)name;
}

void diag_hurry(void)
{
}

void diag_prefix(const char *prefix)
{
    (void)prefix;
}

void diagf(const char *format, ...)
{
    (void)format;
}

void text_format(struct text *out, const char *format, ...)
{
    text_string(out, format);
}

bool diag_write(int fd, const char *line, size_t length)
{
    (void)fd;
    (void)line;
    (void)length;
    return true;
}

void text_errno(struct text *out, int error)
{
    (void)error;
    text_string(out, "error");
}

void text_part(struct text *out, const char *part)
{
    text_string(out, part);
}
