/* Splits a command line into words, without a shell. */
#include "init/steps/words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The value of C as a digit in base 16, or 16. */
static unsigned digit_value(char c)
{
    char upper = text_upper(c);

    return c >= '0' && c <= '9'           ? (unsigned)(c - '0')
           : upper >= 'A' && upper <= 'F' ? (unsigned)(upper - 'A') + 10
                                          : 16;
}

/* DIGITS digits in BASE at AT, before END. False where there are fewer, or the number is 0 or no byte. */
static bool put_number(struct text *out, const char *at, const char *end, unsigned base, int digits)
{
    unsigned value = 0;

    for (; digits > 0; digits--, at++) {
        if (at == end || digit_value(*at) >= base)
            return false;
        value = value * base + digit_value(*at);
    }
    if (value == 0 || value > 255)
        return false;
    text_char(out, (char)value);
    return true;
}

/* What a backslash means that stands before AT. Returns how many bytes at AT belong to it. */
static size_t put_escape(struct text *out, const char *at, const char *end)
{
    static const char names[] = "abfnrtvs", meanings[] = "\a\b\f\n\r\t\v ";
    size_t name = text_until(names, *at);

    if (names[name]) {
        text_char(out, meanings[name]);
        return 1;
    }
    if (*at == 'x' && put_number(out, at + 1, end, 16, 2))
        return 3;
    if (put_number(out, at, end, 8, 3))
        return 3;
    if (!is_blank(*at) && *at != '\'' && *at != '"' && *at != '\\')
        text_char(out, '\\');
    text_char(out, *at);
    return 1;
}

static bool is_sign(char c)
{
    static const char signs[] = "&|;<>";

    return signs[text_until(signs, c)];
}

int words_split(const char *string, size_t length, struct text *out, const char **why)
{
    const char *at = string, *end = string + length;
    char quote = '\0';
    int count = 0;
    bool inside = false, signs = false, shell = false;

    for (; at < end; at++) {
        if (!quote && is_blank(*at)) {
            if (inside)
                text_char(out, '\0');
            inside = false;
            shell |= signs;
            continue;
        }
        signs = is_sign(*at) && (signs || !inside);
        count += !inside;
        inside = true;
        if (*at == '\\' && at + 1 < end)
            at += put_escape(out, at + 1, end);
        else if (*at == '\\')
            quote = *at; /* for the message below */
        else if (quote ? *at == quote : *at == '\'' || *at == '"')
            quote = quote ? '\0' : *at;
        else
            text_char(out, *at);
    }
    if (inside)
        text_char(out, '\0');
    *why = quote == '\\'    ? "ends in a backslash"
           : quote          ? "has a quote without an end"
           : shell || signs ? "is for a shell, and there is none: give the option twice"
                            : NULL;
    return quote ? -1 : count;
}
