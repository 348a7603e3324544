/* Compares, splits and decodes spans. */
#include "healthcheck/target/span.h"

HOT int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

HOT bool is_token_char(char c)
{
    return is_letter(c) || is_digit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

HOT struct span span_take(struct span *rest, char stop)
{
    const char *at = rest->at, *end = at + rest->length;

    while (at < end && *at != stop)
        at++;
    struct span taken = { rest->at, (size_t)(at - rest->at) };
    span_drop(rest, taken.length);
    return taken;
}

HOT struct span span_undot(struct span span)
{
    if (span.length > 0 && span.at[span.length - 1] == '.')
        span.length--;
    return span;
}

HOT bool span_begins(struct span piece, const char *prefix)
{
    size_t n = strlen(prefix);

    return piece.length >= n && memcmp(piece.at, prefix, n) == 0;
}

bool span_equal(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

HOT bool span_same(struct span a, struct span b)
{
    size_t i = 0;

    if (a.length != b.length)
        return false;
    while (i < a.length && lower(a.at[i]) == lower(b.at[i]))
        i++;
    return i == a.length;
}

HOT bool span_is(struct span piece, const char *word)
{
    return span_same(piece, span_of(word));
}

HOT bool span_ends(struct span piece, struct span suffix)
{
    if (piece.length <= suffix.length)
        return false;
    span_drop(&piece, piece.length - suffix.length);
    return span_same(piece, suffix);
}

HOT bool span_number(struct span digits, unsigned max, unsigned *number)
{
    *number = 0;
    for (size_t i = 0; i < digits.length; i++) {
        if (!is_digit(digits.at[i]))
            return false;
        uint64_t next = (uint64_t)*number * 10 + (unsigned)(digits.at[i] - '0');
        if (next > max)
            return false;
        *number = (unsigned)next;
    }
    return digits.length > 0;
}

HOT bool span_decode(struct span piece, struct text *out)
{
    for (size_t i = 0; i < piece.length; i++) {
        if (piece.at[i] != '%') {
            text_char(out, piece.at[i]);
            continue;
        }
        int high = i + 1 < piece.length ? hex_digit(piece.at[i + 1]) : -1;
        int low = i + 2 < piece.length ? hex_digit(piece.at[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0)
            return false;
        text_char(out, (char)(high * 16 + low));
        i += 2;
    }
    return true;
}
