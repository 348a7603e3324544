/* Compares one value of a JSON document (RFC 8259), which is read without being stored. Pure. */
#ifndef HEALTHCHECK_HTTP_JSON_H
#define HEALTHCHECK_HTTP_JSON_H

#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { JSON_DEPTH_MAX = 128 }; /* objects and arrays within each other */

enum json_verdict {
    JSON_EQUAL,
    JSON_DIFFERENT, /* another value is there, or an object or an array */
    JSON_MISSING,   /* nothing is at the path */
    JSON_INVALID,   /* the document is malformed, cut off or nested too deep, or something follows it */
};

/*
 * Splits MATCH, `PATH=VALUE` or `PATH!=VALUE`, at the first `=` that is not in quotes. *DIFFERS: it was `!=`. *PATH and
 * *VALUE point into MATCH. False where PATH is malformed or empty.
 */
bool json_split(const char *match, struct span *path, const char **value, bool *differs);

/*
 * Compares what is at PATH in the LENGTH bytes of DOCUMENT with VALUE, or with several values that `|` divides: one
 * that is equal is enough. A path is made of keys and indexes: `status`, `checks[0].ok`, `["odd.key"]`, `[0].name`.
 *
 * A string is compared by its content, a number by its value, and true, false and null by the word. Where an object has
 * a key twice, the last one counts.
 */
enum json_verdict json_match(const char *document, size_t length, struct span path, const char *value);

#endif
