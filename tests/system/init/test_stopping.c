/* How init ends what it started: all of it, nothing else, and no later than asked. */
#include "support/proc.h"
#include "support/refuse.h"
#include "support/run.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Far beyond what anything takes here, so that a test which waits for it is seen; still below AWAIT_MS. */
enum { LONG_MS = 6000 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

/* The number that a descendant of KIND said it has, in init's PID namespace. */
static pid_t number_of(const char *kind)
{
    char start[64];
    int pid = 0;

    snprintf(start, sizeof start, "%s is pid ", kind);
    const char *at = strstr(s.out.bytes, start);
    assert_non_null(at);
    sscanf(at + strlen(start), "%d", &pid);
    return pid;
}

static void hide_proc(void *argument)
{
    (void)argument;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/proc", "tmpfs", 0, NULL) != 0)
        _exit(98);
}

/* --- the grace --------------------------------------------------------------------------------- */

static void without_grace_descendants_live_on(void **state)
{
    (void)state;
    assert_int_equal(subject_run(&s, NULL, "tree", "-x", "3", "session", "daemon", NULL), 3);
    assert_int_equal(kill(number_of("session"), 0), 0);
    assert_int_equal(kill(number_of("daemon"), 0), 0);
    assert_lacks(s.out.bytes, " got ");
}

static void grace_ends_every_descendant_and_then_at_once(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "--grace=6s", "tree", "-x", "3", "child", "orphan", "group", "session",
                                 "daemon", NULL),
                     3);
    assert_took_since(start, 0, LONG_MS);
    assert_count(s.out.bytes, " got 15\n", 5);
    assert_string_equal(s.err.bytes, "");
}

static void the_variable_asks_for_grace_too(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_GRACE=6s", NULL };
    assert_int_equal(subject_run(&s, &options, "tree", "-x", "0", "daemon", NULL), 0);
    assert_count(s.out.bytes, "daemon got 15\n", 1);
}

static void refuse_kill(void *argument)
{
    (void)argument;
    refuse(SYS_kill, EPERM, NULL);
}

/* kill(2) by a number could reach another process that was given the number meanwhile. */
static void what_is_left_is_signalled_by_a_pidfd(void **state)
{
    struct subject_options options = as(state);

    options.before = refuse_kill;
    assert_int_equal(subject_run(&s, &options, "--grace=6s", "tree", "-x", "0", "daemon", "orphan", NULL), 0);
    assert_count(s.out.bytes, " got 15\n", 2);
}

static void what_outlives_the_grace_is_killed(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "-k", "300ms", "tree", "-x", "3", "child+stubborn", "session+stubborn",
                                 "daemon+stubborn", "orphan", NULL),
                     3);
    assert_took_since(start, 300, LONG_MS);
    assert_count(s.out.bytes, " got 15\n", 4);
    assert_string_equal(s.err.bytes, "init: processes left after --grace: 3, KILL sent\n");
    if (options.pid1)
        return; /* they are gone with their namespace */
    assert_int_equal(kill(number_of("session+stubborn"), 0), -1);
    assert_int_equal(kill(number_of("daemon+stubborn"), 0), -1);
}

static void what_is_forked_while_all_are_killed_is_killed_too(void **state)
{
    const char *comets[] = { "comet1", "comet2", "comet3", "comet4", "comet5", "comet6", "comet7", "comet8" };
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--grace=0", "tree", "-x", "3", comets[0], comets[1], comets[2],
                                 comets[3], comets[4], comets[5], comets[6], comets[7], NULL),
                     3);
    for (size_t i = 0; i < sizeof comets / sizeof *comets && !options.pid1; i++)
        assert_int_equal(kill(-number_of(comets[i]), 0), -1);
}

/* Its state in /proc is that of a zombie. */
static void grace_waits_for_a_process_whose_first_thread_has_ended(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(
        subject_run(&s, &options, "--grace=200ms", "tree", "-x", "3", "child+headless+stubborn", "child", NULL), 3);
    assert_has(s.out.bytes, "child+headless+stubborn got 15\n");
    assert_string_equal(s.err.bytes, "init: processes left after --grace: 1, KILL sent\n");
}

static void a_grace_of_nothing_kills_at_once(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(
        subject_run(&s, &options, "--grace=0", "tree", "-x", "3", "child+stubborn", "daemon+stubborn", NULL), 3);
    assert_took_since(start, 0, LONG_MS);
    assert_count(s.out.bytes, " got ", 0);
    assert_string_equal(s.err.bytes, "init: processes left after --grace: 2, KILL sent\n");
    assert_int_equal(subject_run(&s, &options, "--grace=0", "end", "4", NULL), 4);
    assert_string_equal(s.err.bytes, "");
}

static void without_proc_what_outlives_the_grace_is_not_counted(void **state)
{
    struct subject_options options = as(state);

    options.before = hide_proc;
    assert_int_equal(subject_run(&s, &options, "--grace=50ms", "tree", "-x", "3", "child+stubborn", NULL), 3);
    assert_string_equal(s.err.bytes, "init: processes left after --grace: some, KILL sent\n");
    assert_int_equal(subject_run(&s, &options, "--grace=50ms", "end", "4", NULL), 4);
    assert_string_equal(s.err.bytes, "");
}

static void without_descendants_grace_waits_for_nothing(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "--grace=6s", "end", "9", NULL), 9);
    assert_took_since(start, 0, LONG_MS);
}

static void a_second_stop_signal_reaches_what_is_left(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--grace=9s", "tree", "-x", "3", "child+stubborn", NULL);
    stream_await(&s.out, "child+stubborn got 15\n");
    await_name(s.pid, "init: stopping");
    kill(s.pid, SIGINT);
    stream_await(&s.out, "child+stubborn got 2\n");
}

static pid_t first_child_of_command(void)
{
    return proc_child(proc_child(s.pid));
}

static void expect_a_stopped_leftover_to_end(const struct subject_options *options)
{
    int64_t start = run_now_ms();

    subject_start(&s, options, "--grace=6s", "tree", "child", NULL);
    stream_await(&s.out, "ready");
    pid_t child = first_child_of_command();
    kill(child, SIGSTOP);
    await_state(child, 'T');
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 0);
    assert_took_since(start, 0, LONG_MS);
    assert_count(s.out.bytes, "child got 15\n", 1);
}

static void what_is_left_and_stopped_acts_on_the_term_of_the_grace(void **state)
{
    struct subject_options options = as(state);

    expect_a_stopped_leftover_to_end(&options);
    options.before = hide_proc;
    expect_a_stopped_leftover_to_end(&options);
}

static void what_runs_is_sent_no_cont_beside_the_term_of_the_grace(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--grace=6s", "tree", "-x", "3", "child", "session", NULL), 3);
    assert_count(s.out.bytes, " got 15\n", 2);
    assert_count(s.out.bytes, " got ", 2);
}

/* --- the grace after the stop of a group ------------------------------------------------------- */

/* How many TERMs a descendant of KIND got, which outlives them. */
static size_t terms_of(const char *kind)
{
    char line[64];

    snprintf(line, sizeof line, "%s+stubborn got 15\n", kind);
    return stream_count(&s.out, line);
}

static void stop_group_of_stubborn(const struct subject_options *options)
{
    /* the stop is an INT: two TERMs in a row may be seen as one */
    subject_start(&s, options, "-g", "-k", "300ms", "-r", "15:2", "tree", "child+stubborn", "orphan+stubborn",
                  "group+stubborn", "session+stubborn", "daemon+stubborn", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 0);
}

/* A second TERM is what a server that drains ends by. */
static void who_was_stopped_with_the_group_is_not_sent_term_again(void **state)
{
    struct subject_options options = as(state);

    stop_group_of_stubborn(&options);
    assert_int_equal(terms_of("child"), 0);
    assert_int_equal(terms_of("orphan"), 0);
    assert_int_equal(terms_of("group"), 1);
    assert_int_equal(terms_of("session"), 1);
    assert_int_equal(terms_of("daemon"), 1);
    options.argv0 = "dumb-init";
    stop_group_of_stubborn(&options);
    assert_int_equal(terms_of("child"), 0);
    /* as an ordinary process dumb-init has no subreaper, and loses it */
    assert_int_equal(terms_of("session"), options.pid1 ? 1 : 0);
}

static void without_proc_everybody_is_sent_term(void **state)
{
    struct subject_options options = as(state);

    options.before = hide_proc;
    stop_group_of_stubborn(&options);
    assert_int_equal(terms_of("child"), 1);
    assert_int_equal(terms_of("session"), options.pid1 ? 1 : 0);
}

static void where_the_group_was_sent_no_stop_it_is_sent_term(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "-g", "-k", "6s", "tree", "-x", "3", "child", "session", NULL), 3);
    assert_count(s.out.bytes, " got 15\n", 2);
    /* nor is a signal that means something else a stop */
    subject_start(&s, &options, "-g", "-k", "6s", "sh", "-c", "trap 'exit 4' USR2; tree child & wait; wait", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR2);
    assert_int_equal(subject_wait(&s), 4);
    assert_count(s.out.bytes, "child got 15\n", 1);
}

static void a_stop_rewritten_to_nothing_was_sent_to_nobody(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-g", "-k", "6s", "--run-timeout=100ms", "-r", "TERM:0", "sh", "-c",
                  "trap 'exit 4' USR2; tree child & wait; wait", NULL);
    stream_await(&s.out, "ready");
    stream_await(&s.err, "init: COMMAND still runs after --run-timeout: nothing sent\n");
    kill(s.pid, SIGUSR2);
    assert_int_equal(subject_wait(&s), 124);
    assert_count(s.out.bytes, "child got 15\n", 1);
}

static void a_stop_that_is_held_back_when_command_ends_was_sent_to_nobody(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-g", "-k", "6s", "--stop-delay=9s", "sh", "-c",
                  "trap 'exit 4' USR2; tree child & wait; wait", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    await_name(s.pid, "init: draining");
    kill(s.pid, SIGUSR2);
    assert_int_equal(subject_wait(&s), 4);
    assert_count(s.out.bytes, "child got 15\n", 1);
}

/* It sleeps for three ticks of the clock by which /proc tells when a process started. */
static void what_the_group_starts_after_the_stop_is_sent_term(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-g", "-k", "6s", "python3", "-c",
                  "import os, signal, time\n"
                  "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
                  "print('ready', flush=True)\n"
                  "signal.sigwait([signal.SIGTERM])\n"
                  "time.sleep(.03)\n"
                  "if os.fork() == 0:\n"
                  "    os.write(1, b'late got %d\\n' % signal.sigwait([signal.SIGTERM]))\n"
                  "os._exit(3)\n",
                  NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 3);
    assert_count(s.out.bytes, "late got 15\n", 1);
}

/* --- a COMMAND that is stopped ----------------------------------------------------------------- */

static void a_stopped_command_acts_on_a_stop_signal(void **state)
{
    struct subject_options options = as(state);

    for (int grouped = 0; grouped <= 1; grouped++)
        for (int delayed = 0; delayed <= 1; delayed++) {
            subject_start(&s, &options, grouped ? "-g" : "-c", delayed ? "--stop-delay=50ms" : "--stop-delay=0",
                          "signals", "15", "4", NULL);
            stream_await(&s.out, "ready");
            pid_t command = proc_child(s.pid);
            kill(command, SIGSTOP);
            await_state(command, 'T');
            kill(s.pid, SIGTERM);
            assert_int_equal(subject_wait(&s), 4);
        }
}

/* In whatever order init hears of the two: of the signal first where both wait for it. */
static void a_command_that_was_stopped_just_before_acts_on_a_stop_signal(void **state)
{
    struct subject_options options = as(state);

    for (int i = 0; i < 100; i++) {
        subject_start(&s, &options, "signals", "15", "4", NULL);
        stream_await(&s.out, "ready");
        pid_t command = proc_child(s.pid);
        kill(command, SIGSTOP);
        while (*proc_status(command, "State") != 'T')
            ;
        kill(s.pid, SIGTERM);
        assert_int_equal(subject_wait(&s), 4);
    }
}

static void a_stopped_command_that_runs_too_long_acts_on_its_stop(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "--run-timeout=200ms", "sh", "-c", "kill -STOP $$", NULL), 124);
    assert_took_since(start, 200, LONG_MS);
}

/* It may handle CONT, and would take this one for a resumption. */
static void a_command_that_runs_is_sent_no_cont(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "signals", "36", "4", NULL);
    stream_await(&s.out, "ready");
    pid_t command = proc_child(s.pid);
    kill(command, SIGSTOP);
    await_state(command, 'T');
    kill(command, SIGCONT);
    stream_await(&s.out, "got 18 ");
    kill(s.pid, SIGTERM);
    stream_await(&s.out, "got 15 ");
    kill(s.pid, 36);
    assert_int_equal(subject_wait(&s), 4);
    assert_count(s.out.bytes, "got 18 ", 1);
}

static void a_stop_signal_rewritten_to_one_that_suspends_is_not_undone(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-r", "INT:STOP", "signals", "15", "4", NULL);
    stream_await(&s.out, "ready");
    pid_t command = proc_child(s.pid);
    kill(s.pid, SIGINT);
    await_state(command, 'T');
    await_heard(s.pid, SIGCHLD);
    await_state(s.pid, 'S');
    assert_string_equal(proc_status(command, "State"), "T (stopped)");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 4);
}

/* --- stop-timeout ------------------------------------------------------------------------------ */

static void a_command_that_outlives_the_stop_timeout_is_killed(void **state)
{
    static const int stops[] = { SIGTERM, SIGINT, 37 };
    struct subject_options options = as(state);

    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        subject_start(&s, &options, "--stop-timeout=100ms", "signals", NULL);
        stream_await(&s.out, "ready");
        int64_t start = run_now_ms();
        kill(s.pid, stops[i]);
        assert_int_equal(subject_wait(&s), 128 + SIGKILL);
        assert_took_since(start, 99, LONG_MS);
        assert_string_equal(s.err.bytes, "init: COMMAND still runs after --stop-timeout: KILL sent\n");
    }
}

/* HUP reloads, QUIT dumps threads, WINCH and USR1 mean what they mean to COMMAND: none of them starts a timer. */
static void other_signals_stop_nothing(void **state)
{
    static const int others[] = { SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGPIPE, SIGALRM, SIGPWR, 34, 36, 38 };
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_STOP_TIMEOUT=20ms", "PITH_STOP_DELAY=9s", NULL };
    subject_start(&s, &options, "-v", "signals", "64", "3", NULL);
    stream_await(&s.out, "ready");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char line[32];
        kill(s.pid, others[i]);
        snprintf(line, sizeof line, "got %d ", others[i]);
        stream_await(&s.out, line);
    }
    assert_false(subject_ends(&s, 150));
    kill(s.pid, 64);
    assert_int_equal(subject_wait(&s), 3);
    assert_lacks(s.err.bytes, "init: stopping\n");
    assert_lacks(s.err.bytes, "init: draining\n");
}

static void what_arrives_decides_and_not_what_is_forwarded(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_STOP_TIMEOUT=20ms", "PITH_REWRITE=USR1:TERM,INT:0,TERM:HUP", NULL };
    subject_start(&s, &options, "-v", "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 15 ");
    kill(s.pid, SIGINT);
    assert_false(subject_ends(&s, 150));
    assert_count(s.err.bytes, "init: stopping\n", 0);
    kill(s.pid, SIGTERM);
    stream_await(&s.out, "got 1 ");
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    assert_count(s.out.bytes, "got 2 ", 0);
}

static void a_command_that_stops_in_time_is_not_waited_for_longer(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--stop-timeout=6s", "signals", "15", "4", NULL);
    stream_await(&s.out, "ready");
    int64_t start = run_now_ms();
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 4);
    assert_took_since(start, 0, LONG_MS);
    assert_string_equal(s.err.bytes, "");
}

static void after_the_stop_timeout_comes_the_grace(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--stop-timeout=50ms", "--grace=6s", "sh", "-c",
                  "trap '' TERM; (trap 'echo child got 15; exit' TERM; echo ready; while :; do sleep 0.01; done) & "
                  "wait; while :; do sleep 0.01; done",
                  NULL);
    stream_await(&s.out, "ready");
    int64_t start = run_now_ms();
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    assert_took_since(start, 50, LONG_MS);
    assert_has(s.out.bytes, "child got 15");
}

/* --- stop-delay -------------------------------------------------------------------------------- */

static void a_stop_signal_is_held_back_for_the_delay(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--stop-delay=300ms", "signals", "15", "6", NULL);
    stream_await(&s.out, "ready");
    int64_t start = run_now_ms();
    kill(s.pid, SIGTERM);
    await_name(s.pid, "init: draining");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    assert_lacks(s.out.bytes, "got 15 ");
    assert_int_equal(subject_wait(&s), 6);
    assert_took_since(start, 299, LONG_MS);
}

static void a_second_stop_signal_ends_the_delay(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_STOP_DELAY=9s", NULL };
    subject_start(&s, &options, "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    await_name(s.pid, "init: draining");
    kill(s.pid, SIGINT);
    stream_await(&s.out, "got 2 ");
    await_name(s.pid, "init: stopping");
    assert_lacks(s.out.bytes, "got 15 ");
}

static void a_command_that_ends_in_the_delay_ends_it(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--stop-delay=9s", "signals", "10", "5", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    await_name(s.pid, "init: draining");
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 5);
}

static void the_state_is_the_process_name(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-v", "signals", NULL);
    stream_await(&s.out, "ready");
    assert_string_equal(proc_status(s.pid, "Name"), "init");
    kill(s.pid, SIGTERM);
    await_name(s.pid, "init: stopping");
    stream_await(&s.err, "init: stopping\n");
}

static void each_state_is_told_of_once(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-v", "--stop-timeout=50ms", "--grace=50ms", "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    assert_count(s.err.bytes, "init: stopping\n", 1);
}

/* --- run-timeout ------------------------------------------------------------------------------- */

static void a_command_that_runs_too_long_is_124(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "--run-timeout=200ms", "signals", "15", "0", NULL), 124);
    assert_took_since(start, 200, LONG_MS);
    assert_has(s.out.bytes, "got 15 ");
    assert_string_equal(s.err.bytes, "init: COMMAND still runs after --run-timeout: TERM sent\n");
    options.set = (const char *[]){ "PITH_RUN_TIMEOUT=50ms", "PITH_EXIT_MAP=0-255:1", NULL };
    assert_int_equal(subject_run(&s, &options, "pause", NULL), 124);
}

static void a_stubborn_command_that_runs_too_long_is_killed(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--run-timeout=100ms", "--stop-timeout=100ms", "signals", NULL), 124);
    assert_has(s.out.bytes, "got 15 ");
    assert_string_equal(s.err.bytes, "init: COMMAND still runs after --run-timeout: TERM sent\n"
                                     "init: COMMAND still runs after --stop-timeout: KILL sent\n");
}

static void the_stop_of_the_run_timeout_is_rewritten_and_not_delayed(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--run-timeout=100ms", "-r", "TERM:QUIT", "--stop-delay=9s", "signals",
                                 "3", "0", NULL),
                     124);
    assert_has(s.out.bytes, "got 3 ");
    assert_string_equal(s.err.bytes, "init: COMMAND still runs after --run-timeout: QUIT sent\n");
    assert_int_equal(
        subject_run(&s, &options, "--run-timeout=50ms", "-r", "TERM:0", "--stop-timeout=50ms", "signals", NULL), 124);
    assert_string_equal(s.err.bytes, "init: COMMAND still runs after --run-timeout: nothing sent\n"
                                     "init: COMMAND still runs after --stop-timeout: KILL sent\n");
}

static void a_command_that_ends_before_the_run_timeout_keeps_its_status(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--run-timeout=9s", "end", "8", NULL), 8);
}

/* --- nobody else ------------------------------------------------------------------------------- */

/* No child of init, but in its PID namespace, and in its session and group unless it is APART. */
static pid_t start_bystander(bool apart, int *said)
{
    int ends[2];
    sigset_t all;
    int signal;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    sigfillset(&all);
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &all, NULL);
        if (apart)
            setsid();
        dprintf(ends[1], "ready");
        sigwait(&all, &signal);
        dprintf(ends[1], "got %d", signal);
        _exit(0);
    }
    char ready[5];
    assert_int_equal(read(ends[0], ready, sizeof ready), sizeof ready);
    close(ends[1]);
    *said = ends[0];
    return pid;
}

static void expect_untouched(pid_t pid, int said)
{
    char bytes[32] = "";

    assert_int_equal(proc_mask(pid, "ShdPnd") & ~(1ULL << (SIGCHLD - 1)), 0);
    kill(pid, SIGKILL);
    ssize_t n = read(said, bytes, sizeof bytes - 1);
    close(said);
    if (n != 0)
        fail_msg("a bystander %s", bytes);
    waitpid(pid, NULL, 0);
}

static void stop_everything(const struct subject_options *options, const char *option)
{
    subject_start(&s, options, option, "--grace=200ms", "--stop-timeout=200ms", "-v", "tree", "child+stubborn",
                  "session+stubborn", "daemon+stubborn", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 0);
}

static void bystanders_are_never_signalled(void **state)
{
    struct subject_options options = as(state);
    int said[2];
    pid_t near = start_bystander(false, &said[0]), far = start_bystander(true, &said[1]);

    stop_everything(&options, "-g");
    stop_everything(&options, "-c");
    expect_untouched(near, said[0]);
    expect_untouched(far, said[1]);
}

static void without_proc_the_group_alone_is_ended(void **state)
{
    struct subject_options options = as(state);
    int said;
    pid_t bystander = start_bystander(false, &said);

    options.before = hide_proc;
    assert_int_equal(subject_run(&s, &options, "--grace=6s", "-v", "tree", "-x", "3", "child", "orphan", NULL), 3);
    assert_count(s.out.bytes, " got 15\n", 2);
    assert_has(s.err.bytes, "init: /proc shows none: only COMMAND's process group gets TERM\n");
    expect_untouched(bystander, said);
}

static void mount_foreign_proc(void *argument)
{
    (void)argument;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        _exit(98);
    /* a /proc of another PID namespace: its numbers mean other processes */
    pid_t other = (pid_t)syscall(SYS_clone, CLONE_NEWPID | CLONE_VFORK | SIGCHLD, 0, NULL, NULL, 0);
    if (other == 0) {
        mount("proc", "/proc", "proc", 0, NULL);
        _exit(0);
    }
    waitpid(other, NULL, 0);
}

static void a_proc_of_another_pid_namespace_is_none(void **state)
{
    struct subject_options options = as(state);

    options.before = mount_foreign_proc;
    assert_int_equal(subject_run(&s, &options, "--grace=6s", "-v", "tree", "-x", "3", "child", NULL), 3);
    assert_has(s.err.bytes, "init: /proc shows none: only COMMAND's process group gets TERM\n");
}

/* There /proc/self is a number, but one that means another process to init. */
static void the_proc_of_the_outer_pid_namespace_is_none(void **state)
{
    struct subject_options options = { .binary = "/usr/bin/unshare", .argv0 = "unshare" };
    char script[512];

    (void)state;
    snprintf(script, sizeof script, "%s --grace=6s -v tree -x 3 child; exit $?", subject_binary());
    assert_int_equal(subject_run(&s, &options, "--pid", "--fork", "sh", "-c", script, NULL), 3);
    assert_has(s.err.bytes, "init: /proc shows none: only COMMAND's process group gets TERM\n");
    assert_count(s.out.bytes, " got 15\n", 1);
}

/* --- processes from outside -------------------------------------------------------------------- */

/* As docker exec does: no descendant of init, but in its PID namespace. OUT is its stdout. */
static pid_t enter_namespace(pid_t init, const char *script, int out)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/ns/pid", (int)init);
    pid_t outside = fork();
    if (outside != 0)
        return outside;
    if (setns(open(path, O_RDONLY | O_CLOEXEC), CLONE_NEWPID) != 0 || dup2(out, STDOUT_FILENO) < 0)
        _exit(98);
    pid_t inside = fork();
    if (inside == 0)
        execl("/bin/sh", "sh", "-c", script, NULL);
    waitpid(inside, NULL, 0);
    _exit(0);
}

/* Returns when SCRIPT has said something. */
static pid_t enter_and_await(const char *script)
{
    int ends[2];
    char byte;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t outside = enter_namespace(s.pid, script, ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[0]);
    return outside;
}

static void grace_waits_for_a_process_that_entered_from_outside(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--grace=9s", "signals", "15", "4", NULL);
    stream_await(&s.out, "ready");
    pid_t outside = enter_and_await("exec 2>/dev/null; trap 'sleep .3; exit' TERM; echo; while :; do sleep 0.01; done");
    int64_t start = run_now_ms();
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 4);
    assert_took_since(start, 300, LONG_MS);
    waitpid(outside, NULL, 0);
}

static void a_stubborn_process_from_outside_is_killed(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--grace=200ms", "signals", "15", "4", NULL);
    stream_await(&s.out, "ready");
    pid_t outside = enter_and_await("exec 2>/dev/null; trap '' TERM; echo; while :; do sleep 0.01; done");
    int64_t start = run_now_ms();
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 4);
    assert_took_since(start, 199, LONG_MS);
    waitpid(outside, NULL, 0);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        ONLY_ORDINARY(without_grace_descendants_live_on),
        BOTH(grace_ends_every_descendant_and_then_at_once),
        BOTH(the_variable_asks_for_grace_too),
        ONLY_ORDINARY(what_is_left_is_signalled_by_a_pidfd),
        BOTH(what_outlives_the_grace_is_killed),
        BOTH(grace_waits_for_a_process_whose_first_thread_has_ended),
        BOTH(a_grace_of_nothing_kills_at_once),
        BOTH(what_is_forked_while_all_are_killed_is_killed_too),
        BOTH(without_proc_what_outlives_the_grace_is_not_counted),
        BOTH(without_descendants_grace_waits_for_nothing),
        BOTH(a_second_stop_signal_reaches_what_is_left),
        BOTH(what_is_left_and_stopped_acts_on_the_term_of_the_grace),
        BOTH(what_runs_is_sent_no_cont_beside_the_term_of_the_grace),
        BOTH(who_was_stopped_with_the_group_is_not_sent_term_again),
        BOTH(without_proc_everybody_is_sent_term),
        BOTH(where_the_group_was_sent_no_stop_it_is_sent_term),
        BOTH(a_stop_rewritten_to_nothing_was_sent_to_nobody),
        BOTH(a_stop_that_is_held_back_when_command_ends_was_sent_to_nobody),
        BOTH(what_the_group_starts_after_the_stop_is_sent_term),
        BOTH(a_stopped_command_acts_on_a_stop_signal),
        BOTH(a_command_that_was_stopped_just_before_acts_on_a_stop_signal),
        BOTH(a_stopped_command_that_runs_too_long_acts_on_its_stop),
        BOTH(a_command_that_runs_is_sent_no_cont),
        BOTH(a_stop_signal_rewritten_to_one_that_suspends_is_not_undone),
        BOTH(a_command_that_outlives_the_stop_timeout_is_killed),
        BOTH(other_signals_stop_nothing),
        BOTH(what_arrives_decides_and_not_what_is_forwarded),
        BOTH(a_command_that_stops_in_time_is_not_waited_for_longer),
        BOTH(after_the_stop_timeout_comes_the_grace),
        BOTH(a_stop_signal_is_held_back_for_the_delay),
        BOTH(a_second_stop_signal_ends_the_delay),
        BOTH(a_command_that_ends_in_the_delay_ends_it),
        BOTH(the_state_is_the_process_name),
        BOTH(each_state_is_told_of_once),
        BOTH(a_command_that_runs_too_long_is_124),
        BOTH(a_stubborn_command_that_runs_too_long_is_killed),
        BOTH(the_stop_of_the_run_timeout_is_rewritten_and_not_delayed),
        BOTH(a_command_that_ends_before_the_run_timeout_keeps_its_status),
        ONLY_ORDINARY(bystanders_are_never_signalled),
        ONLY_ORDINARY(without_proc_the_group_alone_is_ended),
        ONLY_ORDINARY(a_proc_of_another_pid_namespace_is_none),
        ONLY_ORDINARY(the_proc_of_the_outer_pid_namespace_is_none),
        ONLY_PID1(grace_waits_for_a_process_that_entered_from_outside),
        ONLY_PID1(a_stubborn_process_from_outside_is_killed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
