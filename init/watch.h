/* --watch: when to probe COMMAND and when to give it up. Pure. */
#ifndef INIT_WATCH_H
#define INIT_WATCH_H

#include "init/options.h"

#include <stdbool.h>
#include <stdint.h>

enum watch_action { WATCH_NOTHING, WATCH_START, WATCH_KILL, WATCH_UNHEALTHY };

struct watch {
    const struct init_conf *conf;
    int64_t deadline; /* of the next action; TIME_NEVER: none */
    int64_t start_period_end;
    unsigned failures; /* in a row */
    bool running;      /* a probe is on its way */
    bool started;      /* a probe has passed: the start period is over */
    bool ended;        /* no further probe is wanted */
};

/* Sets *WATCH up; without --watch its deadline is never. */
void watch_start(struct watch *watch, const struct init_conf *conf, int64_t now);

/* The deadline has come: start a probe, or kill the one that hangs. */
enum watch_action watch_due(struct watch *watch, int64_t now);

/* The probe has ended, or could not be started (HEALTHY false): nothing to do, or COMMAND is given up. */
enum watch_action watch_probed(struct watch *watch, bool healthy, int64_t now);

/* No more probes: COMMAND stops or has ended. One that runs keeps its deadline. */
void watch_end(struct watch *watch);

#endif
