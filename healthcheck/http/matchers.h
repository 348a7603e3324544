/* What an answer must be like: its status, and what its body holds. */
#ifndef HEALTHCHECK_HTTP_MATCHERS_H
#define HEALTHCHECK_HTTP_MATCHERS_H

#include "healthcheck/result.h"
#include "healthcheck/target/span.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BODY_MAX = 1048576, /* bytes of a body that are looked at */
    RANGES_MAX = 32,
    MATCHERS_MAX = 16, /* of each other kind */
};

/* HTTP statuses FROM to TO, both included. */
struct status_range {
    uint16_t from;
    uint16_t to;
};

/* A value wanted at a path of a JSON document; both point into one option's value, and VALUE is a C string. */
struct json_match {
    struct span path;
    const char *value;
    bool differs; /* it must be another one */
};

/* Filled by options.c. Each list has the count in front of it. */
struct matchers {
    size_t range_count; /* 0: 200 to 399 */
    struct status_range *ranges;
    size_t contains_count;
    const char **contains;
    size_t regex_count;
    const char **regexes; /* as typed, for messages */
    regex_t *compiled;    /* room for MATCHERS_MAX; NULL while there are none */
    size_t json_count;
    struct json_match *json;
};

/*
 * Compiles the last of the expressions (regcomp(3), byte by byte as in the C locale). Returns NULL, or why not.
 * It lives as long as the process.
 */
const char *matchers_compile(struct matchers *matchers);

/* Whether there is any, so that the body is needed. */
bool matchers_any(const struct matchers *matchers);

/*
 * Whether all matchers hold for the LENGTH bytes of BODY, which a NUL follows. CUT: there was more than BODY_MAX. False
 * with the reason in *RESULT, which shows what was wanted and never what there was. An expression knows no deadline: a
 * check that has one runs on a thread that can be given up (workers.h).
 */
bool matchers_hold(const struct matchers *matchers, const char *body, size_t length, bool cut, struct result *result);

#endif
