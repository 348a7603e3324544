/* The supervisor's promises, cell by cell, and then every sequence of events up to a length. */
#include "init/supervisor.h"
#include "pith/duration.h"
#include "pith/exitcode.h"
#include "support/test.h"

#include <signal.h>

#define EXIT(status)    ((status) << 8)
#define STOPPED(signal) ((signal) << 8 | 0x7f)

enum { STOPS = ACTION_NAME | ACTION_FORWARD | ACTION_STOP };

static struct init_conf conf;
static struct supervisor sup;

static unsigned step(enum event_kind kind, int signal, int64_t now)
{
    struct event event = { .kind = kind, .signal = signal, .now = now, .wait_status = EXIT(7) };

    return supervisor_step(&sup, &event);
}

static void start_as(bool alone, struct init_conf with)
{
    static const struct persona persona;

    conf = with;
    conf.persona = &persona;
    sup = (struct supervisor){ 0 };
    supervisor_start(&sup, &conf, alone, 0);
}

static void start(struct init_conf with)
{
    start_as(false, with);
}

/* A signal that suspends, on its way through init. */
static unsigned pass(int signal)
{
    struct event event = { .kind = EVENT_SIGNAL, .signal = signal, .suspend = true };

    return supervisor_step(&sup, &event);
}

static unsigned stopped_by(int signal)
{
    struct event event = { .kind = EVENT_SUSPENDED, .wait_status = STOPPED(signal) };

    return supervisor_step(&sup, &event);
}

static void a_signal_is_forwarded_while_command_runs(void **state)
{
    (void)state;
    start((struct init_conf){ 0 });
    assert_int_equal(step(EVENT_SIGNAL, SIGUSR1, 0), ACTION_FORWARD);
    assert_int_equal(sup.signal, SIGUSR1);
    assert_int_equal(sup.state, STATE_RUNNING);
}

static void a_suspending_signal_is_forwarded_and_suspends_init(void **state)
{
    (void)state;
    start((struct init_conf){ 0 });
    assert_int_equal(pass(SIGTSTP), ACTION_FORWARD | ACTION_SUSPEND);
    assert_int_equal(stopped_by(SIGTSTP), ACTION_SUSPEND);
}

static void pid_1_suspends_neither_itself_nor_for_good_what_the_terminal_suspends(void **state)
{
    static const int by[] = { SIGTSTP, SIGTTIN, SIGTTOU };

    (void)state;
    for (size_t i = 0; i < sizeof by / sizeof by[0]; i++) {
        start_as(true, (struct init_conf){ 0 });
        assert_int_equal(stopped_by(by[i]), ACTION_RESUME);
        assert_true(sup.suspended);
        assert_int_equal(step(EVENT_RESUMED, 0, 0), 0);
        assert_false(sup.suspended);
        assert_int_equal(stopped_by(by[i]), ACTION_RESUME);
    }
}

/* COMMAND may be suspended again before init asks what became of it: the kernel then tells the last of it alone. */
static void a_cont_ends_what_was_meant_to_be_suspended_although_nothing_is_heard_of_it(void **state)
{
    (void)state;
    start_as(true, (struct init_conf){ 0 });
    assert_int_equal(pass(SIGTSTP), ACTION_FORWARD);
    assert_int_equal(stopped_by(SIGTSTP), 0);
    assert_int_equal(step(EVENT_SIGNAL, SIGCONT, 0), ACTION_FORWARD);
    assert_int_equal(stopped_by(SIGTSTP), ACTION_RESUME);
}

static void pid_1_leaves_suspended_what_somebody_suspends(void **state)
{
    (void)state;
    start_as(true, (struct init_conf){ 0 });
    assert_int_equal(stopped_by(SIGSTOP), 0);
    step(EVENT_RESUMED, 0, 0);
    assert_int_equal(pass(SIGTSTP), ACTION_FORWARD);
    assert_int_equal(stopped_by(SIGTSTP), 0);
    step(EVENT_RESUMED, 0, 0);
    assert_int_equal(stopped_by(SIGTSTP), ACTION_RESUME);
    /* also where another signal passes before COMMAND stops */
    step(EVENT_RESUMED, 0, 0);
    pass(SIGTSTP);
    step(EVENT_SIGNAL, SIGUSR1, 0);
    assert_int_equal(stopped_by(SIGTSTP), 0);
    /* rewritten from another signal it came through init as well */
    step(EVENT_RESUMED, 0, 0);
    step(EVENT_SIGNAL, SIGTTOU, 0);
    assert_int_equal(stopped_by(SIGTTOU), 0);
}

static void a_suspension_is_handled_the_same_while_command_stops(void **state)
{
    static const struct init_conf with = { .stop_delay = 100 };

    (void)state;
    for (int alone = 0; alone <= 1; alone++)
        for (int stops = 1; stops <= 2; stops++) {
            start_as(alone, with);
            for (int i = 0; i < stops; i++)
                step(EVENT_STOP, SIGTERM, i);
            assert_int_equal(sup.state, stops == 1 ? STATE_DRAINING : STATE_STOPPING);
            assert_int_equal(stopped_by(SIGTSTP), alone ? ACTION_RESUME : ACTION_SUSPEND);
            assert_int_equal(step(EVENT_RESUMED, 0, 5), 0);
            assert_false(sup.suspended);
        }
}

static void without_options_a_stop_signal_is_forwarded_and_waits_without_end(void **state)
{
    (void)state;
    start((struct init_conf){ 0 });
    assert_int_equal(step(EVENT_STOP, SIGTERM, 0), STOPS);
    assert_int_equal(sup.state, STATE_STOPPING);
    assert_string_equal(state_name(sup.state), "init: stopping");
    assert_true(supervisor_deadline(&sup) == TIME_NEVER);
}

static void without_grace_the_end_of_command_is_the_end(void **state)
{
    (void)state;
    start((struct init_conf){ 0 });
    assert_int_equal(step(EVENT_EXITED, 0, 0), 0);
    assert_int_equal(sup.state, STATE_ENDED);
    assert_int_equal(supervisor_status(&sup), 7);
}

static void stop_timeout_kills_command_and_its_status_is_kept(void **state)
{
    (void)state;
    start((struct init_conf){ .stop_timeout = 100 });
    step(EVENT_STOP, SIGTERM, 1000);
    assert_int_equal(supervisor_deadline(&sup), 1100);
    assert_int_equal(supervisor_due(&sup, 1099), EVENT_COUNT);
    assert_int_equal(supervisor_due(&sup, 1100), EVENT_DEADLINE);
    assert_int_equal(step(EVENT_DEADLINE, 0, 1100), ACTION_FORWARD | ACTION_TELL);
    assert_int_equal(sup.signal, SIGKILL);
    assert_true(supervisor_deadline(&sup) == TIME_NEVER);
    struct event killed = { .kind = EVENT_EXITED, .wait_status = SIGKILL };
    supervisor_step(&sup, &killed);
    assert_int_equal(supervisor_status(&sup), 128 + SIGKILL);
}

static void a_second_stop_signal_does_not_restart_the_stop_timeout(void **state)
{
    (void)state;
    start((struct init_conf){ .stop_timeout = 100 });
    step(EVENT_STOP, SIGTERM, 0);
    assert_int_equal(step(EVENT_STOP, SIGINT, 50), ACTION_FORWARD | ACTION_STOP);
    assert_int_equal(sup.signal, SIGINT);
    assert_int_equal(supervisor_deadline(&sup), 100);
}

static void stop_delay_holds_the_signal_back_and_then_forwards_it(void **state)
{
    (void)state;
    start((struct init_conf){ .stop_delay = 100, .stop_timeout = 30 });
    assert_int_equal(step(EVENT_STOP, SIGINT, 0), ACTION_NAME);
    assert_int_equal(sup.state, STATE_DRAINING);
    assert_string_equal(state_name(sup.state), "init: draining");
    assert_int_equal(step(EVENT_SIGNAL, SIGUSR1, 10), ACTION_FORWARD);
    assert_int_equal(sup.state, STATE_DRAINING);
    assert_int_equal(supervisor_deadline(&sup), 100);
    step(EVENT_DEADLINE, 0, 100);
    assert_int_equal(sup.state, STATE_STOPPING);
    assert_string_equal(state_name(sup.state), "init: stopping");
    assert_int_equal(supervisor_deadline(&sup), 130);
}

static void the_signal_held_back_survives_others_that_pass(void **state)
{
    (void)state;
    start((struct init_conf){ .stop_delay = 100 });
    step(EVENT_STOP, SIGINT, 0);
    step(EVENT_SIGNAL, SIGUSR1, 10);
    assert_int_equal(step(EVENT_DEADLINE, 0, 100), STOPS);
    assert_int_equal(sup.signal, SIGINT);
}

static void a_second_stop_signal_ends_the_delay(void **state)
{
    (void)state;
    start((struct init_conf){ .stop_delay = 100 });
    step(EVENT_STOP, SIGTERM, 0);
    assert_int_equal(step(EVENT_STOP, SIGTERM, 1), STOPS);
    assert_int_equal(sup.state, STATE_STOPPING);
}

static void grace_terminates_what_is_left_and_ends_when_it_is_gone(void **state)
{
    (void)state;
    start((struct init_conf){ .cleans = true, .grace = 100 });
    assert_int_equal(step(EVENT_EXITED, 0, 0), ACTION_NAME | ACTION_ASK_LEFT);
    assert_int_equal(sup.signal, SIGTERM);
    assert_int_equal(sup.state, STATE_CLEANING);
    step(EVENT_NONE_LEFT, 0, 10);
    assert_int_equal(sup.state, STATE_ENDED);
    assert_int_equal(supervisor_status(&sup), 7);
}

/* A second stop signal is for everybody: who sends it has waited already. */
static void a_stop_signal_while_cleaning_is_for_all_that_is_left(void **state)
{
    (void)state;
    start((struct init_conf){ .cleans = true, .grace = 100 });
    step(EVENT_STOP, SIGTERM, 0);
    step(EVENT_EXITED, 0, 10);
    assert_int_equal(step(EVENT_SIGNAL, SIGHUP, 20), 0);
    assert_int_equal(step(EVENT_STOP, SIGINT, 20), ACTION_SIGNAL_LEFT);
    assert_int_equal(sup.signal, SIGINT);
    assert_int_equal(supervisor_deadline(&sup), 110);
}

static void grace_over_kills_what_is_left_and_leaves_the_unkillable(void **state)
{
    (void)state;
    start((struct init_conf){ .cleans = true, .grace = 100 });
    step(EVENT_EXITED, 0, 0);
    assert_int_equal(step(EVENT_DEADLINE, 0, 100), ACTION_NAME | ACTION_SIGNAL_LEFT | ACTION_TELL);
    assert_int_equal(sup.signal, SIGKILL);
    assert_int_equal(supervisor_deadline(&sup), 100 + KILL_PATIENCE);
    step(EVENT_DEADLINE, 0, 100 + KILL_PATIENCE);
    assert_int_equal(sup.state, STATE_ENDED);
}

static void grace_of_nothing_kills_at_once(void **state)
{
    (void)state;
    start((struct init_conf){ .cleans = true, .grace = 0 });
    assert_int_equal(step(EVENT_EXITED, 0, 0), ACTION_NAME | ACTION_SIGNAL_LEFT | ACTION_TELL);
    assert_int_equal(sup.state, STATE_KILLING);
    assert_int_equal(sup.signal, SIGKILL);
}

static void run_timeout_terminates_then_kills_and_reports_124(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500 });
    assert_int_equal(supervisor_due(&sup, 500), EVENT_OVERRUN);
    assert_int_equal(step(EVENT_OVERRUN, 0, 500), STOPS | ACTION_TELL);
    assert_int_equal(sup.signal, SIGTERM);
    assert_int_equal(supervisor_deadline(&sup), 500 + OWN_STOP_TIMEOUT);
    assert_int_equal(step(EVENT_DEADLINE, 0, 500 + OWN_STOP_TIMEOUT), ACTION_FORWARD | ACTION_TELL);
    assert_int_equal(sup.signal, SIGKILL);
    step(EVENT_EXITED, 0, 0);
    assert_int_equal(supervisor_status(&sup), EXIT_TIMED_OUT);
}

static void run_timeout_takes_no_delay_but_the_rewrites_and_the_stop_timeout(void **state)
{
    (void)state;
    struct init_conf with = { .run_timeout = 500, .stop_timeout = 20, .stop_delay = 1000 };
    with.rewrite[SIGTERM] = SIGQUIT;
    start(with);
    step(EVENT_OVERRUN, 0, 500);
    assert_int_equal(sup.state, STATE_STOPPING);
    assert_int_equal(sup.signal, SIGQUIT);
    assert_int_equal(supervisor_deadline(&sup), 520);
}

static void run_timeout_puts_an_end_to_a_stop_that_has_none(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500 });
    step(EVENT_STOP, SIGTERM, 100);
    step(EVENT_OVERRUN, 0, 500);
    assert_int_equal(supervisor_deadline(&sup), 500 + OWN_STOP_TIMEOUT);
    step(EVENT_EXITED, 0, 600);
    assert_int_equal(supervisor_status(&sup), EXIT_TIMED_OUT);
}

static void run_timeout_changes_nothing_about_a_stop_that_has_an_end(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500, .stop_timeout = 900 });
    step(EVENT_STOP, SIGTERM, 100);
    assert_int_equal(step(EVENT_OVERRUN, 0, 500), 0);
    assert_int_equal(supervisor_due(&sup, 999), EVENT_COUNT);
    assert_int_equal(supervisor_deadline(&sup), 1000);
    assert_int_equal(sup.reason, REASON_STOPPED);
}

static void run_timeout_stops_nothing_that_was_killed(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500, .stop_timeout = 100 });
    step(EVENT_STOP, SIGTERM, 0);
    step(EVENT_DEADLINE, 0, 100);
    assert_int_equal(step(EVENT_OVERRUN, 0, 500), 0);
    assert_int_equal(sup.signal, SIGKILL);
    assert_true(supervisor_deadline(&sup) == TIME_NEVER);
}

static void run_timeout_ends_the_delay_of_a_stop(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500, .stop_delay = 1000, .stop_timeout = 20 });
    step(EVENT_STOP, SIGINT, 100);
    assert_int_equal(supervisor_deadline(&sup), 500);
    assert_int_equal(step(EVENT_OVERRUN, 0, 500), STOPS | ACTION_TELL);
    assert_int_equal(sup.signal, SIGTERM);
    assert_int_equal(supervisor_deadline(&sup), 520);
    step(EVENT_EXITED, 0, 510);
    assert_int_equal(supervisor_status(&sup), EXIT_TIMED_OUT);
}

static void an_unhealthy_command_is_stopped_with_status_125(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_target = ":1" });
    assert_int_equal(step(EVENT_UNHEALTHY, 0, 5), STOPS | ACTION_TELL);
    assert_int_equal(sup.signal, SIGTERM);
    step(EVENT_EXITED, 0, 6);
    assert_int_equal(supervisor_status(&sup), EXIT_INTERNAL);
}

static void health_does_not_matter_once_command_stops(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_target = ":1", .stop_delay = 100 });
    step(EVENT_STOP, SIGTERM, 0);
    assert_int_equal(step(EVENT_UNHEALTHY, 0, 5), 0);
    step(EVENT_EXITED, 0, 6);
    assert_int_equal(supervisor_status(&sup), 7);
}

static unsigned step_done(int64_t now)
{
    struct event event = { .kind = EVENT_EXITED, .now = now };

    return supervisor_step(&sup, &event);
}

static void steps_run_one_after_the_other_and_then_command(void **state)
{
    (void)state;
    start((struct init_conf){ .has_steps = true, .process_count = 2, .run_timeout = 500 });
    assert_int_equal(sup.state, STATE_READY);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(step_done(i), 0);
        assert_int_equal(supervisor_due(&sup, i), EVENT_DEADLINE);
        assert_int_equal(step(EVENT_DEADLINE, 0, i), ACTION_START);
        assert_int_equal(sup.state, STATE_STARTING);
        assert_string_equal(state_name(sup.state), "init: starting");
        assert_true(supervisor_deadline(&sup) == TIME_NEVER);
    }
    step_done(10);
    assert_int_equal(step(EVENT_DEADLINE, 0, 11), ACTION_NAME | ACTION_START);
    assert_int_equal(sup.state, STATE_RUNNING);
    assert_int_equal(supervisor_deadline(&sup), 511);
}

static void a_step_is_not_suspended_because_the_one_before_was(void **state)
{
    (void)state;
    start_as(true, (struct init_conf){ .has_steps = true, .process_count = 2 });
    step_done(0);
    step(EVENT_DEADLINE, 0, 0);
    pass(SIGTSTP);
    assert_int_equal(stopped_by(SIGTSTP), 0);
    assert_true(sup.suspended);
    assert_int_equal(step(EVENT_RESUMED, 0, 0), 0);
    assert_false(sup.suspended);
    pass(SIGTSTP);
    stopped_by(SIGTSTP);
    step_done(1);
    step(EVENT_DEADLINE, 0, 1);
    assert_false(sup.suspended);
    assert_int_equal(stopped_by(SIGTSTP), ACTION_RESUME);
    pass(SIGTSTP); /* which the step ignores: COMMAND is behind it */
    step_done(2);
    assert_int_equal(step(EVENT_DEADLINE, 0, 2), ACTION_NAME | ACTION_START);
    assert_int_equal(stopped_by(SIGTSTP), ACTION_RESUME);
}

static void the_run_timeout_ends_with_command(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500, .cleans = true, .grace = 1000 });
    step(EVENT_EXITED, 0, 100);
    assert_int_equal(supervisor_due(&sup, 600), EVENT_COUNT);
    assert_int_equal(supervisor_deadline(&sup), 1100);
}

static enum reason after(struct init_conf with, enum event_kind first, enum event_kind second)
{
    start(with);
    step(first, SIGTERM, 0);
    step(second, SIGTERM, 1);
    return sup.reason;
}

static void the_reason_is_what_has_ended_command(void **state)
{
    static const struct init_conf plain = { .run_timeout = 500 }, drains = { .run_timeout = 500, .stop_delay = 10 },
                                  steps = { .has_steps = true, .process_count = 1 };

    (void)state;
    assert_int_equal(after(plain, EVENT_SIGNAL, EVENT_EXITED), REASON_EXITED);
    assert_int_equal(after(plain, EVENT_STOP, EVENT_EXITED), REASON_STOPPED);
    assert_int_equal(after(plain, EVENT_STOP, EVENT_STOP), REASON_STOPPED);
    assert_int_equal(after(plain, EVENT_STOP, EVENT_OVERRUN), REASON_RUN_TIMEOUT);
    assert_int_equal(after(plain, EVENT_OVERRUN, EVENT_STOP), REASON_RUN_TIMEOUT);
    assert_int_equal(after(plain, EVENT_UNHEALTHY, EVENT_STOP), REASON_WATCH);
    assert_int_equal(after(drains, EVENT_STOP, EVENT_EXITED), REASON_EXITED);
    assert_int_equal(after(drains, EVENT_STOP, EVENT_DEADLINE), REASON_STOPPED);
    assert_int_equal(after(drains, EVENT_STOP, EVENT_STOP), REASON_STOPPED);
    assert_int_equal(after(drains, EVENT_STOP, EVENT_OVERRUN), REASON_RUN_TIMEOUT);
    assert_int_equal(after(steps, EVENT_STOP, EVENT_EXITED), REASON_STOPPED);
    assert_int_equal(after(steps, EVENT_EXITED, EVENT_STOP), REASON_BEFORE);
}

static void the_exit_map_changes_commands_status_but_not_inits_own(void **state)
{
    (void)state;
    struct init_conf with = { .run_timeout = 500 };
    with.exit_map[7] = 7 ^ 42;
    with.exit_map[EXIT_TIMED_OUT] = EXIT_TIMED_OUT ^ 0;
    start(with);
    step(EVENT_EXITED, 0, 0);
    assert_int_equal(supervisor_status(&sup), 42);
    start(with);
    step(EVENT_OVERRUN, 0, 500);
    step(EVENT_EXITED, 0, 501);
    assert_int_equal(supervisor_status(&sup), EXIT_TIMED_OUT);
}

static void the_exit_map_changes_no_status_of_a_step(void **state)
{
    struct init_conf with = { .has_steps = true, .process_count = 1 };

    (void)state;
    with.exit_map[7] = 7 ^ 42;
    start(with);
    step(EVENT_EXITED, 0, 0); /* with 7 */
    assert_int_equal(sup.state, STATE_ENDED);
    assert_int_equal(supervisor_status(&sup), 7);
}

static void a_system_call_that_init_cannot_do_without_ends_it_with_125(void **state)
{
    (void)state;
    start((struct init_conf){ .run_timeout = 500 });
    sup.reason = REASON_FAILED; /* as loop.c does */
    assert_int_equal(supervisor_status(&sup), EXIT_INTERNAL);
}

static void pause_leaves_on_a_stop_signal_with_status_0(void **state)
{
    (void)state;
    start((struct init_conf){ .task = TASK_PAUSE });
    assert_int_equal(step(EVENT_SIGNAL, SIGUSR1, 0), 0);
    assert_int_equal(sup.state, STATE_PAUSING);
    assert_int_equal(step(EVENT_STOP, SIGINT, 0), 0);
    assert_int_equal(sup.state, STATE_ENDED);
    assert_int_equal(supervisor_status(&sup), 0);
}

static void each_state_has_the_name_that_ps_shows(void **state)
{
    static const char *const names[STATE_COUNT] = {
        [STATE_READY] = "init: starting",    [STATE_STARTING] = "init: starting", [STATE_DRAINING] = "init: draining",
        [STATE_STOPPING] = "init: stopping", [STATE_CLEANING] = "init: stopping", [STATE_KILLING] = "init: stopping",
    };

    (void)state;
    for (int i = 0; i < STATE_COUNT; i++)
        if (names[i])
            assert_string_equal(state_name((enum state)i), names[i]);
        else
            assert_null(state_name((enum state)i));
}

/* --- every cell -------------------------------------------------------------------------------- */

struct outcome {
    enum state to;
    unsigned actions;
};

/* clang-format off */
#define IN(state) { STATE_##state, 0 }
#define TO(state, actions) { STATE_##state, actions }
static const struct outcome cells[STATE_COUNT][EVENT_COUNT] = {
    [STATE_READY] = {
        [EVENT_SIGNAL] = IN(READY),
        [EVENT_STOP] = TO(CLEANING, ACTION_NAME | ACTION_ASK_LEFT),
        [EVENT_EXITED] = TO(CLEANING, ACTION_NAME | ACTION_ASK_LEFT | ACTION_TELL),
        [EVENT_SUSPENDED] = IN(READY), [EVENT_RESUMED] = IN(READY), [EVENT_NONE_LEFT] = IN(READY),
        [EVENT_DEADLINE] = TO(STARTING, ACTION_START), [EVENT_OVERRUN] = IN(READY), [EVENT_UNHEALTHY] = IN(READY),
    },
    [STATE_STARTING] = {
        [EVENT_SIGNAL] = TO(STARTING, ACTION_FORWARD),
        [EVENT_STOP] = TO(STOPPING, STOPS),
        [EVENT_EXITED] = TO(CLEANING, ACTION_NAME | ACTION_ASK_LEFT | ACTION_TELL),
        [EVENT_SUSPENDED] = TO(STARTING, ACTION_SUSPEND),
        [EVENT_RESUMED] = IN(STARTING), [EVENT_NONE_LEFT] = IN(STARTING), [EVENT_DEADLINE] = IN(STARTING),
        [EVENT_OVERRUN] = IN(STARTING), [EVENT_UNHEALTHY] = IN(STARTING),
    },
    [STATE_RUNNING] = {
        [EVENT_SIGNAL] = TO(RUNNING, ACTION_FORWARD),
        [EVENT_STOP] = TO(DRAINING, ACTION_NAME),
        [EVENT_EXITED] = TO(CLEANING, ACTION_NAME | ACTION_ASK_LEFT),
        [EVENT_SUSPENDED] = TO(RUNNING, ACTION_SUSPEND),
        [EVENT_RESUMED] = IN(RUNNING),
        [EVENT_NONE_LEFT] = IN(RUNNING),
        [EVENT_DEADLINE] = IN(RUNNING),
        [EVENT_OVERRUN] = TO(STOPPING, STOPS | ACTION_TELL),
        [EVENT_UNHEALTHY] = TO(STOPPING, STOPS | ACTION_TELL),
    },
    [STATE_DRAINING] = {
        [EVENT_SIGNAL] = TO(DRAINING, ACTION_FORWARD),
        [EVENT_STOP] = TO(STOPPING, STOPS),
        [EVENT_EXITED] = TO(CLEANING, ACTION_NAME | ACTION_ASK_LEFT),
        [EVENT_SUSPENDED] = TO(DRAINING, ACTION_SUSPEND),
        [EVENT_RESUMED] = IN(DRAINING),
        [EVENT_NONE_LEFT] = IN(DRAINING),
        [EVENT_DEADLINE] = TO(STOPPING, STOPS),
        [EVENT_OVERRUN] = TO(STOPPING, STOPS | ACTION_TELL),
        [EVENT_UNHEALTHY] = IN(DRAINING),
    },
    [STATE_STOPPING] = {
        [EVENT_SIGNAL] = TO(STOPPING, ACTION_FORWARD),
        [EVENT_STOP] = TO(STOPPING, ACTION_FORWARD | ACTION_STOP),
        [EVENT_EXITED] = TO(CLEANING, ACTION_NAME | ACTION_ASK_LEFT),
        [EVENT_SUSPENDED] = TO(STOPPING, ACTION_SUSPEND),
        [EVENT_RESUMED] = IN(STOPPING),
        [EVENT_NONE_LEFT] = IN(STOPPING),
        [EVENT_DEADLINE] = TO(STOPPING, ACTION_FORWARD | ACTION_TELL),
        [EVENT_OVERRUN] = IN(STOPPING),
        [EVENT_UNHEALTHY] = IN(STOPPING),
    },
    [STATE_CLEANING] = {
        [EVENT_SIGNAL] = IN(CLEANING),
        [EVENT_STOP] = TO(CLEANING, ACTION_SIGNAL_LEFT),
        [EVENT_EXITED] = IN(CLEANING),
        [EVENT_SUSPENDED] = IN(CLEANING),
        [EVENT_RESUMED] = IN(CLEANING),
        [EVENT_NONE_LEFT] = IN(ENDED),
        [EVENT_DEADLINE] = TO(KILLING, ACTION_NAME | ACTION_SIGNAL_LEFT | ACTION_TELL),
        [EVENT_OVERRUN] = IN(CLEANING),
        [EVENT_UNHEALTHY] = IN(CLEANING),
    },
    [STATE_KILLING] = {
        [EVENT_SIGNAL] = IN(KILLING), [EVENT_STOP] = IN(KILLING), [EVENT_EXITED] = IN(KILLING),
        [EVENT_SUSPENDED] = IN(KILLING), [EVENT_RESUMED] = IN(KILLING), [EVENT_NONE_LEFT] = IN(ENDED),
        [EVENT_DEADLINE] = IN(ENDED), [EVENT_OVERRUN] = IN(KILLING), [EVENT_UNHEALTHY] = IN(KILLING),
    },
    [STATE_PAUSING] = {
        [EVENT_SIGNAL] = IN(PAUSING), [EVENT_STOP] = IN(ENDED), [EVENT_EXITED] = IN(PAUSING),
        [EVENT_SUSPENDED] = IN(PAUSING), [EVENT_RESUMED] = IN(PAUSING), [EVENT_NONE_LEFT] = IN(PAUSING),
        [EVENT_DEADLINE] = IN(PAUSING), [EVENT_OVERRUN] = IN(PAUSING), [EVENT_UNHEALTHY] = IN(PAUSING),
    },
    [STATE_ENDED] = {
        [EVENT_SIGNAL] = IN(ENDED), [EVENT_STOP] = IN(ENDED), [EVENT_EXITED] = IN(ENDED),
        [EVENT_SUSPENDED] = IN(ENDED), [EVENT_RESUMED] = IN(ENDED), [EVENT_NONE_LEFT] = IN(ENDED),
        [EVENT_DEADLINE] = IN(ENDED), [EVENT_OVERRUN] = IN(ENDED), [EVENT_UNHEALTHY] = IN(ENDED),
    },
};
/* clang-format on */

static void each_state_answers_each_event(void **state)
{
    (void)state;
    for (int in = 0; in < STATE_COUNT; in++)
        for (int kind = 0; kind < EVENT_COUNT; kind++) {
            start((struct init_conf){ .stop_delay = 10, .stop_timeout = 20, .cleans = true, .grace = 30 });
            sup.steps = 1;
            sup.state = (enum state)in;
            sup.deadline = 50;
            unsigned actions = kind == EVENT_SUSPENDED ? stopped_by(SIGTSTP) : step((enum event_kind)kind, SIGUSR1, 50);
            if (actions != cells[in][kind].actions || sup.state != cells[in][kind].to)
                fail_msg("state %d, event %d: state %d, actions %#x", in, kind, (int)sup.state, actions);
        }
}

/* --- every sequence ---------------------------------------------------------------------------- */

enum { DEPTH = 8 };

/* What a world may do next: an event happens only where the kernel could bring it about. */
static bool possible(const struct supervisor *now, enum event_kind kind, bool command_lives)
{
    switch (kind) {
    case EVENT_RESUMED:
        return command_lives && now->suspended;
    case EVENT_EXITED: /* the steps that need no process count as one that has exited */
        return command_lives || now->state == STATE_READY;
    case EVENT_SUSPENDED:
        return command_lives;
    case EVENT_UNHEALTHY:
        return command_lives && !now->before;
    case EVENT_NONE_LEFT:
        return !command_lives;
    case EVENT_DEADLINE:
        return now->deadline != TIME_NEVER;
    case EVENT_OVERRUN:
        return now->run_deadline != TIME_NEVER;
    default:
        return true;
    }
}

static void explore(struct supervisor now, bool command_lives, int64_t time, int depth);

/* A step exits with STATUS, COMMAND with 7. */
static void take(struct supervisor now, enum event_kind kind, int status, bool lives, int64_t time, int depth)
{
    struct event event = { .kind = kind, .signal = SIGTERM, .now = time, .wait_status = EXIT(now.before ? status : 7) };
    bool ended = now.state == STATE_ENDED, was_stopping = now.state == STATE_STOPPING;
    bool stopped = now.reason != REASON_EXITED, before = now.before;

    if (kind == EVENT_SUSPENDED)
        event.wait_status = STOPPED(SIGTSTP);
    unsigned actions = supervisor_step(&now, &event);
    lives = (lives && kind != EVENT_EXITED) || (actions & ACTION_START);
    /* nothing is started once a step has failed, or a stop signal has come before COMMAND */
    assert_false((actions & ACTION_START) && (stopped || !before));
    assert_false(!before && now.before);
    /* nothing is sent to COMMAND once it has been reaped, and nothing to others while it lives */
    assert_false(!lives && (actions & (ACTION_FORWARD | ACTION_STOP | ACTION_SUSPEND | ACTION_RESUME)));
    assert_false(lives && (actions & (ACTION_SIGNAL_LEFT | ACTION_ASK_LEFT)));
    /* COMMAND stops once a stop signal was forwarded, and only then, and never goes back */
    assert_false(lives && (now.state == STATE_STOPPING) != (was_stopping || (actions & ACTION_STOP)));
    /* what init does of itself it tells */
    assert_false((kind == EVENT_OVERRUN || kind == EVENT_UNHEALTHY) && actions && !(actions & ACTION_TELL));
    assert_false(kind == EVENT_DEADLINE && now.signal == SIGKILL && actions && !(actions & ACTION_TELL));
    /* PID 1 does not stop itself, and leaves nothing suspended that nobody meant to be */
    assert_false(now.alone && (actions & ACTION_SUSPEND));
    assert_false(now.alone && kind == EVENT_SUSPENDED && lives && !now.meant && !(actions & ACTION_RESUME));
    /* init does not leave COMMAND behind, and an end is an end */
    assert_false(lives && now.state == STATE_ENDED);
    assert_false(ended && (actions || now.state != STATE_ENDED));
    assert_false(now.state == STATE_ENDED && supervisor_deadline(&now) != TIME_NEVER);
    /* COMMAND's status is kept, and is init's unless init itself stopped it */
    if (!lives && !now.before)
        assert_int_equal(now.wait_status, EXIT(7));
    if (!lives && !now.before && now.reason <= REASON_STOPPED)
        assert_int_equal(supervisor_status(&now), 7);
    /* without COMMAND init never says 0: a step's status, or that of the stop signal */
    if (now.before && now.state == STATE_ENDED)
        assert_true(supervisor_status(&now) == 3 || supervisor_status(&now) == 128 + SIGTERM);
    explore(now, lives, time, depth - 1);
}

/* From every state there is a way out that needs nobody's goodwill: COMMAND's end, and then time. */
static void assert_way_out(struct supervisor now, bool lives, int64_t time)
{
    struct event exited = { .kind = EVENT_EXITED, .now = time, .wait_status = EXIT(7) };

    if (lives || now.state == STATE_READY)
        supervisor_step(&now, &exited);
    for (int i = 0; i < 3 && now.state != STATE_ENDED; i++) {
        struct event due = { .kind = EVENT_DEADLINE, .now = supervisor_deadline(&now) };
        assert_true(due.now != TIME_NEVER);
        supervisor_step(&now, &due);
    }
    assert_int_equal(now.state, STATE_ENDED);
}

static void explore(struct supervisor now, bool command_lives, int64_t time, int depth)
{
    assert_way_out(now, command_lives, time);
    for (int kind = 0; depth > 0 && kind < EVENT_COUNT; kind++)
        if (possible(&now, (enum event_kind)kind, command_lives)) {
            take(now, (enum event_kind)kind, 3, command_lives, time + 1, depth);
            if (kind == EVENT_EXITED && now.before)
                take(now, EVENT_EXITED, 0, command_lives, time + 1, depth);
        }
}

static void every_sequence_of_events_keeps_the_promises(void **state)
{
    static const struct init_conf confs[] = {
        { .task = TASK_RUN },
        { .cleans = true, .grace = 5 },
        { .cleans = true, .grace = 0, .stop_timeout = 3 },
        { .stop_delay = 4, .stop_timeout = 3, .run_timeout = 9, .cleans = true, .grace = 5, .watch_target = ":1" },
        { .has_steps = true },
        { .has_steps = true, .process_count = 1, .stop_delay = 4, .stop_timeout = 3, .run_timeout = 9 },
        { .has_steps = true, .process_count = 2, .cleans = true, .grace = 5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof confs / sizeof confs[0]; i++)
        for (int alone = 0; alone <= 1; alone++) {
            start_as(alone, confs[i]);
            explore(sup, !confs[i].has_steps, 0, DEPTH);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signal_is_forwarded_while_command_runs),
        cmocka_unit_test(a_suspending_signal_is_forwarded_and_suspends_init),
        cmocka_unit_test(pid_1_suspends_neither_itself_nor_for_good_what_the_terminal_suspends),
        cmocka_unit_test(a_cont_ends_what_was_meant_to_be_suspended_although_nothing_is_heard_of_it),
        cmocka_unit_test(pid_1_leaves_suspended_what_somebody_suspends),
        cmocka_unit_test(a_suspension_is_handled_the_same_while_command_stops),
        cmocka_unit_test(without_options_a_stop_signal_is_forwarded_and_waits_without_end),
        cmocka_unit_test(without_grace_the_end_of_command_is_the_end),
        cmocka_unit_test(stop_timeout_kills_command_and_its_status_is_kept),
        cmocka_unit_test(a_second_stop_signal_does_not_restart_the_stop_timeout),
        cmocka_unit_test(stop_delay_holds_the_signal_back_and_then_forwards_it),
        cmocka_unit_test(the_signal_held_back_survives_others_that_pass),
        cmocka_unit_test(a_second_stop_signal_ends_the_delay),
        cmocka_unit_test(grace_terminates_what_is_left_and_ends_when_it_is_gone),
        cmocka_unit_test(a_stop_signal_while_cleaning_is_for_all_that_is_left),
        cmocka_unit_test(grace_over_kills_what_is_left_and_leaves_the_unkillable),
        cmocka_unit_test(grace_of_nothing_kills_at_once),
        cmocka_unit_test(run_timeout_terminates_then_kills_and_reports_124),
        cmocka_unit_test(run_timeout_takes_no_delay_but_the_rewrites_and_the_stop_timeout),
        cmocka_unit_test(run_timeout_puts_an_end_to_a_stop_that_has_none),
        cmocka_unit_test(run_timeout_changes_nothing_about_a_stop_that_has_an_end),
        cmocka_unit_test(run_timeout_stops_nothing_that_was_killed),
        cmocka_unit_test(run_timeout_ends_the_delay_of_a_stop),
        cmocka_unit_test(an_unhealthy_command_is_stopped_with_status_125),
        cmocka_unit_test(health_does_not_matter_once_command_stops),
        cmocka_unit_test(steps_run_one_after_the_other_and_then_command),
        cmocka_unit_test(a_step_is_not_suspended_because_the_one_before_was),
        cmocka_unit_test(the_run_timeout_ends_with_command),
        cmocka_unit_test(the_reason_is_what_has_ended_command),
        cmocka_unit_test(the_exit_map_changes_commands_status_but_not_inits_own),
        cmocka_unit_test(the_exit_map_changes_no_status_of_a_step),
        cmocka_unit_test(a_system_call_that_init_cannot_do_without_ends_it_with_125),
        cmocka_unit_test(pause_leaves_on_a_stop_signal_with_status_0),
        cmocka_unit_test(each_state_has_the_name_that_ps_shows),
        cmocka_unit_test(each_state_answers_each_event),
        cmocka_unit_test(every_sequence_of_events_keeps_the_promises),
    };
    return cmocka_run_group_tests_name("supervisor", tests, NULL, NULL);
}
