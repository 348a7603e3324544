/* Signals on their way to COMMAND: each one, with its value, none lost, none made up. */
#include "support/proc.h"
#include "support/run.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { QUEUED = 1000, TRIALS = 1000, RTMIN = 34 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

static bool can_be_forwarded(int signal)
{
    return signal != SIGKILL && signal != SIGSTOP && signal != SIGCHLD;
}

static bool suspends(int signal)
{
    return signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
}

/* glibc's sigqueue(3) with the numbers it keeps for itself. */
static void queue(pid_t pid, int signal, int value)
{
    siginfo_t info = { .si_signo = signal, .si_code = SI_QUEUE };

    info.si_pid = getpid();
    info.si_value.sival_int = value;
    assert_int_equal(syscall(SYS_rt_sigqueueinfo, pid, signal, &info), 0);
}

static void expect_signal(int signal, int code, int value)
{
    char line[64];

    snprintf(line, sizeof line, "got %d code %d value %d\n", signal, code, value);
    stream_await(&s.out, line);
}

/* --- each signal ------------------------------------------------------------------------------- */

static void send_each_signal(void **state, const char *option)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, option, "--", "signals", NULL);
    stream_await(&s.out, "ready");
    for (int signal = 1; signal <= 64; signal++) {
        if (!can_be_forwarded(signal))
            continue;
        assert_int_equal(syscall(SYS_kill, s.pid, signal), 0);
        expect_signal(signal, SI_USER, 0);
        if (suspends(signal) && !options.pid1) {
            await_state(s.pid, 'T');
            kill(s.pid, SIGCONT);
            expect_signal(SIGCONT, SI_USER, 0);
        }
    }
    assert_string_equal(s.err.bytes, "");
}

static void each_signal_is_forwarded(void **state)
{
    send_each_signal(state, "-c");
}

static void each_signal_is_forwarded_to_the_group(void **state)
{
    send_each_signal(state, "-g");
}

static void each_value_of_sigqueue_is_kept(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "signals", NULL);
    stream_await(&s.out, "ready");
    for (int signal = 1; signal <= 64; signal++) {
        if (!can_be_forwarded(signal) || suspends(signal))
            continue;
        queue(s.pid, signal, signal * 1000 - 7);
        expect_signal(signal, SI_QUEUE, signal * 1000 - 7);
    }
}

static void a_thousand_queued_signals_arrive_in_order_with_their_values(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "signals", "64", NULL);
    stream_await(&s.out, "ready");
    for (int i = 0; i < QUEUED; i++)
        queue(s.pid, RTMIN + 5, i);
    kill(s.pid, 64);
    for (int i = 0; i < QUEUED; i++)
        expect_signal(RTMIN + 5, SI_QUEUE, i);
    assert_int_equal(subject_wait(&s), 0);
    assert_count(s.out.bytes, "got 39 ", QUEUED);
}

static void a_signal_that_command_queues_for_init_comes_back_with_its_value(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_REWRITE=USR1:USR2", NULL };
    assert_int_equal(subject_run(&s, &options, "python3", "-c",
                                 "import os, signal\n"
                                 "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])\n"
                                 "os.kill(os.getppid(), signal.SIGUSR1)\n"
                                 "print(signal.sigwaitinfo([signal.SIGUSR2]).si_signo)\n",
                                 NULL),
                     0);
    assert_string_equal(s.out.bytes, "12\n");
}

/* --- rewriting --------------------------------------------------------------------------------- */

static void signals_are_rewritten(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-r", "term:quit", "-r", "10:RTMIN+1", "-r", "SIGRTMIN+2:SIGHUP", "--rewrite=33:32",
                  "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    expect_signal(SIGQUIT, SI_USER, 0);
    queue(s.pid, SIGUSR1, 7);
    expect_signal(RTMIN + 1, SI_QUEUE, 7);
    kill(s.pid, RTMIN + 2);
    expect_signal(SIGHUP, SI_USER, 0);
    syscall(SYS_kill, s.pid, 33);
    expect_signal(32, SI_USER, 0);
}

static void a_signal_rewritten_to_nothing_is_dropped(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_REWRITE=TERM:0,USR1:none,35:0", NULL };
    subject_start(&s, &options, "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    kill(s.pid, SIGUSR1);
    kill(s.pid, 35);
    /* the higher number comes after them */
    kill(s.pid, 36);
    expect_signal(36, SI_USER, 0);
    assert_string_equal(s.out.bytes, "ready\ngot 36 code 0 value 0\n");
}

static void a_rewrite_on_the_command_line_beats_those_of_the_environment(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_REWRITE=TERM:HUP,USR1:HUP", NULL };
    subject_start(&s, &options, "-r", "TERM:USR2", "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    expect_signal(SIGUSR2, SI_USER, 0);
    kill(s.pid, SIGUSR1);
    expect_signal(SIGUSR1, SI_USER, 0);
}

static void kill_can_be_sent_in_place_of_a_signal(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-r", "TERM:KILL", "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
}

static void a_suspending_signal_rewritten_to_stop_stops_command(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-r", "TSTP:STOP", "signals", NULL);
    stream_await(&s.out, "ready");
    pid_t command = proc_child(s.pid);
    kill(s.pid, SIGTSTP);
    await_state(command, 'T');
    if (!options.pid1)
        await_state(s.pid, 'T');
    kill(s.pid, SIGCONT);
    expect_signal(SIGCONT, SI_USER, 0);
}

/* --- what must not arrive ---------------------------------------------------------------------- */

static void nobody_reads_stderr(void *argument)
{
    int ends[2];

    (void)argument;
    if (pipe(ends) != 0 || dup2(ends[1], STDERR_FILENO) < 0)
        _exit(98);
    close(ends[0]);
    close(ends[1]);
}

static void the_sigpipe_of_its_own_messages_stays_with_init(void **state)
{
    struct subject_options options = as(state);

    options.before = nobody_reads_stderr;
    subject_start(&s, &options, "-vvv", "-w", "orphans", "20", "1", "36", NULL);
    stream_await(&s.out, "made");
    await_no_zombies(s.pid);
    kill(s.pid, SIGUSR1);
    kill(s.pid, 36);
    assert_int_equal(subject_wait(&s), 0);
    assert_string_equal(s.out.bytes, "ready\nmade\ngot 10 code 0 value 0\ngot 36 code 0 value 0\n");
}

static void a_sigpipe_of_others_is_forwarded(void **state)
{
    struct subject_options options = as(state);

    options.before = nobody_reads_stderr;
    subject_start(&s, &options, "-vvv", "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGPIPE);
    expect_signal(SIGPIPE, SI_USER, 0);
}

/* --- whoever does not read --------------------------------------------------------------------- */

static void fill_stderr(void *argument)
{
    char bytes[4096];
    int flags = fcntl(STDERR_FILENO, F_GETFL);

    (void)argument;
    memset(bytes, 'x', sizeof bytes);
    if (fcntl(STDERR_FILENO, F_SETFL, flags | O_NONBLOCK) != 0)
        _exit(98);
    while (write(STDERR_FILENO, bytes, sizeof bytes) > 0)
        ;
    if (errno != EAGAIN || fcntl(STDERR_FILENO, F_SETFL, flags) != 0)
        _exit(98);
}

static void signals_are_forwarded_while_nobody_reads_what_init_says(void **state)
{
    struct subject_options options = as(state);

    options.before = fill_stderr;
    subject_start(&s, &options, "-vv", "signals", "15", "5", NULL);
    stream_await(&s.out, "ready");
    for (int i = 0; i < 20; i++) {
        kill(s.pid, SIGUSR1);
        expect_signal(SIGUSR1, SI_USER, 0);
    }
    stream_drain(&s.err);
    kill(s.pid, SIGUSR2);
    stream_await(&s.err, "init: forwarding USR2\n");
    assert_count(s.err.bytes, "init: ", 1);
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 5);
}

static void sigchld_of_others_is_not_forwarded(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGCHLD);
    kill(s.pid, 36);
    expect_signal(36, SI_USER, 0);
    assert_string_equal(s.out.bytes, "ready\ngot 36 code 0 value 0\n");
}

/* --- the group --------------------------------------------------------------------------------- */

static void expect_only_command(void)
{
    stream_await(&s.out, "command got 10\n");
    kill(s.pid, SIGUSR2);
    stream_await(&s.out, "command got 12\n");
    assert_lacks(s.out.bytes, "child got");
}

static void by_default_command_alone_is_sent_signals(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "tree", "child", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    expect_only_command();
}

static void single_child_undoes_group(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_GROUP=1", NULL };
    subject_start(&s, &options, "-c", "tree", "child", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    expect_only_command();
}

static void the_group_is_commands_whole_group_and_no_other(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-g", "tree", "child", "orphan", "group", "session", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    assert_true(stream_comes(&s.out, "command got 10", AWAIT_MS));
    assert_true(stream_comes(&s.out, "child got 10", AWAIT_MS));
    assert_true(stream_comes(&s.out, "orphan got 10", AWAIT_MS));
    assert_false(stream_comes(&s.out, "group got", 50));
    assert_lacks(s.out.bytes, "session got");
}

/* So that there is a group that COMMAND can move to. */
static void lead_group(void *unused)
{
    (void)unused;
    setpgid(0, 0);
}

/* COMMAND leaves its group, and what FORK forks stays there. */
static void expect_reached(void **state, const char *fork)
{
    static const char script[] = "import os, signal\n"
                                 "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
                                 "%s\n"
                                 "os.setpgid(0, os.getpgid(os.getppid()))\n"
                                 "print('ready', flush=True)\n"
                                 "signal.sigwait([signal.SIGTERM])\n"
                                 "os._exit(7)\n";
    struct subject_options options = as(state);
    char text[1024];

    options.before = lead_group;
    snprintf(text, sizeof text, script, fork);
    subject_start(&s, &options, "-g", "python3", "-c", text, NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 7);
}

static void a_command_that_leaves_its_group_is_still_reached(void **state)
{
    expect_reached(state, "");
}

/* The group has the signal, and COMMAND is not in it. */
static void a_command_that_leaves_a_child_in_its_group_is_still_reached(void **state)
{
    expect_reached(state, "if os.fork() == 0: signal.sigwait([signal.SIGTERM]); os._exit(0)");
}

/* --- races ------------------------------------------------------------------------------------- */

static void spin(int64_t ns)
{
    struct timespec start, now;

    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec < ns);
}

/* From init's first system call on, whatever it is at: a TERM ends COMMAND, which has it at its default. */
static void signal_early(void **state, const char *option)
{
    struct subject_options options = as(state);

    for (int i = 0; i < TRIALS; i++) {
        subject_start(&s, &options, option, "pause", NULL);
        await_blocked(s.pid);
        spin(i * INT64_C(3000000) / TRIALS);
        kill(s.pid, SIGTERM);
        assert_int_equal(subject_wait(&s), 128 + SIGTERM);
    }
}

static void a_signal_right_after_the_start_is_not_lost(void **state)
{
    signal_early(state, "-c");
}

static void a_signal_to_the_group_right_after_the_start_is_not_lost(void **state)
{
    signal_early(state, "-g");
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(each_signal_is_forwarded),
        BOTH(each_signal_is_forwarded_to_the_group),
        BOTH(each_value_of_sigqueue_is_kept),
        BOTH(a_thousand_queued_signals_arrive_in_order_with_their_values),
        BOTH(a_signal_that_command_queues_for_init_comes_back_with_its_value),
        BOTH(signals_are_rewritten),
        BOTH(a_signal_rewritten_to_nothing_is_dropped),
        BOTH(a_rewrite_on_the_command_line_beats_those_of_the_environment),
        BOTH(kill_can_be_sent_in_place_of_a_signal),
        BOTH(a_suspending_signal_rewritten_to_stop_stops_command),
        BOTH(the_sigpipe_of_its_own_messages_stays_with_init),
        BOTH(a_sigpipe_of_others_is_forwarded),
        BOTH(sigchld_of_others_is_not_forwarded),
        BOTH(signals_are_forwarded_while_nobody_reads_what_init_says),
        BOTH(by_default_command_alone_is_sent_signals),
        BOTH(single_child_undoes_group),
        BOTH(the_group_is_commands_whole_group_and_no_other),
        ONLY_ORDINARY(a_command_that_leaves_its_group_is_still_reached),
        ONLY_ORDINARY(a_command_that_leaves_a_child_in_its_group_is_still_reached),
        BOTH(a_signal_right_after_the_start_is_not_lost),
        BOTH(a_signal_to_the_group_right_after_the_start_is_not_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
