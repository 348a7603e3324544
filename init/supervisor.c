/*
 * The state x event table of init: one function for each cell that does something. A function may change the supervisor
 * and returns the actions that loop.c carries out. To follow init by reading, start at `table` below.
 */
#include "init/supervisor.h"

#include "init/features.h"
#include "pith/duration.h"
#include "pith/exitcode.h"
#include "pith/layout.h"

#include <sys/wait.h>

typedef unsigned cell(struct supervisor *supervisor, const struct event *event);

static int64_t deadline_after(const struct event *event, int64_t span)
{
    return time_add(event->now, span);
}

/* The deadline of a state that does not wait. */
enum { AT_ONCE = 0 };

/* COMMAND runs from now on, or with --pause nothing does. */
static inline __attribute__((always_inline)) void begin(struct supervisor *supervisor, int64_t now)
{
    const struct init_conf *conf = supervisor->conf;
    bool pause = conf->task == TASK_PAUSE;

    supervisor->before = false;
    supervisor->deadline = TIME_NEVER;
    supervisor->state = pause ? STATE_PAUSING : STATE_RUNNING;
    supervisor->run_deadline = conf->run_timeout && !pause ? time_add(now, conf->run_timeout) : TIME_NEVER;
}

static unsigned nothing(struct supervisor *supervisor, const struct event *event)
{
    (void)supervisor;
    (void)event;
    return 0;
}

/* A CONT ends what was meant: where COMMAND is suspended again by then, wait4(2) does not tell that it was resumed. */
static HOT unsigned forward(struct supervisor *supervisor, const struct event *event)
{
    supervisor->signal = event->signal;
    if (signal_is_job_control(event->signal))
        supervisor->meant = event->signal != SIGCONT;
    return ACTION_FORWARD | (event->suspend && !supervisor->alone ? ACTION_SUSPEND : 0);
}

/*
 * COMMAND was stopped. An ordinary init stops beside it, and the shell that resumes init resumes both. PID 1 has no
 * shell above it: it resumes what the terminal suspended (TSTP, TTIN, TTOU), but neither a STOP, which whoever sent it
 * can undo, nor a suspension that was sent through init.
 */
static unsigned suspended(struct supervisor *supervisor, const struct event *event)
{
    supervisor->suspended = true;
    if (!supervisor->alone)
        return ACTION_SUSPEND;
    return signal_is_suspend(WSTOPSIG(event->wait_status)) && !supervisor->meant ? ACTION_RESUME : 0;
}

static unsigned resumed(struct supervisor *supervisor, const struct event *event)
{
    (void)event;
    supervisor->suspended = supervisor->meant = false;
    return 0;
}

static unsigned enter_stopping(struct supervisor *supervisor, int64_t deadline)
{
    supervisor->state = STATE_STOPPING;
    supervisor->deadline = deadline;
    return ACTION_NAME | ACTION_FORWARD | ACTION_STOP;
}

static unsigned stop_now(struct supervisor *supervisor, const struct event *event)
{
    int64_t timeout = supervisor->conf->stop_timeout;

    supervisor->reason = REASON_STOPPED;
    supervisor->signal = event->signal;
    return enter_stopping(supervisor, timeout ? deadline_after(event, timeout) : TIME_NEVER);
}

/* A further stop signal is forwarded. It does not start --stop-timeout anew. */
static unsigned stop_again(struct supervisor *supervisor, const struct event *event)
{
    supervisor->signal = event->signal;
    return ACTION_FORWARD | ACTION_STOP;
}

static unsigned stop(struct supervisor *supervisor, const struct event *event)
{
    if (supervisor->conf->stop_delay == 0)
        return stop_now(supervisor, event);
    supervisor->state = STATE_DRAINING;
    supervisor->held = event->signal;
    supervisor->deadline = deadline_after(event, supervisor->conf->stop_delay);
    return ACTION_NAME;
}

static unsigned delay_over(struct supervisor *supervisor, const struct event *event)
{
    struct event held = *event;

    held.signal = supervisor->held;
    return stop_now(supervisor, &held);
}

/* init itself stops COMMAND: TERM through the rewrites, without --stop-delay, and KILL after a timeout in any case. */
static unsigned own_stop(struct supervisor *supervisor, const struct event *event)
{
    int64_t timeout = supervisor->conf->stop_timeout ? supervisor->conf->stop_timeout : OWN_STOP_TIMEOUT;

    supervisor->reason = event->kind == EVENT_OVERRUN ? REASON_RUN_TIMEOUT : REASON_WATCH;
    supervisor->run_deadline = TIME_NEVER;
    supervisor->signal = conf_rewrite(supervisor->conf, SIGTERM);
    return enter_stopping(supervisor, deadline_after(event, timeout)) | ACTION_TELL;
}

/* The run timeout passes while COMMAND stops. A stop without a deadline becomes one with a deadline. */
static unsigned overrun_stopping(struct supervisor *supervisor, const struct event *event)
{
    supervisor->run_deadline = TIME_NEVER;
    return supervisor->deadline == TIME_NEVER && !supervisor->killed ? own_stop(supervisor, event) : 0;
}

static unsigned kill_command(struct supervisor *supervisor, const struct event *event)
{
    (void)event;
    supervisor->killed = true;
    supervisor->signal = SIGKILL;
    supervisor->deadline = TIME_NEVER;
    return ACTION_FORWARD | ACTION_TELL;
}

static unsigned kill_left(struct supervisor *supervisor, const struct event *event)
{
    supervisor->state = STATE_KILLING;
    supervisor->signal = SIGKILL;
    supervisor->deadline = deadline_after(event, KILL_PATIENCE);
    return ACTION_NAME | ACTION_SIGNAL_LEFT | ACTION_TELL;
}

static unsigned end(struct supervisor *supervisor, const struct event *event)
{
    (void)event;
    supervisor->state = STATE_ENDED;
    supervisor->deadline = TIME_NEVER;
    return 0;
}

/* COMMAND is gone, or will not be started: what is left is ended where --grace says so. */
static inline __attribute__((always_inline)) unsigned gone(struct supervisor *supervisor, const struct event *event)
{
    supervisor->run_deadline = TIME_NEVER;
    if (!supervisor->conf->cleans)
        return end(supervisor, event);
    if (supervisor->conf->grace == 0)
        return kill_left(supervisor, event);
    supervisor->state = STATE_CLEANING;
    supervisor->signal = SIGTERM;
    supervisor->deadline = deadline_after(event, supervisor->conf->grace);
    return ACTION_NAME | ACTION_ASK_LEFT;
}

/* A step that exits with 0 after a stop signal: init's status shall say that COMMAND never ran, as if by that signal.
 */
static HOT unsigned exited(struct supervisor *supervisor, const struct event *event)
{
    supervisor->wait_status = supervisor->before && event->wait_status == 0 ? supervisor->held : event->wait_status;
    return gone(supervisor, event);
}

/* --- before COMMAND ---------------------------------------------------------------------------- */

#if PITH_STEPS

static unsigned start_next(struct supervisor *supervisor, const struct event *event)
{
    supervisor->deadline = TIME_NEVER;
    supervisor->suspended = supervisor->meant = false;
    if (supervisor->steps == 0) {
        begin(supervisor, event->now);
        return ACTION_NAME | ACTION_START;
    }
    supervisor->steps--;
    supervisor->state = STATE_STARTING;
    return ACTION_START;
}

/* A stop signal while no step runs. */
static unsigned stop_ready(struct supervisor *supervisor, const struct event *event)
{
    supervisor->reason = REASON_STOPPED;
    supervisor->wait_status = event->signal;
    return gone(supervisor, event);
}

/* No --stop-delay: nobody talks to a COMMAND that does not run yet. */
static unsigned stop_step(struct supervisor *supervisor, const struct event *event)
{
    supervisor->held = event->signal;
    return stop_now(supervisor, event);
}

static unsigned step_exited(struct supervisor *supervisor, const struct event *event)
{
    if (event->wait_status == 0) {
        supervisor->state = STATE_READY;
        supervisor->deadline = AT_ONCE;
        return 0;
    }
    supervisor->reason = REASON_BEFORE;
    return exited(supervisor, event) | ACTION_TELL;
}

#endif

/* COMMAND has exited: a further stop signal goes to the processes that it left behind. */
static unsigned signal_left(struct supervisor *supervisor, const struct event *event)
{
    supervisor->signal = event->signal;
    return ACTION_SIGNAL_LEFT;
}

/* clang-format off */
static HOT_TABLE cell *const table[STATE_COUNT][EVENT_COUNT] = {
    /*                   SIGNAL   STOP         EXITED       SUSPENDED  RESUMED  NONE_LEFT DEADLINE      OVERRUN           UNHEALTHY */
#if PITH_STEPS
    [STATE_READY]    = { nothing, stop_ready,  step_exited, nothing,   nothing, nothing,  start_next,   nothing,          nothing },
    [STATE_STARTING] = { forward, stop_step,   step_exited, suspended, resumed, nothing,  nothing,      nothing,          nothing },
#endif
    [STATE_RUNNING]  = { forward, stop,        exited,      suspended, resumed, nothing,  nothing,      own_stop,         own_stop },
    [STATE_DRAINING] = { forward, stop_now,    exited,      suspended, resumed, nothing,  delay_over,   own_stop,         nothing },
    [STATE_STOPPING] = { forward, stop_again,  exited,      suspended, resumed, nothing,  kill_command, overrun_stopping, nothing },
    [STATE_CLEANING] = { nothing, signal_left, nothing,     nothing,   nothing, end,      kill_left,    nothing,          nothing },
    [STATE_KILLING]  = { nothing, nothing,     nothing,     nothing,   nothing, end,      end,          nothing,          nothing },
    [STATE_PAUSING]  = { nothing, end,         nothing,     nothing,   nothing, nothing,  nothing,      nothing,          nothing },
    [STATE_ENDED]    = { nothing, nothing,     nothing,     nothing,   nothing, nothing,  nothing,      nothing,          nothing },
};
/* clang-format on */

void supervisor_start(struct supervisor *supervisor, const struct init_conf *conf, bool alone, int64_t now)
{
    supervisor->conf = conf;
    supervisor->alone = alone;
    supervisor->before = true;
    supervisor->steps = conf->process_count;
    supervisor->run_deadline = TIME_NEVER;
    if (!PITH_STEPS || !conf->has_steps)
        begin(supervisor, now);
}

unsigned supervisor_step(struct supervisor *supervisor, const struct event *event)
{
    return table[supervisor->state][event->kind](supervisor, event);
}

int64_t supervisor_deadline(const struct supervisor *supervisor)
{
    return supervisor->deadline < supervisor->run_deadline ? supervisor->deadline : supervisor->run_deadline;
}

enum event_kind supervisor_due(const struct supervisor *supervisor, int64_t now)
{
    if (now >= supervisor->deadline)
        return EVENT_DEADLINE;
    return now >= supervisor->run_deadline ? EVENT_OVERRUN : EVENT_COUNT;
}

HOT int supervisor_status(const struct supervisor *supervisor)
{
    switch (supervisor->reason) {
    case REASON_RUN_TIMEOUT:
        return EXIT_TIMED_OUT;
    case REASON_WATCH:
    case REASON_FAILED:
        return EXIT_INTERNAL;
    default: {
        int status = exitcode_from_wait(supervisor->wait_status);
        return supervisor->before ? status : conf_map_status(supervisor->conf, status);
    }
    }
}

const char *state_name(enum state state)
{
    switch (state) {
    case STATE_READY:
    case STATE_STARTING:
        return "init: starting";
    case STATE_DRAINING:
        return "init: draining";
    case STATE_STOPPING:
    case STATE_CLEANING:
    case STATE_KILLING:
        return "init: stopping";
    default:
        return NULL;
    }
}
