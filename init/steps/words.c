/* Splits a command line into words, without a shell. */
#include "init/steps/words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The value of C as a digit in base 16, or 16 and more. */
static unsigned digit_value(char c)
{
    return is_digit(c) ? (unsigned)(c - '0') : is_letter(c) ? (unsigned)(c | 32) - 'a' + 10 : 16;
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
    static const char names[] = "abfnrtvs'\"\\ \t\n\r", meanings[] = "\a\b\f\n\r\t\v '\"\\ \t\n\r";
    size_t name = text_until(names, *at);

    if (names[name]) {
        text_char(out, meanings[name]);
        return 1;
    }
    if (*at == 'x' && put_number(out, at + 1, end, 16, 2))
        return 3;
    if (put_number(out, at, end, 8, 3))
        return 3;
    text_char(out, '\\');
    text_char(out, *at);
    return 1;
}

/*
 * What a shell obeys: the first of these signs everywhere in a word, the next two also behind the digits that it begins
 * with, all but the last at its end, and all at its start.
 */
static const char signs[] = "`<>&|;#";
enum { ANYWHERE = 1, BEHIND_DIGITS = 3, AT_END = 6, AT_START = 7 };

int words_split(const char *string, size_t length, struct text *out, const char **why)
{
    const char *at = string, *end = string + length;
    char quote = '\0';
    int count = 0;
    size_t obeyed = 0; /* how many of the signs; 0 between words */
    bool shell = false;

    for (; at < end; at++) {
        char next = at + 1 < end ? at[1] : '\n';
        if (!quote && is_blank(*at)) {
            if (obeyed)
                text_char(out, '\0');
            obeyed = 0;
            continue;
        }
        if (!obeyed) {
            count++;
            obeyed = AT_START;
        }
        if (*at == '\\') {
            if (at + 1 < end)
                at += put_escape(out, at + 1, end);
            else
                quote = *at; /* for the message below */
        } else if (quote ? *at == quote : *at == '\'' || *at == '"') {
            quote = quote ? '\0' : *at;
        } else {
            size_t sign = text_until(signs, *at);
            shell |= !quote && (sign < obeyed || (sign < AT_END && is_blank(next)) || (*at == '$' && next == '('));
            text_char(out, *at);
        }
        obeyed = obeyed > ANYWHERE && is_digit(*at) ? BEHIND_DIGITS : ANYWHERE;
    }
    if (obeyed)
        text_char(out, '\0');
    *why = quote == '\\' ? "ends in a backslash"
           : quote       ? "has a quote without an end"
           : shell       ? "is for a shell, and there is none: quote it, or give the option twice"
                         : NULL;
    return quote ? -1 : count;
}
