/* Expands `${NAME}` in arguments, for images that have no shell to do it. */
#ifndef PITH_EXPAND_H
#define PITH_EXPAND_H

#include "pith/text.h"

#include <stdbool.h>

/* Why an expansion failed: `what why` is the message. WHAT is the piece of the string, cut where it is long. */
struct expand_error {
    char what[64];
    const char *why;
};

/* Who reads the file of a `${file:PATH}`. */
struct expand_files {
    /* Appends to OUT what stands for the file at PATH, LENGTH bytes and not terminated. False with *ERROR. */
    bool (*put)(struct expand_files *files, const char *path, size_t length, struct text *out,
                struct expand_error *error);
    size_t from, to; /* where in OUT such bytes begin and end, others among them; 0 and 0 where there are none */
};

/*
 * Appends STRING to OUT, expanded by the variables of ENVIRONMENT:
 *
 *     ${NAME}            the value of NAME; an error where NAME is not set
 *     ${NAME:-default}   the value of NAME, or the default where NAME is not set or empty
 *     ${file:/path}      what FILES puts for that file; where FILES is NULL, no name
 *     ${NAME:+word}      the word where NAME is set and not empty, else nothing
 *     $$                 $
 *
 * Every other `$` stands for itself. A value is not expanded again. False with *ERROR for a variable that is not set,
 * for what is not a name (environment.h), for a `${` without its `}`, and for a `${` inside a default or a word.
 *
 * Pure but for FILES. The result is not terminated. With an OUT of size 0 it only measures.
 */
bool expand(const char *string, char *const environment[], struct expand_files *files, struct text *out,
            struct expand_error *error);

#endif
