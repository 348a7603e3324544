/*
 * Functions of libc as C has them, which look at one byte after the other. cbmc has no model of them; its strchr takes
 * no byte above 127.
 */
#ifndef PROVE_LIBC_H
#define PROVE_LIBC_H

#include <stddef.h>
#include <string.h>

void *memchr(const void *bytes, int c, size_t length)
{
    const char *at = bytes;

    for (size_t i = 0; i < length; i++)
        if ((at[i] & 0xff) == (c & 0xff))
            return (char *)at + i;
    return NULL;
}

void *memrchr(const void *bytes, int c, size_t length)
{
    const char *at = bytes;

    while (length-- > 0)
        if ((at[length] & 0xff) == (c & 0xff))
            return (char *)at + length;
    return NULL;
}

void *memmem(const void *bytes, size_t length, const void *word, size_t size)
{
    for (size_t at = 0; at + size <= length; at++)
        if (memcmp((const char *)bytes + at, word, size) == 0)
            return (char *)bytes + at;
    return NULL;
}

char *strchr(const char *string, int c)
{
    for (; (*string & 0xff) != (c & 0xff); string++)
        if (*string == '\0')
            return NULL;
    return (char *)string;
}

char *strstr(const char *string, const char *word)
{
    for (size_t size = strlen(word); *string; string++)
        if (strncmp(string, word, size) == 0)
            return (char *)string;
    return NULL;
}

#endif
