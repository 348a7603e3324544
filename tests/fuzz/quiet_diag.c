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

void diag(const char *part, ...)
{
    (void)part;
}

const char *diag_put_errno(char buffer[DIAG_ERRNO_SIZE], int error)
{
    (void)buffer;
    (void)error;
    return "error";
}
