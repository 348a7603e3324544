/* Several plain probes at once on one thread, as long as none of them keeps another one waiting. */
#ifndef HEALTHCHECK_TOGETHER_H
#define HEALTHCHECK_TOGETHER_H

#include "healthcheck/conf.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>

/* What became of a target. */
struct start {
    bool done;          /* its result is there */
    struct probe probe; /* where not: connected, and the request is sent, or not begun (conn.fd is -1) */
};

/*
 * Begins a probe of each of COUNT targets, whose kinds are http, tcp and unix or http over a Unix socket, which need no
 * look-up, and of whose answers no more than the head is looked at. Then ends them in the order of their answers.
 * START and DEADLINE are CLOCK_MONOTONIC in ns.
 *
 * True: all RESULTS are there, with conf->any as soon as one target is healthy. False: a connection is not made at
 * once, or an answer comes in pieces, so that one target would keep the others waiting. STARTS then say what is left to
 * workers_run, which takes them over.
 */
bool together_run(const struct check_conf *conf, const struct target *targets, struct result *results, size_t count,
                  int64_t start, int64_t deadline, struct start starts[]);

#endif
