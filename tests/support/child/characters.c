/* characters: prints what libc makes of each byte, and which bytes and texts expressions match. */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

static const char *const classes[] = { "alnum", "alpha", "blank", "cntrl", "digit", "graph",
                                       "lower", "print", "punct", "space", "upper", "xdigit" };

static const char *const patterns[] = {
    ".",           "[[:alnum:]]", "[[:alpha:]]", "[[:blank:]]",    "[[:cntrl:]]",  "[[:digit:]]",
    "[[:graph:]]", "[[:lower:]]", "[[:print:]]", "[[:punct:]]",    "[[:space:]]",  "[[:upper:]]",
    "\\w",         "\\W",         "[a-f]",       "[^[:alpha:]_]",  "[[:xdigit:]]", "[^a-f]",
    "[!-~]",       "[\xc0-\xff]", "\xe9",        "[^\x80-\x90-/]", "[\xe9k]",      "[^K\xc9]",
};

/* Expressions of more than a character, and a text for each. */
static const char *const pairs[][2] = {
    { "\\<word\\>", "a word, of all" },
    { "\\<word\\>", "a sword" },
    { "caf\xc3\xa9", "CAF\xc3\xa9" },
    { "caf\xc3\xa9", "CAF\xc3\x89" },
    { "^caf.$", "caf\xc3\xa9" },
    { "^caf..$", "caf\xc3\xa9" },
    { "^[[:alpha:]]+$", "Gr\xc3\xbc\xc3\x9f" },
    { "(up|ok){2}$", "status: UPok\nend" },
    { "\"status\": *\"up\"", "{\"status\":  \"UP\"}" },
};

static void put_byte(int byte)
{
    const char string[] = { (char)byte, '\0' };
    wchar_t wide = 'x', row[2] = { 'x', 'x' };
    int length = mbtowc(&wide, string, 1);
    size_t count = mbstowcs(row, string, 2);

    printf("%02x: %d %x, %zu %x %x, %x %x,", byte, length, (unsigned)wide, count, (unsigned)row[0], (unsigned)row[1],
           (unsigned)towlower((wint_t)wide), (unsigned)towupper((wint_t)wide));
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (iswctype((wint_t)wide, wctype(classes[i])))
            printf(" %s", classes[i]);
    putchar('\n');
}

/* As healthcheck compiles them. */
static int matches(const char *pattern, int flags, const char *text)
{
    regex_t regex;

    if (regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB | flags) != 0)
        return -1;
    int error = regexec(&regex, text, 0, NULL, 0);
    regfree(&regex);
    return error == 0;
}

static void put_matches(size_t pattern, int flags)
{
    printf("pattern %zu, %d:", pattern, flags);
    for (int byte = 1; byte < 256; byte++) {
        const char text[] = { (char)byte, '\0' };
        int matched = matches(patterns[pattern], flags, text);
        if (matched != 0)
            printf(" %s%02x", matched < 0 ? "bad " : "", (unsigned)byte);
    }
    putchar('\n');
}

int main(void)
{
    wchar_t one[1];

    for (int byte = 0; byte < 256; byte++)
        put_byte(byte);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        put_matches(i, 0);
        put_matches(i, REG_ICASE);
    }
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        printf("pair %zu: %d %d\n", i, matches(pairs[i][0], 0, pairs[i][1]),
               matches(pairs[i][0], REG_ICASE, pairs[i][1]));
    printf("ends: %d %d %d\n", mbtowc(NULL, NULL, 0), mbtowc(NULL, "a", 0), mbtowc(NULL, "\xe9", 1));
    printf("texts: %zu %zu\n", mbstowcs(NULL, "h\xc3\xb6st", 0), mbstowcs(one, "host", 1));
    return EXIT_SUCCESS;
}
