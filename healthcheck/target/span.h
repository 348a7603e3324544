/*
 * Spans: pieces of a string that somebody else owns, and the ASCII by which they are read.
 *
 * Parsers here copy nothing. They cut a span off the front of what is left, and what they found points into the text
 * that they were given, which has to live as long. All of it is pure.
 */
#ifndef HEALTHCHECK_TARGET_SPAN_H
#define HEALTHCHECK_TARGET_SPAN_H

#include "pith/layout.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* LENGTH bytes, which no NUL ends. Where something optional is missing, `at` is NULL and the length 0. */
struct span {
    const char *at;
    size_t length;
};

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool is_space(char c)
{
    return is_blank(c) || c == '\r' || c == '\n';
}

/* The small letter of a capital; every other byte is itself. */
static HOT inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether C may be in the name of a host. */
static inline bool is_host_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* Whether C may be in a token (RFC 9110, 5.6.2), such as the name of a header. */
bool is_token_char(char c);

/* The value of a hexadecimal digit, or -1. */
int hex_digit(char c);

/* A C string as a span. Always inlined: plain runs compare schemes by it. */
static inline __attribute__((always_inline)) struct span span_of(const char *string)
{
    return (struct span){ string, strlen(string) };
}

/* Takes N bytes off the front. The span has as many. Always inlined: it is shorter than a call. */
static inline __attribute__((always_inline)) void span_drop(struct span *span, size_t n)
{
    span->at += n;
    span->length -= n;
}

/*
 * Takes what stands before the first STOP off the front of *REST and returns it. *REST then begins with that STOP, or
 * is empty where there was none: all of it was taken.
 */
struct span span_take(struct span *rest, char stop);

/* SPAN without the dot at its end: a host name may have one, which says that no domain is to be appended. */
struct span span_undot(struct span span);

/* Whether PIECE begins with PREFIX. Here the case of letters counts. */
bool span_begins(struct span piece, const char *prefix);

/* Whether A and B are the same bytes. */
bool span_equal(struct span a, struct span b);

/* Whether PIECE ends with SUFFIX and has something in front of it. The case of letters does not matter. */
bool span_ends(struct span piece, struct span suffix);

/* Whether PIECE is WORD, and whether A is B. The case of letters does not matter. */
bool span_is(struct span piece, const char *word);
bool span_same(struct span a, struct span b);

/* Reads *NUMBER, in decimal. False where DIGITS are empty, hold anything but digits, or are above MAX. */
bool span_number(struct span digits, unsigned max, unsigned *number);

/*
 * Appends PIECE to OUT with each %XX decoded (RFC 3986, 2.1). False where a `%` lacks its two hexadecimal digits, and
 * for %00, which no C string can hold; what was appended by then stays. With an OUT of size 0 it only checks.
 */
bool span_decode(struct span piece, struct text *out);

#endif
