/*
 * One call of each function that times the probes of `--watch`, from any state that its invariant allows.
 */
#include "init/watch.c"

#include "lib/duration.c"
#include "lib/text.c"
#include "prove/prove.h"

static bool is_span(int64_t ns)
{
    return ns >= 0 && ns <= longest;
}

static bool is_time(int64_t at)
{
    return at >= 0 && at <= INT64_MAX - 2 * longest;
}

static struct init_conf any_watched(void)
{
    struct init_conf conf;

    assume(is_span(conf.watch_interval) && is_span(conf.watch_timeout) && is_span(conf.watch_start_period));
    assume(conf.watch_retries > 0);
    return conf;
}

/* A probe that runs has a deadline until it is killed. Where none runs, the next one has, until the watch has ended. */
static bool invariant(const struct watch *watch)
{
    bool never = watch->deadline == TIME_NEVER;

    return watch->deadline >= 0 && watch->start_period_end >= 0 && implies(!watch->running, never == watch->ended);
}

static struct watch any_watch(const struct init_conf *conf)
{
    struct watch watch;

    watch.conf = conf;
    watch.running = nondet_bool();
    watch.started = nondet_bool();
    watch.ended = nondet_bool();
    assume(invariant(&watch));
    return watch;
}

/*
 * PROVES   Where `--watch` is given, the first state satisfies the invariant: a probe is due an interval after the
 *          start. Where it is not, none ever is.
 * FOR      any configuration
 * BREAKS   init/watch.c: conf->watch_target ? time_add(now, conf->watch_interval) : TIME_NEVER, => time_add(now,
 *          conf->watch_interval),
 */
void proof_start(void)
{
    struct init_conf conf = any_watched();
    struct watch watch;
    int64_t now;

    assume(is_time(now));
    watch_start(&watch, &conf, now);
    prove(watch.deadline == (conf.watch_target ? now + conf.watch_interval : TIME_NEVER),
          "when the first probe is due");
    prove(implies(conf.watch_target, invariant(&watch)), "the invariant holds at the start");
    prove(!watch.running && watch.failures == 0, "nothing runs, and nothing has failed");
}

/*
 * PROVES   One probe runs at a time. One that hangs is killed once, and not before its timeout; none is started
 *          after the end.
 * FOR      any configuration, state and time
 * ASSUMES  what is due is told when its time has come: system/init/test_watch.c:
 *          a_probe_that_hangs_is_a_failure_and_is_killed_and_reaped
 * BREAKS   init/watch.c: watch->deadline = TIME_NEVER; return WATCH_KILL; => return WATCH_KILL;
 * BREAKS   init/watch.c: watch->conf->watch_timeout + PROBE_PATIENCE => PROBE_PATIENCE
 * BREAKS   init/watch.c: watch->deadline = watch->ended ? TIME_NEVER : time_add => watch->deadline = time_add
 */
void proof_due(void)
{
    struct init_conf conf = any_watched();
    struct watch before = any_watch(&conf), watch = before;
    int64_t now, later;

    assume(is_time(now) && now >= before.deadline);
    enum watch_action action = watch_due(&watch, now);
    prove(invariant(&watch), "the invariant still holds");
    prove((action == WATCH_KILL) == before.running && (action == WATCH_START) == !before.running,
          "one probe at a time");
    prove(watch.running && watch.ended == before.ended && watch.failures == before.failures, "nothing else changes");
    prove(implies(action == WATCH_KILL, watch.deadline == TIME_NEVER), "it is killed once");
    prove(implies(action == WATCH_START, watch.deadline >= now + conf.watch_timeout), "it has its time");
    prove(implies(before.ended, action == WATCH_KILL), "none is started after the end");
    assume(is_time(later));
    watch_end(&before);
    prove(invariant(&before), "the end keeps the invariant");
    watch_probed(&watch, false, later);
    prove(invariant(&watch), "and so does the end of a probe");
}

/*
 * PROVES   COMMAND is given up exactly where as many probes in a row have failed as `--watch-retries` says: none
 *          counts in the start period, nor after the end, and one that passes makes them begin anew.
 * FOR      any configuration, state and time
 * BREAKS   init/watch.c: !watch->started && now < watch->start_period_end => now < watch->start_period_end
 * BREAKS   init/watch.c: watch->failures = 0; =>
 * BREAKS   init/watch.c: ++watch->failures < watch->conf->watch_retries => ++watch->failures <=
 *          watch->conf->watch_retries
 */
void proof_verdict(void)
{
    struct init_conf conf = any_watched();
    struct watch before = any_watch(&conf), watch = before;
    bool healthy = nondet_bool();
    int64_t now;

    assume(is_time(now) && before.failures < conf.watch_retries);
    enum watch_action action = watch_probed(&watch, healthy, now);
    bool counts = !healthy && !before.ended && (before.started || now >= before.start_period_end);
    prove(action == (counts && before.failures + 1 == conf.watch_retries ? WATCH_UNHEALTHY : WATCH_NOTHING),
          "the verdict is that of the failures in a row");
    prove(watch.failures == (counts                     ? before.failures + 1
                             : healthy && !before.ended ? 0
                                                        : before.failures),
          "what counts is counted");
    prove(!watch.running && implies(!before.ended, watch.deadline == now + conf.watch_interval),
          "the next probe comes an interval after this one has ended");
    prove(implies(before.started, watch.started), "the start period comes once");
}
