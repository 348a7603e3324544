/*
 * One step of the supervisor, from any state that its invariant allows, with any configuration and any event. As the
 * first state is one of these, and as each step leads to one of these, what holds for one step holds for every run,
 * however long.
 */
#include "init/supervisor.c"

#include "init/conf.c"
#include "lib/exitcode.c"
#include "prove/prove.h"

/* Ten years, the longest that an option takes (duration_parse); the clock counts from the start of the machine. */
#define LONGEST (INT64_C(3650) * 24 * 3600 * NS_PER_S)

int64_t time_add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? TIME_NEVER : sum;
}

static bool is_span(int64_t ns)
{
    return ns >= 0 && ns <= LONGEST;
}

static bool is_time(int64_t at)
{
    return at >= 0 && at <= INT64_MAX - 2 * LONGEST;
}

static bool is_deadline(int64_t at)
{
    return at >= 0 && at < TIME_NEVER;
}

static bool is_signal(int signal)
{
    return signal > 0 && signal < SIGNAL_COUNT;
}

/* Whether wait4(2) tells so of a process that has ended. */
static bool is_end(int wait_status)
{
    return wait_status >= 0 && wait_status <= UINT16_MAX && (wait_status & 0x7f) != 0x7f;
}

static struct init_conf any_conf(void)
{
    struct init_conf conf;

    conf.cleans = nondet_bool();
    conf.has_steps = nondet_bool();
    conf.new_session = nondet_bool();
    assume(is_span(conf.grace) && is_span(conf.stop_timeout) && is_span(conf.stop_delay) && is_span(conf.run_timeout));
    assume(conf.has_steps || conf.process_count == 0);
    for (int signal = 0; signal < SIGNAL_COUNT; signal++)
        assume(conf.rewrite[signal] == REWRITE_DROP || conf.rewrite[signal] == 0 || is_signal(conf.rewrite[signal]));
    return conf;
}

/* Whether there is a process for a signal to go to: COMMAND, or the step that runs. */
static bool has_process(enum state state)
{
    return state == STATE_STARTING || state == STATE_RUNNING || state == STATE_DRAINING || state == STATE_STOPPING;
}

/* What the supervisor has in each state. */
static bool invariant(const struct supervisor *s)
{
    bool pending = s->state == STATE_READY || s->state == STATE_STARTING;
    bool waits = s->state == STATE_DRAINING || s->state == STATE_CLEANING || s->state == STATE_KILLING;
    bool never =
        s->state == STATE_STARTING || s->state == STATE_RUNNING || s->state == STATE_PAUSING || s->state == STATE_ENDED;

    return s->state >= 0 && s->state < STATE_COUNT && s->reason <= REASON_BEFORE &&
           s->steps <= s->conf->process_count && implies(pending, s->before && s->conf->has_steps) &&
           implies(s->state == STATE_READY, s->deadline == AT_ONCE) && implies(waits, is_deadline(s->deadline)) &&
           implies(never, s->deadline == TIME_NEVER) && s->deadline >= 0 && s->run_deadline >= 0 &&
           implies(s->before || !has_process(s->state), s->run_deadline == TIME_NEVER) &&
           implies(s->state == STATE_RUNNING || s->state == STATE_DRAINING || s->state == STATE_PAUSING, !s->before) &&
           implies(s->killed, s->state >= STATE_STOPPING && s->state != STATE_PAUSING) &&
           implies(s->state == STATE_STOPPING && s->killed, s->deadline == TIME_NEVER) &&
           implies(s->state == STATE_STOPPING && s->conf->stop_timeout > 0 && !s->killed, s->deadline != TIME_NEVER) &&
           implies(s->state == STATE_STOPPING, s->reason != REASON_EXITED && s->reason != REASON_BEFORE) &&
           implies(s->state == STATE_DRAINING || (s->before && s->state == STATE_STOPPING), is_signal(s->held)) &&
           implies(s->state == STATE_CLEANING || s->state == STATE_KILLING, s->conf->cleans) &&
           implies(s->state < STATE_STOPPING, s->reason == REASON_EXITED) &&
           implies(s->state == STATE_PAUSING, s->conf->task == TASK_PAUSE) && is_end(s->wait_status);
}

/* What one step is proved of: before, after, and what it asks for. */
struct scene {
    struct init_conf conf;
    struct supervisor before;
    struct supervisor after;
    struct event event;
    unsigned actions;
};

static void any_step(struct scene *scene)
{
    struct supervisor s;
    struct event event;

    scene->conf = any_conf();
    s.conf = &scene->conf;
    s.alone = nondet_bool();
    s.suspended = nondet_bool();
    s.meant = nondet_bool();
    s.before = nondet_bool();
    s.killed = nondet_bool();
    event.suspend = nondet_bool();
    assume(invariant(&s));
    assume(event.kind >= 0 && event.kind < EVENT_COUNT && is_time(event.now));
    assume(implies(event.kind == EVENT_SIGNAL || event.kind == EVENT_STOP, is_signal(event.signal)));
    assume(implies(event.kind == EVENT_EXITED, is_end(event.wait_status)));
    assume(implies(event.kind == EVENT_DEADLINE, event.now >= s.deadline));
    assume(implies(event.kind == EVENT_OVERRUN, event.now >= s.run_deadline));
    scene->before = s;
    scene->event = event;
    scene->actions = supervisor_step(&s, &event);
    scene->after = s;
}

/*
 * PROVES   The first state satisfies the invariant, whatever is configured.
 * FOR      any configuration
 * BREAKS   init/supervisor.c: supervisor->before = false; => supervisor->before = true;
 */
void proof_start(void)
{
    struct init_conf conf = any_conf();
    struct supervisor s = { 0 };
    int64_t now;

    assume(is_time(now));
    supervisor_start(&s, &conf, nondet_bool(), now);
    prove(invariant(&s), "the invariant holds at the start");
    prove(s.state == STATE_READY || s.state == STATE_RUNNING || s.state == STATE_PAUSING,
          "it is one of the first states");
    prove(implies(conf.has_steps, s.state == STATE_READY), "COMMAND does not start before its steps");
}

/*
 * PROVES   Each step leads to a state that satisfies the invariant.
 * FOR      any configuration, state and event
 * ASSUMES  DEADLINE and OVERRUN come only when they are due: system/init/test_stopping.c:
 *          a_stop_signal_is_held_back_for_the_delay
 * BREAKS   init/supervisor.c: supervisor->killed = true; supervisor->signal = SIGKILL; supervisor->deadline =
 *          TIME_NEVER; => supervisor->killed = true;
 */
void proof_invariant(void)
{
    struct scene scene;

    any_step(&scene);
    prove(invariant(&scene.after), "the invariant still holds");
}

/*
 * PROVES   COMMAND's status is never lost: its exit is what is reported, at once or after the processes that are
 *          left have ended.
 * FOR      any configuration, state and event; the exit may even be told twice
 * BREAKS   init/supervisor.c: supervisor->before && event->wait_status == 0 ? supervisor->held =>
 *          event->wait_status == 0 ? supervisor->held
 * BREAKS   init/supervisor.c: [STATE_DRAINING] = { forward, stop_now, exited, => [STATE_DRAINING] = { forward,
 *          stop_now, nothing,
 */
void proof_status_is_kept(void)
{
    struct scene scene;
    int status;

    any_step(&scene);
    const struct supervisor *before = &scene.before, *after = &scene.after;
    bool runs = has_process(before->state) && !before->before;
    if (runs && scene.event.kind == EVENT_EXITED) {
        prove(after->wait_status == scene.event.wait_status, "the status of COMMAND is taken");
        prove(after->state == STATE_ENDED || after->state == STATE_CLEANING || after->state == STATE_KILLING,
              "COMMAND's end is the end");
    } else if (runs) {
        prove(has_process(after->state) && !after->before, "nothing but COMMAND's exit is taken for it");
    }
    if (!has_process(before->state) && before->state != STATE_READY) {
        prove(after->wait_status == before->wait_status, "the status is not overwritten");
        prove(after->reason == before->reason, "nor is why COMMAND has ended");
        prove(after->before == before->before, "nor whether it ever ran");
    }
    status = exitcode_from_wait(after->wait_status);
    if (after->state == STATE_ENDED && !after->before && after->reason <= REASON_STOPPED)
        prove(supervisor_status(after) == conf_map_status(&scene.conf, status), "init exits with COMMAND's status");
}

/*
 * PROVES   Nothing is forwarded, stopped, resumed or suspended when there is no process of init's to signal, nor
 *          once COMMAND is gone.
 * FOR      any configuration, state and event
 * BREAKS   init/supervisor.c: return ACTION_SIGNAL_LEFT; } => return ACTION_FORWARD; }
 */
void proof_nothing_goes_to_the_dead(void)
{
    enum { TO_COMMAND = ACTION_FORWARD | ACTION_STOP | ACTION_SUSPEND | ACTION_RESUME };
    struct scene scene;

    any_step(&scene);
    bool gone = !has_process(scene.before.state) || scene.event.kind == EVENT_EXITED;
    prove(implies(gone, (scene.actions & TO_COMMAND) == 0), "nothing is sent to who is gone");
    prove(implies(scene.actions & TO_COMMAND, has_process(scene.after.state)),
          "nor is who gets something taken for gone");
    prove(implies(scene.after.alone, !(scene.actions & ACTION_SUSPEND)), "PID 1 does not stop itself");
}

/*
 * PROVES   What COMMAND leaves behind is signalled only when COMMAND is gone, and only with --grace.
 * FOR      any configuration, state and event
 * BREAKS   init/supervisor.c: if (!supervisor->conf->cleans) return end(supervisor, event); => if
 *          (!supervisor->conf->cleans && supervisor->before) return end(supervisor, event);
 */
void proof_what_is_left(void)
{
    enum { TO_LEFT = ACTION_ASK_LEFT | ACTION_SIGNAL_LEFT };
    struct scene scene;

    any_step(&scene);
    if ((scene.actions & TO_LEFT) == 0)
        return;
    prove(scene.conf.cleans, "--grace was given");
    prove(!has_process(scene.after.state) && scene.after.state != STATE_READY, "no process of init's runs any more");
    prove(!has_process(scene.before.state) || scene.event.kind == EVENT_EXITED,
          "none ran before, or it has just ended");
    prove(scene.after.state == STATE_CLEANING || scene.after.state == STATE_KILLING, "init waits for them to end");
    prove(implies(scene.actions & ACTION_ASK_LEFT, scene.after.signal == SIGTERM), "they are first asked by TERM");
}

/*
 * PROVES   No deadline is put off: while a state lasts its deadline may come nearer, and passes only by coming. The
 *          same holds for --run-timeout.
 * FOR      any configuration, state and event
 * ASSUMES  DEADLINE and OVERRUN come only when they are due: system/init/test_stopping.c:
 *          a_stop_signal_is_held_back_for_the_delay
 * BREAKS   init/supervisor.c: stop_again, exited, => stop_now, exited,
 * BREAKS   init/supervisor.c: return supervisor->deadline == TIME_NEVER && !supervisor->killed ? => return
 *          !supervisor->killed ?
 */
void proof_no_deadline_is_put_off(void)
{
    struct scene scene;

    any_step(&scene);
    const struct supervisor *before = &scene.before, *after = &scene.after;
    bool due = scene.event.kind == EVENT_DEADLINE, gone = !has_process(after->state);
    if (after->state == before->state)
        prove(after->deadline <= before->deadline || due, "the deadline of a state is not put off");
    if (!before->before && !gone)
        prove(after->run_deadline == before->run_deadline ||
                  (after->run_deadline == TIME_NEVER && after->state == STATE_STOPPING &&
                   (scene.event.kind == EVENT_OVERRUN || after->deadline != TIME_NEVER)),
              "--run-timeout stands until it comes, or until COMMAND is stopped with a deadline");
}

/*
 * PROVES   States never go back. Only a step that has passed leads back, to the next one; there is one fewer of
 *          these with each start.
 * FOR      any configuration, state and event
 * BREAKS   init/supervisor.c: [STATE_KILLING] = { nothing, nothing, => [STATE_KILLING] = { nothing, stop,
 * BREAKS   init/supervisor.c: supervisor->steps--; => supervisor->steps -= event->wait_status == 0;
 */
void proof_states_never_go_back(void)
{
    struct scene scene;

    any_step(&scene);
    const struct supervisor *before = &scene.before, *after = &scene.after;
    bool passed = before->state == STATE_STARTING && scene.event.kind == EVENT_EXITED && scene.event.wait_status == 0;
    prove(after->state >= before->state || (passed && after->state == STATE_READY), "no state goes back");
    prove(implies(after->state == STATE_PAUSING, before->state == STATE_READY || before->state == STATE_PAUSING),
          "nothing but the start leads to --pause");
    bool starts = scene.actions & ACTION_START;
    prove(implies(starts, before->state == STATE_READY && scene.event.kind == EVENT_DEADLINE),
          "starts come one at a time");
    prove(after->steps == before->steps - (starts && after->before), "each step is started once");
    prove(implies(starts && !after->before, before->steps == 0), "COMMAND is started after all of them");
    prove(implies(before->before && scene.event.kind == EVENT_EXITED && scene.event.wait_status != 0,
                  after->state >= STATE_CLEANING),
          "a step that fails is the end");
    prove(implies(!before->before, !after->before), "COMMAND is not started twice");
}

/* How far a state is from the end: the number of deadlines that can still come, doubled or more. */
static uint64_t rank(const struct supervisor *s)
{
    bool runs = s->run_deadline != TIME_NEVER;

    switch (s->state) {
    case STATE_READY:
        return 20 + 4 * (uint64_t)s->steps;
    case STATE_STARTING:
        return 22 + 4 * (uint64_t)s->steps;
    case STATE_RUNNING:
        return 14 + runs;
    case STATE_DRAINING:
        return 12 + runs;
    case STATE_STOPPING:
        return 8 + 2 * !s->killed + runs;
    case STATE_CLEANING:
        return 4;
    case STATE_KILLING:
        return 3;
    case STATE_PAUSING:
        return 1;
    default:
        return 0;
    }
}

/*
 * PROVES   Each deadline that comes brings init nearer to its end, and no event takes it further away: so every
 *          path on which deadlines come ends.
 * FOR      any configuration, state and event; up to 2^32 steps
 * ASSUMES  a deadline that has passed is told: system/init/test_stopping.c:
 *          a_command_that_outlives_the_stop_timeout_is_killed
 * BREAKS   init/supervisor.c: end, end, nothing, nothing }, => end, nothing, nothing, nothing },
 * BREAKS   init/supervisor.c: supervisor->run_deadline = TIME_NEVER; return supervisor->deadline == TIME_NEVER =>
 *          return supervisor->deadline == TIME_NEVER
 */
void proof_each_deadline_leads_on(void)
{
    struct scene scene;

    any_step(&scene);
    assume(scene.conf.process_count <= UINT32_MAX);
    prove(rank(&scene.after) <= rank(&scene.before), "no event leads further away from the end");
    if (supervisor_due(&scene.before, scene.event.now) == scene.event.kind)
        prove(rank(&scene.after) < rank(&scene.before), "what is due leads on");
    prove(implies(supervisor_due(&scene.before, scene.event.now) == EVENT_DEADLINE,
                  scene.event.now >= scene.before.deadline),
          "nothing is due before its time");
    prove(implies(supervisor_deadline(&scene.before) <= scene.event.now,
                  supervisor_due(&scene.before, scene.event.now) != EVENT_COUNT),
          "what is waited for is what is due");
}

/*
 * PROVES   What is sent is what was asked for: the signal that came, the one held back, TERM as it is rewritten, or
 *          KILL after a deadline.
 * FOR      any configuration, state and event
 * ASSUMES  DEADLINE and OVERRUN come only when they are due: system/init/test_stopping.c:
 *          a_stop_signal_is_held_back_for_the_delay
 * BREAKS   init/supervisor.c: held.signal = supervisor->held; => held.signal = supervisor->signal;
 */
void proof_what_is_sent(void)
{
    struct scene scene;

    any_step(&scene);
    const struct supervisor *before = &scene.before, *after = &scene.after;
    if ((scene.actions & ACTION_FORWARD) == 0)
        return;
    switch (scene.event.kind) {
    case EVENT_SIGNAL:
    case EVENT_STOP:
        prove(after->signal == scene.event.signal, "what came is forwarded");
        break;
    case EVENT_DEADLINE:
        prove(after->signal == (before->state == STATE_DRAINING ? before->held : SIGKILL),
              "the one held back, or KILL");
        break;
    default:
        prove(after->signal == conf_rewrite(&scene.conf, SIGTERM), "TERM, rewritten");
        prove(after->reason == REASON_RUN_TIMEOUT || after->reason == REASON_WATCH, "with the reason in the status");
        break;
    }
    prove(implies(after->killed && !before->killed, scene.event.now >= before->deadline), "KILL does not come early");
}
