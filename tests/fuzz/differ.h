/* Holds the parser of HTTP responses against an independent one: llhttp, Node.js' own, which Debian has as C sources.
 */
#ifndef TESTS_FUZZ_DIFFER_H
#define TESTS_FUZZ_DIFFER_H

#include <stdbool.h>
#include <stddef.h>

enum { DIFFER_INPUT_MAX = 8192 };

/* Whether the rows below explain the differences of the llhttp that is there: those of 8, and of 9 from 9.2 on. */
extern const bool differ_is_explained;

/* Which of the two refuses what the other takes; or both take it, and make something else of it. */
enum difference_kind { AGREED, OURS_REFUSES, THEIRS_REFUSES, OURS_CUTS_BODY, THEIRS_CUTS_BODY, OTHER_RESULT };

/* A way in which the two may differ. */
struct difference {
    enum difference_kind kind;
    const char *why; /* what the one that refuses says: our reason, llhttp's error; "" for OTHER_RESULT */
    /* regex(7) of the input, \4 and the body as ours reads it, NUL and \4 there as \1: the row explains nothing else */
    const char *pattern;
    const char *reason;
    const char *example; /* a response that this row explains */
    size_t length;       /* of it; 0: a C string's */
};

extern const struct difference differences[];
extern const size_t difference_count;

/*
 * Gives both parsers the same LENGTH bytes, at most DIFFER_INPUT_MAX, and then the end of the connection. They agree
 * where the status is accepted by both or by neither, and is the same, and where the body is whole for both or for
 * neither, and the same. AGREED, or the kind of the difference and the row that explains it, NULL for none. VERDICT,
 * where it is not NULL, says what each has made of it: in static storage until the next call.
 */
enum difference_kind differ(const char *bytes, size_t length, const struct difference **explanation,
                            const char **verdict);

#endif
