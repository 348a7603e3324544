/* Waiting, COMMAND, signals, descriptors: what healthcheck is to the process that it replaces and to those around it.
 */
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct script_step hold[] = { { .verb = SCRIPT_READ }, { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
static struct script_server server;
static char url[64];

static int start_ok(void **state)
{
    (void)state;
    script_start(&server, "127.0.0.1", script_ok);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    return 0;
}

static int start_silent(void **state)
{
    (void)state;
    script_start(&server, "127.0.0.1", hold);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    script_stop(&server);
    return 0;
}

/* The arguments of run(): a shell that starts healthcheck, whose path is $0. */
#define SHELL(script, ...)                                                                                             \
    ((char *const[]){ (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", (char *)(uintptr_t)(script),                 \
                      (char *)(uintptr_t)probe_binary(), __VA_ARGS__, NULL })

/* --- COMMAND -------------------------------------------------------------------- */

static void command_is_the_same_process(void **state)
{
    (void)state;
    const struct run_result *result = probe("-q", url, "--", "sh", "-c", "echo $$", NULL);
    assert_status(result, 0);
    assert_int_equal(atoi(result->out), result->pid);
}

static void command_gets_its_arguments_as_they_are(void **state)
{
    (void)state;
    const struct run_result *result =
        probe("-q", url, "--", "printf", "<%s>", "", "a b", "--", "-t", "$HOME", "${X}", "\x01\xff", NULL);
    assert_string_equal(result->out, "<><a b><--><-t><$HOME><${X}><\x01\xff>");
}

static void command_gets_the_environment_as_it_is(void **state)
{
    char plain[RUN_OUTPUT_MAX + 1];
    char *const environment[] = { (char *)(uintptr_t) "PATH=/usr/bin:/bin", (char *)(uintptr_t) "HEALTHCHECK_QUIET=1",
                                  (char *)(uintptr_t) "HEALTHCHECK_USER=a:b", (char *)(uintptr_t) "A=${B}", NULL };
    const struct run_options options = { .environment = environment };
    char *const direct[] = { (char *)(uintptr_t) "env", NULL };
    char *const through[] = { (char *)(uintptr_t)probe_binary(), url, (char *)(uintptr_t) "--",
                              (char *)(uintptr_t) "env", NULL };

    (void)state;
    strcpy(plain, run(&options, direct)->out);
    assert_string_equal(run(&options, through)->out, plain);
}

/* The kernel's signal for it would end the probe, or COMMAND. */
static void a_report_that_a_limit_on_files_cuts_changes_no_status(void **state)
{
    static const char script[] = "file=$(mktemp); ulimit -f 0; \"$0\" \"$@\" >\"$file\" 2>&1; echo $?; rm \"$file\"";

    (void)state;
    assert_string_equal(run(NULL, SHELL(script, url))->out, "0\n");
    assert_string_equal(run(NULL, SHELL(script, url, url))->out, "0\n");
    assert_string_equal(run(NULL, SHELL(script, (char *)(uintptr_t) "tcp://127.0.0.1:1"))->out, "1\n");
    assert_string_equal(run(NULL, SHELL(script, (char *)(uintptr_t) "--nonsense"))->out, "1\n");
    assert_string_equal(run(NULL, SHELL(script, (char *)(uintptr_t) "--help"))->out, "1\n");
    const struct run_result *result = run(NULL, SHELL("ulimit -f 0; \"$0\" \"$@\"", (char *)(uintptr_t) "--install",
                                                      (char *)(uintptr_t)scratch_directory()));
    assert_status(result, 1);
    assert_complains(result, ": File too large\n");
    assert_string_equal(run(NULL, SHELL(script, url, (char *)(uintptr_t) "--", (char *)(uintptr_t) "sh",
                                        (char *)(uintptr_t) "-c", (char *)(uintptr_t) "exit 7"))
                            ->out,
                        "7\n");
}

/* With and without a long wait, which touches signals. */
static void command_gets_mask_and_dispositions_as_they_were(void **state)
{
    static const char script[] =
        "trap '' PIPE TERM INT USR1; show='grep -E Sig(Blk|Ign|Cgt|Pnd) /proc/self/status';"
        "env --block-signal=HUP,TERM,PIPE $show; env --block-signal=HUP,TERM,PIPE \"$0\" -q \"$@\" -- $show";

    /* an answer that is waited for three times, twice of them with handlers for TERM and INT */
    static const struct script_step pieces[] = {
        { .verb = SCRIPT_READ },
        { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 " },
        { .verb = SCRIPT_PAUSE, .ms = 60 },
        { .verb = SCRIPT_SEND, .bytes = "200 OK\r\n" },
        { .verb = SCRIPT_PAUSE, .ms = 60 },
        { .verb = SCRIPT_SEND, .bytes = "\r\n" },
        { .verb = SCRIPT_END },
    };
    struct script_server slow;

    (void)state;
    script_start(&slow, "127.0.0.1", pieces);
    char *targets[] = { url, url, format("http://127.0.0.1:%u/", slow.port) };
    for (int i = 0; i < 3; i++) {
        char *wait = (char *)(uintptr_t)(i == 1 ? "5s" : "0");
        const struct run_result *result = run(NULL, SHELL(script, (char *)(uintptr_t) "-w", wait, targets[i]));
        size_t half = result->out_length / 2;
        assert_at_least(half, 41);
        assert_memory_equal(result->out, result->out + half, half);
    }
    script_stop(&slow);
}

static void command_is_not_run_when_unhealthy(void **state)
{
    (void)state;
    const struct run_result *result = probe("tcp://127.0.0.1:1", "--", "echo", "ran", NULL);
    assert_status(result, 1);
    assert_says_not(result, "ran\n");
}

static void command_that_cannot_be_run_is_127_or_126(void **state)
{
    (void)state;
    const struct run_result *result = probe("-q", url, "--", "no-such-command-anywhere", NULL);
    assert_status(result, 127);
    assert_string_equal(result->err, "healthcheck: no-such-command-anywhere: No such file or directory\n");
    result = probe("-q", url, "--", "/etc/passwd", NULL);
    assert_status(result, 126);
    assert_string_equal(result->err, "healthcheck: /etc/passwd: Permission denied\n");
    assert_status(probe("-q", url, "--", "/", NULL), 126);
    result = probe("-q", url, "--", "", NULL);
    assert_status(result, 127);
    assert_string_equal(result->err, "healthcheck: '': No such file or directory\n");
}

/* Folders that are not there, before the one that PATH is: long enough to look through that a server can answer. */
static char *make_long_path(void)
{
    enum { FOLDERS = 12000, FOLDER_SIZE = 8 };
    const char *path = getenv("PATH");
    size_t size = FOLDERS * FOLDER_SIZE + strlen(path) + 1, length = 0;
    char *longer = malloc(size);

    for (int i = 0; i < FOLDERS; i++)
        length += (size_t)snprintf(longer + length, size - length, "/%05d:", i);
    snprintf(longer + length, size - length, "%s", path);
    return longer;
}

/* Of the other targets of --any. Sanitizers see whether anything is looked at that is gone. */
static void threads_may_work_until_command_takes_over(void **state)
{
    static const struct script_step late[] = { { .verb = SCRIPT_READ },
                                               { .verb = SCRIPT_PAUSE, .ms = 15 },
                                               { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 500 Sorry\r\n\r\n" },
                                               { .verb = SCRIPT_END } };
    struct script_server other;
    char *path = strdup(getenv("PATH")), *longer = make_long_path();

    (void)state;
    script_start(&other, "127.0.0.1", late);
    const char *target = format("http://127.0.0.1:%u/", other.port);
    setenv("PATH", longer, 1);
    for (int i = 0; i < 10; i++) {
        const struct run_result *result = probe("-q", "--any", url, target, target, "--", "true", NULL);
        assert_string_equal(result->err, "");
        assert_status(result, 0);
    }
    setenv("PATH", path, 1);
    script_stop(&other);
    free(longer);
    free(path);
}

static void threads_may_work_until_the_end(void **state)
{
    (void)state;
    for (int i = 0; i < 30; i++) {
        const struct run_result *result = probe("-q", "--any", url, url, url, url, url, url, url, url, NULL);
        assert_string_equal(result->err, "");
        assert_status(result, 0);
    }
}

static void nobody_who_reads_why_changes_no_status(void **state)
{
    char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t)url, (char *)(uintptr_t) "--",
                           (char *)(uintptr_t) "/nowhere", NULL };
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    assert_status(run(&(struct run_options){ .stderr_fd = ends[1] }, argv), 127);
    close(ends[1]);
}

static void command_without_its_interpreter_is_explained(void **state)
{
    const char *script = scratch_path("script");
    FILE *file = fopen(script, "we");
    char expected[256];

    (void)state;
    assert_non_null(file);
    fputs("#!/no/such/interpreter\n", file);
    assert_int_equal(fchmod(fileno(file), 0755), 0);
    assert_int_equal(fclose(file), 0);
    snprintf(
        expected, sizeof expected,
        "healthcheck: %s: No such file or directory (the file is there: its interpreter or dynamic loader is not)\n",
        script);
    const struct run_result *result = probe("-q", url, "--", script, NULL);
    assert_status(result, 127);
    assert_string_equal(result->err, expected);
}

static void command_s_status_is_passed_on(void **state)
{
    (void)state;
    assert_status(probe("-q", url, "--", "sh", "-c", "exit 37", NULL), 37);
}

/* --- --wait --------------------------------------------------------------------- */

static bool has_been_tried_thrice(void *server_)
{
    return atomic_load(&((struct script_server *)server_)->connections) >= 3;
}

static void waiting_ends_when_the_server_is_healthy(void **state)
{
    struct run_child child;
    static struct run_result result;
    struct script_server starting, started;

    (void)state;
    script_start(&starting, "127.0.0.1", script_sorry);
    char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                           (char *)(uintptr_t) "--wait=15s",
                           (char *)(uintptr_t) "--interval=20ms",
                           format("http://127.0.0.1:%u/", starting.port),
                           (char *)(uintptr_t) "--",
                           (char *)(uintptr_t) "echo",
                           (char *)(uintptr_t) "ready",
                           NULL };
    run_start(&child, NULL, argv);
    await(has_been_tried_thrice, &starting, "three tries");
    script_stop(&starting); /* from here on the connection is refused */
    script_start_port(&started, "127.0.0.1", starting.port, script_ok);
    run_finish(&child, &result);
    script_stop(&started);
    assert_status(&result, 0);
    assert_memory_equal(result.out, "ok    http://127.0.0.1:", 23);
    assert_says(&result, "\nready\n");
}

static bool has_been_asked(void *times)
{
    return atomic_load(&server.connections) >= *(unsigned *)times;
}

/* Each try of several targets has threads of its own, with stacks. */
static void tries_leave_no_memory_behind(void **state)
{
    char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                           (char *)(uintptr_t) "--wait=60s",
                           (char *)(uintptr_t) "--interval=1ms",
                           (char *)(uintptr_t) "--status=500",
                           url,
                           url,
                           NULL };
    unsigned few = 40, many = 400;
    struct run_child child;
    static struct run_result result;

    (void)state;
    run_start(&child, NULL, argv);
    await(has_been_asked, &few, "20 tries");
    long before = proc_number(child.pid, "VmPeak");
    await(has_been_asked, &many, "200 tries");
    long after = proc_number(child.pid, "VmPeak");
    kill(child.pid, SIGTERM);
    run_finish(&child, &result);
    assert_status(&result, 1);
    assert_at_least(before, 1);
    assert_int_equal(after, before);
}

static void waiting_ends_when_its_time_is_over(void **state)
{
    (void)state;
    const struct run_result *result = probe("-w", "600ms", "-i", "100ms", "tcp://127.0.0.1:1", NULL);
    assert_status(result, 1);
    assert_took(result, 600, 600 + GRACE_MS);
    assert_string_equal(result->out, "FAIL  tcp://127.0.0.1:1  connection refused (127.0.0.1)\n"); /* the last try */
}

/* Time does not help. At once is without even one pause, of 10 s, between two tries. */
static void waiting_ends_at_once_where_the_gate_refuses(void **state)
{
    enum { AT_ONCE = 5000 };
    static const char *const targets[] = { "tcp://192.0.2.1:1", "tcp://db.example:5432", "listen://192.0.2.1:1",
                                           "http://[fe80::1]/" };

    (void)state;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        assert_took(probe("-w20s", "-i10s", targets[i], NULL), 0, AT_ONCE);
        const struct run_result *result = probe("-w20s", "-i10s", "tcp://127.0.0.1:1", targets[i], NULL);
        assert_took(result, 0, AT_ONCE);
        assert_status(result, 1);
        assert_says(result, "connection refused");
        assert_took(probe("--any", "-w20s", "-i10s", targets[i], targets[i], NULL), 0, AT_ONCE);
        assert_took(probe("--any", "-w", "300ms", targets[i], "tcp://127.0.0.1:1", NULL), 300, 300 + GRACE_MS);
    }
    assert_took(probe("-w20s", "-i10s", "-4", "http://[::1]/", NULL), 0, AT_ONCE);
}

static void a_try_is_cut_to_what_is_left(void **state)
{
    (void)state;
    const struct run_result *result = probe("-t", "10s", "-w", "500ms", url, NULL);
    assert_status(result, 1);
    assert_took(result, 500, 500 + GRACE_MS);
}

/* It answers each time, but to the last try behind the end of the wait. */
static void what_the_last_whole_try_was_answered_is_told(void **state)
{
    static const struct script_step slow[] = { { .verb = SCRIPT_READ },
                                               { .verb = SCRIPT_PAUSE, .ms = 1200 },
                                               { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 503 Busy\r\n\r\n" },
                                               { .verb = SCRIPT_END } };
    const struct run_result *result;
    int tries = 0;

    (void)state;
    script_start(&server, "127.0.0.1", slow);
    const char *there = format("http://127.0.0.1:%u/", server.port);
    do
        result = probe("-t2s", "-w2s", "-i100ms", there, "tcp://127.0.0.1:1", NULL);
    while (stall_spoils(result, "503, wanted 200-399", &tries));
    script_stop(&server);
    assert_status(result, 1);
    assert_says(result, "  503, wanted 200-399");
    assert_says(result, "  connection refused");
    assert_took(result, 2000, 2000 + GRACE_MS);
}

static void each_try_has_its_own_timeout(void **state)
{
    (void)state;
    const struct run_result *result = probe("-t", "100ms", "-i", "10ms", "-w", "700ms", url, NULL);
    assert_status(result, 1);
    assert_true(atomic_load(&server.connections) >= 3);
    assert_took(result, 700, 700 + GRACE_MS);
}

/* --- signals and descriptors -------------------------------------------------------- */

static bool has_connection(void *unused)
{
    (void)unused;
    return strstr(script_log(&server), "\r\n\r\n") != NULL;
}

static void term_and_int_end_it_at_once(void **state)
{
    static const int signals[] = { SIGTERM, SIGINT };
    static const char *const extra[] = { "tcp://127.0.0.1:1", "-v" };

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct run_child child;
        static struct run_result result;
        char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t) "-t",
                               (char *)(uintptr_t) "10s",         url,
                               (char *)(uintptr_t)extra[i / 2],   NULL };
        start_silent(NULL);
        run_start(&child, NULL, argv);
        await(has_connection, NULL, "the request");
        kill(child.pid, signals[i % 2]);
        run_finish(&child, &result);
        assert_status(&result, 1);
        assert_took(&result, 0, 2000);
        stop(NULL);
    }
}

static void closed_descriptors_change_nothing(void **state)
{
    (void)state;
    for (unsigned closed = 0; closed < 8; closed++) {
        const struct run_options options = { .close_stdin = closed & 1,
                                             .close_stdout = closed & 2,
                                             .close_stderr = closed & 4 };
        char *const good[] = { (char *)(uintptr_t)probe_binary(), url, NULL };
        char *const many[] = { (char *)(uintptr_t)probe_binary(), url, url, (char *)(uintptr_t) "--body-regex=.*",
                               NULL };
        char *const bad[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t) "http://example.com/", NULL };
        assert_status(run(&options, good), 0);
        const struct run_result *result = run(&options, many);
        if (result->status != 0)
            fail_msg("%u: %s%s", closed, result->out, result->err);
        assert_status(run(&options, bad), 1);
    }
}

/* What is opened next has the number of what is closed. */
static void nothing_of_a_report_goes_to_the_server_where_outputs_are_closed(void **state)
{
    static const struct script_step steps[] = {
        { .verb = SCRIPT_READ },
        { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n" },
        { .verb = SCRIPT_READ },
        { .verb = SCRIPT_END },
    };
    struct script_server asked;

    (void)state;
    script_start(&asked, "127.0.0.1", steps);
    for (unsigned closed = 0; closed < 8; closed++) {
        const struct run_options options = { .close_stdin = closed & 1,
                                             .close_stdout = closed & 2,
                                             .close_stderr = closed & 4 };
        char *const argv[] = { (char *)(uintptr_t)probe_binary(),          (char *)(uintptr_t) "-v",
                               format("http://127.0.0.1:%u/", asked.port), (char *)(uintptr_t) "--",
                               (char *)(uintptr_t) "/no/such/program",     NULL };
        assert_status(run(&options, argv), 127);
    }
    script_stop(&asked);
    assert_non_null(strstr(script_log(&asked), "GET / "));
    assert_null(strstr(script_log(&asked), "ok    "));
    assert_null(strstr(script_log(&asked), "/no/such"));
}

/* The status tells which of 0 to 2 are open in COMMAND. */
static void command_gets_closed_descriptors_closed(void **state)
{
    static const char script[] = "open=0; for fd in 0 1 2; do"
                                 " [ ! -e /proc/self/fd/$fd ] || open=$((open + (1 << fd))); done; exit $open";

    (void)state;
    for (int closed = 0; closed < 8; closed++) {
        const struct run_options options = { .close_stdin = closed & 1,
                                             .close_stdout = closed & 2,
                                             .close_stderr = closed & 4 };
        char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                               (char *)(uintptr_t) "-q",
                               url,
                               url,
                               (char *)(uintptr_t) "--body-regex=.*",
                               (char *)(uintptr_t) "--",
                               (char *)(uintptr_t) "sh",
                               (char *)(uintptr_t) "-c",
                               (char *)(uintptr_t)script,
                               NULL };
        assert_status(run(&options, argv), 7 & ~closed);
    }
}

static void a_stdout_that_nobody_reads_is_no_error(void **state)
{
    (void)state;
    assert_status(run(NULL, SHELL("\"$0\" \"$1\" >/dev/full", url)), 0);
    assert_status(run(NULL, SHELL("{ \"$0\" \"$1\"; echo $? >&2; } | true", url)), 0);
}

/* A reader that hangs costs the report, not the deadline. */
static void a_full_pipe_is_not_waited_for(void **state)
{
    int ends[2];

    (void)state;
    run_full_pipe(ends);
    for (int bad = 0; bad < 2; bad++) {
        const struct run_options options = { .stdout_fd = ends[1], .bound_ms = 5000 };
        char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t) "--timeout=300ms",
                               bad ? (char *)(uintptr_t) "tcp://127.0.0.1:1" : url, NULL };
        const struct run_result *result = run(&options, argv);
        assert_status(result, bad);
        assert_took(result, 0, 300 + GRACE_MS);
    }
    close(ends[0]);
    close(ends[1]);
}

/* The only page of a pipe is in use: poll(2) says that it is full, and write(2) appends to the page. */
static void a_report_goes_into_the_last_page_of_a_pipe(void **state)
{
    char bytes[256] = "";
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_at_least(fcntl(ends[1], F_SETPIPE_SZ, 1), 1);
    assert_int_equal(write(ends[1], "x", 1), 1);
    const struct run_options options = { .stdout_fd = ends[1] };
    assert_status(run(&options, (char *[]){ (char *)(uintptr_t)probe_binary(), url, NULL }), 0);
    close(ends[1]);
    assert_at_least(read(ends[0], bytes, sizeof bytes - 1), 1);
    close(ends[0]);
    assert_has(bytes, "xok ");
}

/* It cannot be written to without waiting (RWF_NOWAIT of pwritev2(2)). */
static void a_report_goes_to_a_terminal(void **state)
{
    char bytes[256] = "";
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    (void)state;
    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    int line = open(ptsname(terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_at_least(line, 0);
    const struct run_options options = { .stdout_fd = line };
    assert_status(run(&options, (char *[]){ (char *)(uintptr_t)probe_binary(), url, NULL }), 0);
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    assert_at_least(read(terminal, bytes, sizeof bytes - 1), 1);
    close(line);
    close(terminal);
    assert_has(bytes, "ok ");
}

/* The lines of strace(1) that tell of new processes and threads while it probes the targets. */
static const char *clones(const char *targets)
{
    char line[1024];

    snprintf(line, sizeof line, "strace -f -qq -e trace=fork,vfork,clone,clone3,execve -o /dev/stdout %s -q %s; true",
             probe_binary(), targets);
    const struct run_result *result =
        run(NULL, (char *const[]){ (char *)(uintptr_t) "sh", (char *)(uintptr_t) "-c", line, NULL });
    if (strstr(result->err, "strace")) {
        print_message("# skip: strace is missing\n");
        skip();
    }
    assert_says(result, "execve(");
    assert_says_not(result, "fork(");
    return result->out;
}

static void it_never_forks(void **state)
{
    (void)state;
    assert_lacks(clones(url), "clone"); /* one plain probe needs no thread, either */
    const char *many = clones(format("%s %s --body-regex=.*", url, url));
    size_t threads = 0;
    for (const char *at = many; (at = strstr(at, "CLONE_THREAD")); at++)
        threads++;
    assert_int_equal(threads, 2);
    for (const char *at = many; (at = strstr(at, "clone(")); at++)
        threads--;
    for (const char *at = many; (at = strstr(at, "clone3(")); at++)
        threads--;
    assert_int_equal(threads, 0);
}

#define WITH(start, test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(start_ok, command_is_the_same_process),
        WITH(start_ok, command_gets_its_arguments_as_they_are),
        WITH(start_ok, command_gets_the_environment_as_it_is),
        WITH(start_ok, command_gets_mask_and_dispositions_as_they_were),
        WITH(start_ok, a_report_that_a_limit_on_files_cuts_changes_no_status),
        cmocka_unit_test(command_is_not_run_when_unhealthy),
        WITH(start_ok, command_that_cannot_be_run_is_127_or_126),
        WITH(start_ok, threads_may_work_until_command_takes_over),
        WITH(start_ok, threads_may_work_until_the_end),
        WITH(start_ok, nobody_who_reads_why_changes_no_status),
        WITH(start_ok, command_without_its_interpreter_is_explained),
        WITH(start_ok, command_s_status_is_passed_on),
        cmocka_unit_test(waiting_ends_when_the_server_is_healthy),
        WITH(start_ok, tries_leave_no_memory_behind),
        cmocka_unit_test(waiting_ends_when_its_time_is_over),
        cmocka_unit_test(waiting_ends_at_once_where_the_gate_refuses),
        WITH(start_silent, a_try_is_cut_to_what_is_left),
        cmocka_unit_test(what_the_last_whole_try_was_answered_is_told),
        WITH(start_silent, each_try_has_its_own_timeout),
        cmocka_unit_test(term_and_int_end_it_at_once),
        WITH(start_ok, closed_descriptors_change_nothing),
        cmocka_unit_test(nothing_of_a_report_goes_to_the_server_where_outputs_are_closed),
        WITH(start_ok, command_gets_closed_descriptors_closed),
        WITH(start_ok, a_stdout_that_nobody_reads_is_no_error),
        WITH(start_ok, a_full_pipe_is_not_waited_for),
        WITH(start_ok, a_report_goes_into_the_last_page_of_a_pipe),
        WITH(start_ok, a_report_goes_to_a_terminal),
        WITH(start_ok, it_never_forks),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
