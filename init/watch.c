/* The timing of the probes of --watch. */
#include "init/watch.h"

#include "pith/duration.h"

/* A probe ends by itself at --watch-timeout. One that still runs this much later hangs and is killed. */
#define PROBE_PATIENCE (500 * NS_PER_MS)

void watch_start(struct watch *watch, const struct init_conf *conf, int64_t now)
{
    *watch = (struct watch){
        .conf = conf,
        .deadline = conf->watch_target ? time_add(now, conf->watch_interval) : TIME_NEVER,
        .start_period_end = time_add(now, conf->watch_start_period),
    };
}

enum watch_action watch_due(struct watch *watch, int64_t now)
{
    if (watch->running) {
        watch->deadline = TIME_NEVER;
        return WATCH_KILL;
    }
    watch->running = true;
    watch->deadline = time_add(now, watch->conf->watch_timeout + PROBE_PATIENCE);
    return WATCH_START;
}

enum watch_action watch_probed(struct watch *watch, bool healthy, int64_t now)
{
    watch->running = false;
    watch->deadline = watch->ended ? TIME_NEVER : time_add(now, watch->conf->watch_interval);
    if (watch->ended)
        return WATCH_NOTHING;
    if (healthy) {
        watch->started = true;
        watch->failures = 0;
        return WATCH_NOTHING;
    }
    if (!watch->started && now < watch->start_period_end)
        return WATCH_NOTHING;
    return ++watch->failures < watch->conf->watch_retries ? WATCH_NOTHING : WATCH_UNHEALTHY;
}

void watch_end(struct watch *watch)
{
    watch->ended = true;
    if (!watch->running)
        watch->deadline = TIME_NEVER;
}
