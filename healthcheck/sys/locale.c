/*
 * Stands in for libc's functions that classify characters, for the C locale alone.
 *
 * libc's regular expressions and resolver call them. libc's own know all of Unicode, by 14 KiB of tables. The linker
 * takes these in their place, as they are found first. A test compares both for every byte.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

/* Unit tests are linked with glibc, which keeps its own. */
#ifndef __GLIBC__

static bool is_within(wint_t c, wint_t first, wint_t last)
{
    return c >= first && c <= last;
}

wint_t towlower(wint_t c)
{
    return is_within(c, 'A', 'Z') ? c + ('a' - 'A') : c;
}

wint_t towupper(wint_t c)
{
    return is_within(c, 'a', 'z') ? c - ('a' - 'A') : c;
}

int iswalpha(wint_t c)
{
    return is_within(towlower(c), 'a', 'z');
}

int iswpunct(wint_t c)
{
    return is_within(c, '!', '~') && !iswalpha(c) && !is_within(c, '0', '9');
}

int iswspace(wint_t c)
{
    return c == ' ' || is_within(c, '\t', '\r');
}

int iswprint(wint_t c)
{
    return is_within(c, ' ', '~');
}

/* A byte that is not ASCII becomes a character of no class: half of a surrogate pair, as in libc. */
static wchar_t widen(char c)
{
    unsigned char byte = (unsigned char)c;

    return (wchar_t)(byte < 0x80 ? byte : 0xdf00 | byte);
}

int mbtowc(wchar_t *restrict wide, const char *restrict bytes, size_t size)
{
    if (!bytes)
        return 0;
    if (size == 0) {
        errno = EILSEQ;
        return -1;
    }
    if (wide)
        *wide = widen(*bytes);
    return *bytes != '\0';
}

size_t mbstowcs(wchar_t *restrict wide, const char *restrict string, size_t size)
{
    size_t n = 0;

    for (; !wide || n < size; n++) {
        if (wide)
            wide[n] = widen(string[n]);
        if (string[n] == '\0')
            break;
    }
    return n;
}

#endif
