/* `${NAME}` in arguments, for images that have no shell to expand it. */
#ifndef PITH_EXPAND_H
#define PITH_EXPAND_H

#include "pith/text.h"

#include <stdbool.h>

/* Why an expansion failed: `why` is a static string and follows `what` in a message. */
struct expand_error {
    char what[64];
    const char *why;
};

/*
 * Appends STRING to OUT with `${NAME}` replaced by NAME's value in ENVIRONMENT, and
 * `${NAME:-default}` by the default where NAME is unset or empty. `$$` is `$`; a `$` before
 * anything else is itself; values are not expanded again. False with *ERROR for a NAME that is
 * not set and has no default, a `${` without `}`, a NAME that is none, a `${` inside a default.
 * The result is not terminated. Pure: OUT may have size 0 to measure.
 */
bool expand(const char *string, char *const environment[], struct text *out, struct expand_error *error);

#endif
