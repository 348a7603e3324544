/* Matchers: what the status and the body of an answer have to be like for the target to be healthy. */
#ifndef HEALTHCHECK_HTTP_MATCHERS_H
#define HEALTHCHECK_HTTP_MATCHERS_H

#include "healthcheck/result.h"
#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BODY_MAX = 1048576, /* bytes of a body that are looked at */
    RANGES_MAX = 32,    /* ranges of statuses */
    MATCHERS_MAX = 16,  /* matchers of each other kind */
};

/* HTTP statuses FROM to TO, both included. */
struct status_range {
    uint16_t from;
    uint16_t to;
};

/* What is wanted at a path of a JSON document (json.h). Both point into the value of the option. */
struct json_match {
    struct span path;
    const char *value;
    bool differs; /* the value must be another one */
};

/* All matchers of a check: filled by options.c, then constant. The count of each list stands in front of it. */
struct matchers {
    size_t range_count; /* 0: the status has to be 200 to 399 */
    struct status_range *ranges;
    size_t contains_count;
    const char **contains;
    size_t regex_count;
    const char **regexes;  /* as they were typed, for messages */
    uint64_t regex_weight; /* what compiling them takes, together (ere.h) */
    regex_t *compiled;     /* room for MATCHERS_MAX of them; NULL while there are none */
    size_t json_count;
    struct json_match *json;
};

/*
 * Compiles the last of the expressions, by regcomp(3) in the C locale: a character is a byte. It lives as long as the
 * process. Returns NULL, or why it cannot be compiled, which is to stand behind the quoted expression.
 */
const char *matchers_compile(struct matchers *matchers);

/* Whether a status is wanted; and appends which ones are: `, wanted 200-299,401`. */
bool matchers_want(const struct matchers *matchers, int status);
void matchers_put_wanted(const struct matchers *matchers, struct text *out);

/* Whether there is a matcher of bodies, so that the body has to be read. */
bool matchers_any(const struct matchers *matchers);

/*
 * Whether all matchers of bodies hold for BODY, LENGTH bytes and a NUL. CUT: the body was longer than BODY_MAX, and
 * this is its beginning. False with the reason in *RESULT. The reason shows what was wanted, and never what the server
 * sent.
 *
 * regexec(3) cannot be held to a deadline. So a check with an expression runs on a thread that can be given up
 * (workers.h).
 */
bool matchers_hold(const struct matchers *matchers, const char *body, size_t length, bool cut, struct result *result);

#endif
