/* Init reaps every zombie, loses no status and no signal over it, and never signals a number it has given back. */
#include "support/proc.h"
#include "support/run.h"
#include "support/subject.h"
#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FLOOD = 4000, INSTANTS = 300, TRACED = 25, RTMIN = 34 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

static void queue(pid_t pid, int signal, int value)
{
    siginfo_t info = { .si_signo = signal, .si_code = SI_QUEUE };

    info.si_pid = getpid();
    info.si_value.sival_int = value;
    assert_int_equal(syscall(SYS_rt_sigqueueinfo, pid, signal, &info), 0);
}

/* --- orphans ----------------------------------------------------------------------------------- */

/* Two makers with batches of 50: about a hundred live at once. */
static void no_zombie_is_left_of_20000_orphans(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "orphans", "20000", "2", "36", NULL);
    stream_await(&s.out, "made");
    await_children(s.pid, 1);
    kill(s.pid, 36);
    assert_int_equal(subject_wait(&s), 0);
    assert_string_equal(s.err.bytes, "");
}

static void each_orphan_is_told_of_once(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-w", "orphans", "700", "2", "36", NULL);
    stream_await(&s.out, "made");
    await_children(s.pid, 1);
    kill(s.pid, 36);
    assert_int_equal(subject_wait(&s), 0);
    assert_count(s.err.bytes, "init: Reaped zombie process with pid=", 700);
    assert_count(s.err.bytes, "\n", 700);
    /* 14 batches of 50, in each the statuses 0 to 6 in turn: 8 zeroes, 7 of each other */
    assert_int_equal(stream_count(&s.err, ", exit status 0\n"), 14 * 8);
    assert_int_equal(stream_count(&s.err, ", exit status 6\n"), 14 * 7);
}

static void the_variable_asks_for_the_lines_too(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_WARN_ON_REAP=1", NULL };
    subject_start(&s, &options, "orphans", "1", "1", "36", NULL);
    stream_await(&s.err, "init: Reaped zombie process with pid=");
    kill(s.pid, 36);
    assert_int_equal(subject_wait(&s), 0);
}

static void no_signal_of_a_flood_is_lost_in_a_storm_of_orphans(void **state)
{
    struct subject_options options = as(state);
    int expected = 0, value;

    subject_start(&s, &options, "orphans", "6000", "2", "64", NULL);
    stream_await(&s.out, "ready");
    for (int i = 0; i < FLOOD; i++) {
        queue(s.pid, RTMIN + 5, i);
        if (i % 50 == 0)
            stream_drain(&s.out);
    }
    stream_await(&s.out, "made");
    await_children(s.pid, 1);
    kill(s.pid, 64);
    assert_int_equal(subject_wait(&s), 0);
    for (const char *at = s.out.bytes; (at = strstr(at, "got 39 code -1 value ")); at++) {
        assert_int_equal(sscanf(at, "got 39 code -1 value %d", &value), 1);
        assert_int_equal(value, expected++);
    }
    assert_int_equal(expected, FLOOD);
}

/* --- the instant of the end -------------------------------------------------------------------- */

static void ignore_term(void *argument)
{
    (void)argument;
    signal(SIGTERM, SIG_IGN);
}

static void spin(int64_t ns)
{
    struct timespec start, now;

    clock_gettime(CLOCK_MONOTONIC, &start);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while ((now.tv_sec - start.tv_sec) * 1000000000LL + now.tv_nsec - start.tv_nsec < ns);
}

/* COMMAND ends by itself when its stdin does; the signal comes up to 150 us before or after that. */
static int stop_in_the_instant_of_the_end(struct subject_options *options, const char *option, int trial)
{
    int ends[2], offset = (trial % 31 - 15) * 10000;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    options->in = ends[0];
    subject_start(&s, options, option, "end", "7", "-i", NULL);
    close(ends[0]);
    stream_await(&s.out, "ready");
    if (offset < 0) {
        kill(s.pid, SIGTERM);
        spin(-offset);
    }
    close(ends[1]);
    if (offset >= 0) {
        spin(offset);
        kill(s.pid, SIGTERM);
    }
    return subject_wait(&s);
}

static void a_stop_signal_in_the_instant_of_the_end_costs_no_status(void **state)
{
    struct subject_options options = as(state);

    options.before = ignore_term;
    for (int i = 0; i < INSTANTS; i++) {
        assert_int_equal(stop_in_the_instant_of_the_end(&options, i % 2 ? "-g" : "--stop-timeout=9s", i), 7);
        assert_string_equal(s.err.bytes, "");
    }
}

static void the_status_is_that_of_the_end_or_of_the_signal_and_nothing_else(void **state)
{
    struct subject_options options = as(state);

    for (int i = 0; i < INSTANTS; i++) {
        int status = stop_in_the_instant_of_the_end(&options, i % 2 ? "-g" : "-c", i);
        assert_true(status == 7 || status == 128 + SIGTERM);
        assert_string_equal(s.err.bytes, "");
    }
}

/* --- numbers that were given back -------------------------------------------------------------- */

/* Whether LINE of strace is a signal to the process PID or its group. */
static bool signals_pid(const char *line, int pid)
{
    const char *call = strstr(line, "kill(");
    int to;

    if (!call)
        call = strstr(line, "rt_sigqueueinfo(");
    return call && sscanf(strchr(call, '(') + 1, "%d", &to) == 1 && (to == pid || to == -pid);
}

/* The signals that init sent to COMMAND before it reaped it; fails the test for one after that. */
static int check_trace(const char *path, int command)
{
    char line[512], reaped[32];
    bool gone = false;
    int sent = 0;

    snprintf(reaped, sizeof reaped, " = %d\n", command);
    FILE *trace = fopen(path, "re");
    assert_non_null(trace);
    while (fgets(line, sizeof line, trace)) {
        if (signals_pid(line, command)) {
            if (gone)
                fail_msg("signalled after it was reaped: %s", line);
            sent++;
        }
        gone = gone || (strstr(line, "wait4") && strstr(line, reaped));
    }
    fclose(trace);
    assert_true(gone);
    return sent;
}

/* How many signals COMMAND was sent. */
static int signal_around_the_end(const char *trace, const char *option, const char *script)
{
    struct subject_options options = { .binary = "/usr/bin/strace", .argv0 = "strace" };
    int ends[2];

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    options.in = ends[0];
    options.before = ignore_term;
    subject_start(&s, &options, "-f", "-o", trace, "-e", "trace=wait4,kill,rt_sigqueueinfo", subject_binary(), option,
                  "sh", "-c", script, NULL);
    close(ends[0]);
    stream_await(&s.out, "ready");
    pid_t init = proc_child(s.pid), command = proc_child(init);
    for (int i = 0; i < 12; i++) {
        if (i == 4)
            close(ends[1]);
        kill(init, i % 2 ? SIGTERM : SIGWINCH);
        sigqueue(init, SIGURG, (union sigval){ .sival_int = i }); /* which may have ended by now */
    }
    assert_int_equal(subject_wait(&s), 7);
    return check_trace(trace, command);
}

static void command_is_never_signalled_after_it_was_reaped(void **state)
{
    char trace[] = "/tmp/pith-trace-XXXXXX";
    int sent = 0;

    (void)state;
    close(mkstemp(trace));
    for (int i = 0; i < TRACED; i++) {
        sent += signal_around_the_end(trace, "-c", "echo ready; read line; exit 7");
        sent += signal_around_the_end(trace, "-g", "echo ready; read line; exit 7");
        sent += signal_around_the_end(trace, "--grace=0", "sleep 60 & echo ready; read line; exit 7");
    }
    unlink(trace);
    assert_true(sent > TRACED);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(no_zombie_is_left_of_20000_orphans),
        BOTH(each_orphan_is_told_of_once),
        BOTH(the_variable_asks_for_the_lines_too),
        BOTH(no_signal_of_a_flood_is_lost_in_a_storm_of_orphans),
        BOTH(a_stop_signal_in_the_instant_of_the_end_costs_no_status),
        BOTH(the_status_is_that_of_the_end_or_of_the_signal_and_nothing_else),
        ONLY_ORDINARY(command_is_never_signalled_after_it_was_reaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
