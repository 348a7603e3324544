/* Several probes at the same time, a thread each, none of which can hold the others up. */
#ifndef HEALTHCHECK_WORKERS_H
#define HEALTHCHECK_WORKERS_H

#include "healthcheck/conf.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

/*
 * Runs COUNT probes from START and fills RESULTS no later than DEADLINE (plus a moment's grace): a thread that is
 * stuck, as in a look-up, is given up and its result names the phase. With conf->any it is over with the first healthy
 * one. CONF must live as long as the process.
 */
void workers_run(const struct check_conf *conf, const struct target *targets, struct result *results, size_t count,
                 int64_t start, int64_t deadline);

#endif
