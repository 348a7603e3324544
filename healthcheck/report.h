/* Tells the results: a line of text or of JSON for each target, all together under 4096 bytes. */
#ifndef HEALTHCHECK_REPORT_H
#define HEALTHCHECK_REPORT_H

#include "healthcheck/conf.h"
#include "healthcheck/result.h"
#include "healthcheck/target.h"

enum { REPORT_MAX = 4095 }; /* bytes: Docker keeps 4096 of a probe's output */


/* Puts the report into OUT, whose size is at least REPORT_MAX. Pure. */
void report_put(const struct check_conf *conf, const struct target *targets, const struct result *results, size_t count,
                struct text *out);

#endif
