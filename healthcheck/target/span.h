/* A piece of a string that somebody else owns, and the ASCII it is read by. Pure. */
#ifndef HEALTHCHECK_TARGET_SPAN_H
#define HEALTHCHECK_TARGET_SPAN_H

#include "pith/text.h"

#include "pith/cold.h"

#include <stdbool.h>
#include <stddef.h>

/* Not terminated; `at` is NULL where there is none. */
struct span {
    const char *at;
    size_t length;
};

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static HOT inline char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* The value of a hexadecimal digit, or -1. */
int hex_digit(char c);

/* Takes N bytes off the front. */
static HOT inline void span_drop(struct span *span, size_t n)
{
    span->at += n;
    span->length -= n;
}

/* Takes the bytes before the first STOP, or all, off the front of *REST. */
struct span span_take(struct span *rest, char stop);

/* Whether PIECE begins with PREFIX, or ends with SUFFIX (case aside, ASCII) and has something before it. */
bool span_begins(struct span piece, const char *prefix);
bool span_ends(struct span piece, struct span suffix);

/* Whether PIECE is WORD, or both are the same, case aside (ASCII). */
bool span_is(struct span piece, const char *word);
bool span_same(struct span a, struct span b);

/* Digits only, one at least, no more than MAX. */
bool span_number(struct span digits, unsigned max, unsigned *number);

/* Decodes %XX of PIECE into OUT (not terminated). False for a `%` without two hexadecimal digits, and for %00. */
bool span_decode(struct span piece, struct text *out);

#endif
