/* --watch: a COMMAND that fails its probe N times in a row is stopped, and the status says so. */
#include "support/probe.h"
#include "support/proc.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONG_MS = 6000 };

static struct subject s;

/* A copy of init with a probe beside it, whose verdict its target says. */
static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL, .binary = scratch_path("init") };
}

static void copy(const char *from, const char *to)
{
    assert_status(run(NULL, (char *[]){ "cp", (char *)(uintptr_t)from, (char *)(uintptr_t)to, NULL }), 0);
}

static void await_probes(int n)
{
    for (int i = 0; i < n; i++)
        stream_await(&s.err, "probe uid ");
}

static void a_healthy_command_is_left_alone(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--watch=pass", "--watch-interval=20ms", "--watch-retries=1", "signals", "15", "3",
                  NULL);
    await_probes(4);
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 3);
    assert_string_equal(s.out.bytes, "ready\ngot 15 code 0 value 0\n");
}

static void what_probes_say_is_told_where_stdout_is_closed(void **state)
{
    struct subject_options options = as(state);
    static const char script[] = "exec \"$0\" --watch=fail --watch-interval=10ms signals 15 3 <&- >&-";

    subject_run(&s, &options, "sh", "-c", script, subject_binary(), NULL);
    assert_has(s.err.bytes, "init: --watch: FAIL  ");
}

static void an_unhealthy_command_is_stopped_after_n_failures(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "--watch=fail", "--watch-interval=40ms", "signals", "15", "0", NULL),
                     125);
    assert_took_since(start, 120, LONG_MS);
    assert_count(s.err.bytes, "probe uid ", 3);
    assert_string_equal(s.out.bytes, "ready\ngot 15 code 0 value 0\n");
}

static void expect_last_line(const char *line)
{
    const char *at = s.err.bytes + s.err.length - strlen(line);

    if (s.err.length < strlen(line) || strcmp(at, line) != 0)
        fail_msg("'%s' is not the end of: %s", line, s.err.bytes);
}

static void it_says_how_often_probes_failed_and_what_the_last_one_said(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(
        subject_run(&s, &options, "--watch=fail", "--watch-interval=10ms", "-r", "TERM:QUIT", "signals", "3", NULL),
        125);
    assert_count(s.err.bytes, "init: --watch: FAIL  fail  for a reason\n", 2);
    expect_last_line("init: probes of --watch that failed in a row: 3, QUIT sent; the last said: "
                     "FAIL  fail  for a reason\n");
    assert_int_equal(subject_run(&s, &options, "--watch=mute", "--watch-interval=10ms", "--watch-retries=1",
                                 "--stop-timeout=20ms", "signals", NULL),
                     125);
    assert_has(s.err.bytes, "\ninit: probes of --watch that failed in a row: 1, TERM sent\n");
    expect_last_line("init: COMMAND still runs after --stop-timeout: KILL sent\n");
}

static void the_variables_ask_for_a_watch_too(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_WATCH=fail",         "PITH_WATCH_INTERVAL=20ms",    "PITH_WATCH_RETRIES=2",
                                    "PITH_WATCH_TIMEOUT=1.5s", "PITH_WATCH_START_PERIOD=1ms", NULL };
    assert_int_equal(subject_run(&s, &options, "pause", NULL), 125);
    assert_count(s.err.bytes, "time -qt1500ms of fail\n", 2);
}

static void a_command_that_turns_unhealthy_is_stopped(void **state)
{
    struct subject_options options = as(state);

    close(open(scratch_path("healthy"), O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    subject_start(&s, &options, "--watch", scratch_path("healthy"), "--watch-interval=20ms", "pause", NULL);
    await_probes(3);
    unlink(scratch_path("healthy"));
    assert_int_equal(subject_wait(&s), 125);
}

static void a_stubborn_unhealthy_command_is_killed(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--watch=fail", "--watch-interval=10ms", "--watch-retries=1",
                                 "--stop-timeout=50ms", "--stop-delay=9s", "-e", "0-255", "signals", NULL),
                     125);
    assert_has(s.out.bytes, "got 15 ");
}

static void a_probe_that_hangs_is_a_failure_and_is_killed_and_reaped(void **state)
{
    struct subject_options options = as(state);
    pid_t children[4];

    subject_start(&s, &options, "--watch=hang", "--watch-interval=10ms", "--watch-timeout=10ms", "--watch-retries=2",
                  "signals", "15", NULL);
    await_probes(1);
    assert_int_equal(proc_children(s.pid, children, 4), 2);
    await_probes(1);
    assert_int_equal(proc_zombies(s.pid), 0);
    assert_at_most(proc_children(s.pid, children, 4), 2);
    assert_int_equal(subject_wait(&s), 125);
    assert_count(s.err.bytes, "probe uid ", 2);
}

static void a_probe_leaves_no_descriptor_behind(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--watch=fail", "--watch-interval=5ms", "--watch-retries=1000", "pause", NULL);
    await_probes(20);
    /* beside 0 to 2 both ends of one pipe: that of a probe which is just being started */
    assert_in_range(proc_descriptors(s.pid), 3, 5);
}

static void no_probe_outlives_init(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--watch=hang", "--watch-interval=10ms", "signals", "15", "4", NULL);
    await_probes(1);
    pid_t command = proc_child(s.pid), children[2];
    assert_int_equal(proc_children(s.pid, children, 2), 2);
    pid_t hanging = children[0] == command ? children[1] : children[0];
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 4);
    await_gone(hanging);
}

static void failures_in_the_start_period_do_not_count(void **state)
{
    struct subject_options options = as(state);
    int64_t start = run_now_ms();

    assert_int_equal(subject_run(&s, &options, "--watch=fail", "--watch-interval=30ms", "--watch-retries=1",
                                 "--watch-start-period=300ms", "pause", NULL),
                     125);
    assert_took_since(start, 300, LONG_MS);
    assert_true(stream_count(&s.err, "probe uid ") > 1);
}

static void probes_run_with_the_ids_of_command(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-u", "65532:1234", "--watch=pass", "--watch-interval=10ms", "pause", NULL);
    stream_await(&s.err, "probe uid 65532 gid 1234 time -qt3000ms of pass\n");
}

/* A target may need the password that COMMAND has from a file. */
static void probes_have_the_environment_of_command(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "SECRET_FILE=/dev/null", NULL };
    subject_start(&s, &options, "--file-env=SECRET", "--watch=$SECRET", "--watch-interval=10ms", "--watch-retries=1",
                  "signals", "10", "3", NULL);
    await_probes(3);
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 3);
}

static bool has_been_asked(void *server)
{
    return atomic_load(&((struct script_server *)server)->connections) >= 5;
}

/* HEALTHCHECK_HOLD is for those that the engine starts. */
static void no_probe_stays(void **state)
{
    struct subject_options options = as(state);
    struct script_server server;

    script_start(&server, "127.0.0.1", script_ok);
    copy(probe_binary(), scratch_path("healthcheck"));
    options.set = (const char *[]){ "HEALTHCHECK_HOLD=60s", NULL };
    subject_start(&s, &options, format("--watch=127.0.0.1:%u", server.port), "--watch-interval=10ms",
                  "--watch-timeout=2s", "--watch-retries=1", "signals", "10", "3", NULL);
    await(has_been_asked, &server, "five probes");
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 3);
    copy(subject_child("probe"), scratch_path("healthcheck"));
    script_stop(&server);
}

static void a_probe_has_a_millisecond_at_least(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--watch=pass", "--watch-interval=10ms", "--watch-timeout=0.2ms", "pause", NULL);
    stream_await(&s.err, " time -qt1ms of pass\n");
}

static void a_probe_that_cannot_be_started_is_a_failure(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--watch=pass", "--watch-interval=30ms", "pause", NULL);
    await_probes(1);
    unlink(scratch_path("healthcheck"));
    assert_int_equal(subject_wait(&s), 125);
    copy(subject_child("probe"), scratch_path("healthcheck"));
}

static void the_report_says_that_it_was_the_watch(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--watch=fail", "--watch-interval=10ms", "--exit-report=/dev/stdout",
                                 "signals", "15", NULL),
                     125);
    assert_has(s.out.bytes, "\"exit_code\":0,");
    assert_has(s.out.bytes, "\"status\":125,\"reason\":\"watch\"");
}

static void without_a_probe_nothing_is_started(void **state)
{
    struct subject_options options = as(state);

    options.binary = scratch_path("alone/init");
    assert_int_equal(subject_run(&s, &options, "--watch=pass", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --watch: no healthcheck binary beside init, nor at /healthcheck\n");
    assert_string_equal(s.out.bytes, "");
}

/* Before COMMAND starts: three failures later it would be a healthy one that is stopped. */
static void a_wrong_target_is_refused_before_command_starts(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--watch=wrong", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --watch: healthcheck: wrong: 'wrong' is no target\n");
    assert_string_equal(s.out.bytes, "");
    options.set = (const char *[]){ "PITH_WATCH=wrong", NULL };
    options.argv0 = "tini";
    assert_int_equal(subject_run(&s, &options, "show", NULL), 1);
    assert_string_equal(s.out.bytes, "");
}

/* It would do what that says, in place of a probe. */
static void an_option_is_no_target(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--watch=--install=/tmp", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --watch: '--install=/tmp' is not a target\n");
    assert_string_equal(s.out.bytes, "");
}

/* Its probes could stop nothing. */
static void pause_has_no_command_to_watch(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--pause", "--watch=pass", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --watch: --pause has no COMMAND\n");
}

static void the_target_is_judged_with_the_ids_of_command(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--watch=owner", "end", "3", NULL), 3);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--watch=owner", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --watch: FAIL  owner  refused: uid 65532\n");
    assert_string_equal(s.out.bytes, "");
}

static void expect_judgement(const char *target, const char *says)
{
    struct subject_options options = { .binary = scratch_path("real/init") };

    assert_int_equal(subject_run(&s, &options, "--watch", target, "end", "3", NULL), says ? 125 : 3);
    if (says)
        assert_has(s.err.bytes, says);
    else
        assert_string_equal(s.err.bytes, "");
}

/* Which ends at the gate: nothing listens there, and nothing is sent. */
static void the_real_healthcheck_judges_targets(void **state)
{
    (void)state;
    expect_judgement("htp://localhost/", "init: --watch: healthcheck: htp://localhost/: 'htp' is no kind of target");
    expect_judgement("http://192.0.2.1/", "init: --watch: FAIL  http://192.0.2.1/  refused: ");
    expect_judgement("http://localhost:${NO_PORT}/", "init: --watch: healthcheck: ");
    expect_judgement("http://localhost:1/health", NULL);
    expect_judgement("tcp://127.0.0.1:1", NULL);
}

static void hide_proc(void *argument)
{
    (void)argument;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", "/proc", "tmpfs", 0, NULL) != 0)
        _exit(98);
}

static void without_proc_the_probe_is_beside_argv0(void **state)
{
    struct subject_options options = as(state);

    options.before = hide_proc;
    options.argv0 = scratch_path("init");
    assert_int_equal(subject_run(&s, &options, "--watch=fail", "--watch-interval=10ms", "pause", NULL), 125);
    assert_count(s.err.bytes, "probe uid ", 3);
}

static int make_copies(void **state)
{
    (void)state;
    mkdir(scratch_path("alone"), 0755);
    copy(subject_binary(), scratch_path("init"));
    copy(subject_binary(), scratch_path("alone/init"));
    copy(subject_child("probe"), scratch_path("healthcheck"));
    mkdir(scratch_path("real"), 0755);
    copy(subject_binary(), scratch_path("real/init"));
    copy(probe_binary(), scratch_path("real/healthcheck"));
    return 0;
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(a_healthy_command_is_left_alone),
        BOTH(what_probes_say_is_told_where_stdout_is_closed),
        BOTH(an_unhealthy_command_is_stopped_after_n_failures),
        BOTH(it_says_how_often_probes_failed_and_what_the_last_one_said),
        BOTH(the_variables_ask_for_a_watch_too),
        BOTH(a_command_that_turns_unhealthy_is_stopped),
        BOTH(a_stubborn_unhealthy_command_is_killed),
        BOTH(a_probe_that_hangs_is_a_failure_and_is_killed_and_reaped),
        BOTH(a_probe_leaves_no_descriptor_behind),
        BOTH(no_probe_outlives_init),
        BOTH(failures_in_the_start_period_do_not_count),
        BOTH(probes_run_with_the_ids_of_command),
        BOTH(probes_have_the_environment_of_command),
        BOTH(no_probe_stays),
        BOTH(a_probe_has_a_millisecond_at_least),
        BOTH(a_probe_that_cannot_be_started_is_a_failure),
        BOTH(the_report_says_that_it_was_the_watch),
        BOTH(without_a_probe_nothing_is_started),
        BOTH(a_wrong_target_is_refused_before_command_starts),
        BOTH(an_option_is_no_target),
        BOTH(pause_has_no_command_to_watch),
        BOTH(the_target_is_judged_with_the_ids_of_command),
        cmocka_unit_test(the_real_healthcheck_judges_targets),
        BOTH(without_proc_the_probe_is_beside_argv0),
    };
    return cmocka_run_group_tests(tests, make_copies, scratch_remove);
}
