/* Idle means idle: while nothing happens init does not wake, holds nothing open and dirties next to nothing. */
#include "support/proc.h"
#include "support/run.h"
#include "support/subject.h"
#include "support/test.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

/* The window in which nothing is to happen, and the memory of its own that an idle PID 1 may have. */
enum { WINDOW_MS = 1500, OWN_KIB_MAX = 24 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

static long switches(void)
{
    return proc_number(s.pid, "voluntary_ctxt_switches") + proc_number(s.pid, "nonvoluntary_ctxt_switches");
}

/* COMMAND runs, and init has gone to sleep after that. */
static void await_idle(void)
{
    stream_await(&s.out, "ready");
    await_state(s.pid, 'S');
}

static void expect_no_wakeup(void)
{
    long before = switches();

    assert_at_least(before, 1);
    assert_false(subject_ends(&s, WINDOW_MS));
    assert_int_equal(switches(), before);
}

static void it_does_not_wake(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "pause", NULL);
    await_idle();
    expect_no_wakeup();
}

static void options_that_wait_for_something_cost_no_wakeup(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-g", "-w", "-v", "--grace=1s", "--stop-timeout=1s", "--stop-delay=1s",
                  "--run-timeout=1h", "--exit-report=/dev/null", "pause", NULL);
    await_idle();
    expect_no_wakeup();
}

static void it_does_not_wake_after_work_either(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--stop-timeout=1h", "orphans", "200", NULL);
    stream_await(&s.out, "made");
    kill(s.pid, SIGTERM);
    stream_await(&s.out, "got 15 ");
    await_children(s.pid, 1);
    await_state(s.pid, 'S');
    expect_no_wakeup();
}

static void the_pause_does_not_wake(void **state)
{
    struct subject_options options = as(state);

    /* a bound on COMMAND: there is none */
    subject_start(&s, &options, "-P", "--run-timeout=50ms", NULL);
    await_name(s.pid, "init");
    await_state(s.pid, 'S');
    expect_no_wakeup();
}

/* The last step is gone, and was no COMMAND. */
static void a_pause_behind_steps_goes_on_without_children(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-P", "--before=echo step", NULL);
    stream_await(&s.out, "step");
    await_name(s.pid, "init");
    await_state(s.pid, 'S');
    for (int i = 0; i < 3; i++) {
        kill(s.pid, SIGCHLD);
        await_state(s.pid, 'S');
    }
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 0);
}

static void it_holds_no_descriptor_of_its_own(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--grace=9s", "--stop-timeout=1h", "--exit-report=/dev/null", "tree", "session", NULL);
    await_idle();
    assert_int_equal(proc_descriptors(s.pid), 3);
}

static void it_has_next_to_no_memory_of_its_own(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "pause", NULL);
    await_idle();
    long own = proc_memory(s.pid, "Anonymous");
    assert_in_range(own, 1, OWN_KIB_MAX);
    assert_false(subject_ends(&s, 100));
    assert_int_equal(proc_memory(s.pid, "Anonymous"), own);
    assert_int_equal(proc_number(s.pid, "Threads"), 1);
}

static void work_leaves_no_memory_behind(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "orphans", "200", "1", NULL);
    stream_await(&s.out, "made");
    await_children(s.pid, 1);
    long own = proc_memory(s.pid, "Anonymous");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    await_state(s.pid, 'S');
    assert_in_range(proc_memory(s.pid, "Anonymous"), 1, own + 4);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(it_does_not_wake),
        BOTH(options_that_wait_for_something_cost_no_wakeup),
        BOTH(it_does_not_wake_after_work_either),
        BOTH(a_pause_behind_steps_goes_on_without_children),
        BOTH(the_pause_does_not_wake),
        BOTH(it_holds_no_descriptor_of_its_own),
        BOTH(it_has_next_to_no_memory_of_its_own),
        BOTH(work_leaves_no_memory_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
