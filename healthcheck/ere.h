/*
 * POSIX extended regular expressions (regex(7)) that only say whether they match, in time that is linear in the text:
 * a server cannot make them slow. Pure.
 */
#ifndef HEALTHCHECK_ERE_H
#define HEALTHCHECK_ERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ERE_OPS_MAX = 2048 };

/* One step of the compiled expression. Offsets are relative, so that pieces of code can be moved and copied. */
struct ere_op {
    uint8_t kind; /* enum in ere.c */
    bool negated;
    int16_t x;
    int16_t y;
    uint32_t low; /* code points */
    uint32_t high;
};

/* A compiled expression. */
struct ere {
    size_t count;
    struct ere_op ops[ERE_OPS_MAX];
};

/* Which of an expression's steps could come next. */
struct ere_set {
    size_t count;
    uint16_t at[ERE_OPS_MAX];
};

/* A search through a text that comes in pieces. */
struct ere_search {
    const struct ere *ere;
    bool matched;
    bool line_start;     /* the next character begins a line */
    unsigned missing;    /* bytes of an UTF-8 character that are still to come */
    uint32_t point;      /* what there is of it */
    uint32_t generation; /* marks those that are in `now` already */
    struct ere_set next;
    struct ere_set now;
    uint32_t marks[ERE_OPS_MAX];
};

/*
 * Compiles PATTERN, which is UTF-8. `^` and `$` match at lines; `.` and `[^...]` match no newline; repetitions up to 255.
 * Returns NULL, or why not, which follows the quoted pattern.
 */
const char *ere_compile(struct ere *ere, const char *pattern);

/* Starts a search; the text has not begun. */
void ere_begin(struct ere_search *search, const struct ere *ere);

/* Takes the next bytes of the text. True as soon as there is a match: then no more are needed. */
bool ere_feed(struct ere_search *search, const char *bytes, size_t length);

/* The text is over: whether there was a match. */
bool ere_end(struct ere_search *search);

#endif
