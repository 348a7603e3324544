/* The report on stdout: a line of text or of JSON for each target, 4095 bytes in all at most. */
#ifndef HEALTHCHECK_REPORT_H
#define HEALTHCHECK_REPORT_H

#include "healthcheck/conf.h"
#include "healthcheck/hint/hint.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

enum { REPORT_MAX = 4095 }; /* bytes: Docker keeps 4096 of a probe's output */

/*
 * Puts the report into OUT, which is empty and has room for REPORT_MAX bytes. HINTS, which may be NULL, are those of
 * what failed. Where that is too little, hints that were told before are left out, then all of them, then the times,
 * then the addresses; at last targets and reasons are cut. The report is UTF-8 (RFC 3629) without control
 * characters; with --output json it is one JSON object a line (RFC 8259), which stays valid when it is cut. Pure.
 */
void report_put(const struct check_conf *conf, const struct target *targets, const struct result *results, size_t count,
                const struct hints *hints, struct text *out);

#endif
