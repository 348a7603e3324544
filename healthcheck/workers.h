/* Several probes at once, each on a thread of its own, so that none holds up the others. */
#ifndef HEALTHCHECK_WORKERS_H
#define HEALTHCHECK_WORKERS_H

#include "healthcheck/conf.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"
#include "healthcheck/together.h"

/*
 * Probes COUNT targets and fills RESULTS. START and DEADLINE are CLOCK_MONOTONIC in ns; it returns 30 ms after the
 * deadline at the latest, and with conf->any as soon as one target is healthy. A thread that is stuck by then is given
 * up, and its result names the phase. STARTS, which may be NULL, are what together_run has left. CONF must live as long
 * as the process, as such threads go on reading it.
 */
void workers_run(const struct check_conf *conf, const struct target *targets, struct result *results, size_t count,
                 int64_t start, int64_t deadline, struct start *starts);

/* Frees what ended tries have left: threads that are stuck alone stay. For a long pause between tries. */
void workers_sweep(void);

#endif
