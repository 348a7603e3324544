/* Tells the results: a line of text or of JSON for each target, all together under 4096 bytes. */
#ifndef HEALTHCHECK_REPORT_H
#define HEALTHCHECK_REPORT_H

#include "healthcheck/conf.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

enum { REPORT_MAX = 4095 }; /* bytes: Docker keeps 4096 of a probe's output */

/*
 * Puts the report into OUT, which is empty and has room for REPORT_MAX bytes. Where that is too little the times are
 * left out, then the addresses, and then targets and reasons are cut. It is UTF-8 without control characters (RFC
 * 3629), in JSON one object a line (RFC 8259). Pure.
 */
void report_put(const struct check_conf *conf, const struct target *targets, const struct result *results, size_t count,
                struct text *out);

#endif
