/* What the body of an answer must hold. */
#ifndef HEALTHCHECK_HTTP_MATCHERS_H
#define HEALTHCHECK_HTTP_MATCHERS_H

#include "healthcheck/conf.h"
#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"

#include <stdbool.h>
#include <stddef.h>

enum { BODY_MAX = 1048576 }; /* bytes of a body that are looked at */

/*
 * Compiles the last of CONF's expressions (regcomp(3), byte by byte as in the C locale). Returns NULL, or why not.
 * It lives as long as the process.
 */
const char *matchers_compile(struct check_conf *conf);

/* Whether there is any, so that the body is needed. */
bool matchers_any(const struct check_conf *conf);

/*
 * Whether all matchers hold for the LENGTH bytes of BODY, which a NUL follows. CUT: there was more than BODY_MAX. False
 * with the reason in *RESULT, which shows what was wanted and never what there was. An expression knows no deadline: a
 * check that has one runs on a thread that can be given up (crew.h).
 */
bool matchers_hold(const struct check_conf *conf, struct conn *conn, const char *body, size_t length, bool cut,
                   struct result *result);

#endif
