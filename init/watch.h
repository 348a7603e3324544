/*
 * --watch: decides when to probe COMMAND and when to give it up. Pure: it makes no system call, and the caller says
 * what time it is. The timings are those of Docker's HEALTHCHECK.
 */
#ifndef INIT_WATCH_H
#define INIT_WATCH_H

#include "init/conf.h"

#include <stdbool.h>
#include <stdint.h>

enum watch_action { WATCH_NOTHING, WATCH_START, WATCH_KILL, WATCH_UNHEALTHY };

struct watch {
    const struct init_conf *conf;
    int64_t deadline; /* of the next action; TIME_NEVER: none */
    int64_t start_period_end;
    unsigned failures; /* in a row, that count */
    bool running;      /* a probe runs */
    bool started;      /* a probe has passed, which ends the start period */
    bool ended;        /* no further probe is to be started */
};

/* Sets *WATCH up at time NOW, CLOCK_MONOTONIC in ns. Without --watch its deadline is TIME_NEVER. */
void watch_start(struct watch *watch, const struct init_conf *conf, int64_t now);

/* What to do when the deadline has come: WATCH_START a probe, or WATCH_KILL the one that hangs. */
enum watch_action watch_due(struct watch *watch, int64_t now);

/*
 * A probe has ended, or could not be started (HEALTHY is false then). WATCH_UNHEALTHY after --watch-retries failures in
 * a row, WATCH_NOTHING else. Failures in the start period do not count.
 */
enum watch_action watch_probed(struct watch *watch, bool healthy, int64_t now);

/* COMMAND stops or has ended: no further probe is started. A probe that runs keeps its deadline. */
void watch_end(struct watch *watch);

#endif
