/* Looks up one value in a JSON document (RFC 8259), of which nothing is kept. Pure. */
#ifndef HEALTHCHECK_HTTP_JSON_H
#define HEALTHCHECK_HTTP_JSON_H

#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stddef.h>

enum { JSON_DEPTH_MAX = 128 };

enum json_verdict {
    JSON_EQUAL,
    JSON_DIFFERENT, /* there is another value, or an object or an array */
    JSON_MISSING,   /* there is nothing at the path */
    JSON_INVALID,   /* the document is not JSON: malformed, cut off, nested too deep, or something follows it */
};

/*
 * Splits `PATH=VALUE` or `PATH!=VALUE` (*DIFFERS) at the first `=` outside quotes. False where PATH is none or empty.
 */
bool json_split(const char *match, struct span *path, const char **value, bool *differs);

/*
 * Compares what stands at PATH (`status`, `checks[0].ok`, `["odd.key"]`, `[0].name`) with VALUE, or with each
 * of those that `|` divides: a string by its content, a number by its value, true, false and null by their word. Of
 * equal keys the last one counts.
 */
enum json_verdict json_match(const char *document, size_t length, struct span path, const char *value);

#endif
