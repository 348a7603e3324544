/* --hold: when a probe stays, when it leaves, and what it says then. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct script_step silence[] = { { .verb = SCRIPT_READ },
                                              { .verb = SCRIPT_HOLD },
                                              { .verb = SCRIPT_END } };
static struct script_server server;
static char url[64];

/* --- the container ------------------------------------------------------------------------------------ */

/* What the application does from now on. */
static void become(const struct script_step *steps)
{
    uint16_t port = server.port;

    script_stop(&server);
    script_start_port(&server, "127.0.0.1", port, steps);
}

/* How many files are in /dev/shm, which is the test's own; *NAME is one of them, and empty. */
static size_t marks(char name[NAME_MAX + 1])
{
    DIR *folder = opendir("/dev/shm");
    const struct dirent *entry;
    struct stat file;
    size_t count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        assert_int_equal(fstatat(dirfd(folder), entry->d_name, &file, AT_SYMLINK_NOFOLLOW), 0);
        assert_true(S_ISREG(file.st_mode));
        assert_int_equal(file.st_size, 0);
        if (name)
            strcpy(name, entry->d_name);
        count++;
    }
    closedir(folder);
    return count;
}

static int start(void **state)
{
    (void)state;
    assert_int_equal(mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777"), 0);
    script_start(&server, "127.0.0.1", script_ok);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    script_stop(&server);
    return umount2("/dev/shm", MNT_DETACH);
}

/* --- the probes --------------------------------------------------------------------------------------- */

static void begin(struct run_child *child, const char *const words[])
{
    char *argv[12] = { (char *)(uintptr_t)probe_binary() };

    for (size_t i = 0; words[i]; i++)
        argv[i + 1] = (char *)(uintptr_t)words[i];
    run_start(child, NULL, argv);
}

static const char *const longest[] = { "--hold=60s", "--interval=20ms", "--timeout=1s", url, NULL };
static struct run_result result;

static bool has_been_asked(void *times)
{
    return atomic_load(&server.connections) >= *(unsigned *)times;
}

/* Waits until the application has been asked so many times more. */
static void await_tries(unsigned count)
{
    unsigned wanted = atomic_load(&server.connections) + count;

    await(has_been_asked, &wanted, "the tries of a probe that stays");
}

/* Runs the probe once, which leaves at once, and then starts it, so that it stays. */
static void begin_staying(struct run_child *child, const char *const words[])
{
    begin(child, words);
    run_finish(child, &result);
    assert_status(&result, 0);
    assert_took(&result, 0, 1000);
    begin(child, words);
    await_tries(3);
}

static void expect_plain(const char *const words[], int status)
{
    struct run_child child;

    begin(&child, words);
    run_finish(&child, &result);
    assert_status(&result, status);
    assert_took(&result, 0, 1500);
    assert_says_not(&result, "tries");
}

static void end(struct run_child *child)
{
    kill(child->pid, SIGKILL);
    run_finish(child, &result);
    assert_status(&result, 128 + SIGKILL);
}

/* --- when it stays ------------------------------------------------------------------------------------ */

static void the_first_healthy_run_leaves_at_once_and_the_next_one_stays(void **state)
{
    struct run_child child;

    (void)state;
    expect_plain(longest, 0);
    assert_int_equal(atomic_load(&server.connections), 1);
    begin(&child, longest);
    await_tries(5);
    end(&child);
}

static void an_unhealthy_first_try_is_the_only_one(void **state)
{
    (void)state;
    become(script_sorry);
    expect_plain(longest, 1);
    assert_string_equal(result.out, format("FAIL  %s  503, wanted 200-399\n", url));
    assert_int_equal(atomic_load(&server.connections), 1);
    become(script_ok);
    expect_plain(longest, 0); /* the last run was not a healthy one */
    become(script_sorry);
    expect_plain(longest, 1); /* it was, but this is none */
}

static void a_failure_ends_it_and_the_first_healthy_run_after_that_leaves_at_once(void **state)
{
    struct run_child child;

    (void)state;
    for (int round = 0; round < 2; round++) {
        begin_staying(&child, longest);
        become(script_sorry);
        run_finish(&child, &result);
        assert_status(&result, 1);
        assert_int_equal(atomic_load(&server.connections), 1);
        assert_memory_equal(result.out, "FAIL  http://", 13);
        assert_says_not(&result, "tries");
        become(script_ok);
    }
}

/* The interval is the default, a second. */
static void a_failure_is_told_within_an_interval_and_the_timeout(void **state)
{
    const char *const words[] = { "--hold=60s", "--timeout=400ms", url, NULL };
    struct run_child child;

    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        expect_plain(words, 0);
        begin(&child, words);
        await_tries(1);
        if (silent)
            become(silence);
        else
            script_stop(&server);
        int64_t failed = run_now_ms();
        run_finish(&child, &result);
        assert_took_since(failed, silent ? 1000 : 500, 1000 + silent * 400 + GRACE_MS);
        assert_status(&result, 1);
        assert_says(&result, silent ? "timed out after 400ms waiting for the status line\n" : "connection refused");
        if (silent)
            become(script_ok);
        else
            script_start_port(&server, "127.0.0.1", server.port, script_ok);
    }
}

static void at_the_end_of_its_time_it_leaves_healthy_and_tells_of_its_tries(void **state)
{
    const char *const words[] = { "--hold=600ms", "--interval=100ms", url, NULL };
    struct run_child child;
    unsigned tries;
    double last, slowest;

    (void)state;
    expect_plain(words, 0);
    unsigned before = atomic_load(&server.connections);
    for (int again = 0; again < 2; again++, before = atomic_load(&server.connections)) {
        begin(&child, words);
        run_finish(&child, &result);
        assert_status(&result, 0);
        assert_took(&result, 600, 600 + GRACE_MS);
        const char *line = strstr(result.out, "  200 in ");
        assert_true(line &&
                    sscanf(line, "  200 in %lf ms; %u tries, the slowest took %lf ms\n", &last, &tries, &slowest) == 3);
        assert_int_equal(tries, atomic_load(&server.connections) - before);
        assert_in_range(tries, 2, 7);
        assert_true(slowest >= last);
    }
}

static void what_it_tells_keeps_to_the_options_of_output(void **state)
{
    const char *const quiet[] = { "--hold=50ms", "-i10ms", "-q", url, NULL };
    const char *const json[] = { "--hold=50ms", "-i10ms", "-ojson", url, NULL };
    struct run_child child;

    (void)state;
    for (int again = 0; again < 2; again++) {
        begin(&child, quiet);
        run_finish(&child, &result);
        assert_status(&result, 0);
        assert_string_equal(result.out, "");
        begin(&child, json);
        run_finish(&child, &result);
        assert_status(&result, 0);
        assert_says(&result, again ? " tries, the slowest took " : "\"reason\":\"200 in ");
    }
}

static void term_and_int_end_it_with_1(void **state)
{
    static const int signals[] = { SIGTERM, SIGINT };

    (void)state;
    for (size_t i = 0; i < COUNT(signals); i++) {
        struct run_child child;
        begin_staying(&child, longest);
        kill(child.pid, signals[i]);
        run_finish(&child, &result);
        assert_status(&result, 1);
        expect_plain(longest, 0);
        begin(&child, longest);
        await_tries(2);
        end(&child);
    }
}

/* --- what it remembers -------------------------------------------------------------------------------- */

static void the_last_run_is_an_empty_file_that_is_gone_while_a_probe_stays(void **state)
{
    const char *const words[] = { "--hold=1s", "--interval=20ms", url, NULL };
    char first[NAME_MAX + 1], second[NAME_MAX + 1];
    struct run_child child;

    (void)state;
    assert_int_equal(marks(NULL), 0);
    begin(&child, words);
    run_finish(&child, &result);
    assert_int_equal(marks(first), 1);
    begin(&child, words);
    await_tries(2);
    assert_int_equal(marks(NULL), 0);
    run_finish(&child, &result);
    assert_status(&result, 0);
    assert_says(&result, " tries");
    assert_int_equal(marks(second), 1);
    assert_string_equal(second, first);
    assert_memory_equal(first, "pith-hold-0-", 12);
}

static void nothing_is_left_after_an_unhealthy_run(void **state)
{
    struct run_child child;

    (void)state;
    expect_plain(longest, 0);
    become(script_sorry);
    expect_plain(longest, 1);
    assert_int_equal(marks(NULL), 0);
    become(script_ok);
    begin_staying(&child, longest);
    become(script_sorry);
    run_finish(&child, &result);
    assert_status(&result, 1);
    assert_int_equal(marks(NULL), 0);
}

/* As an engine does whose timeout is too short. */
static void a_probe_that_was_killed_is_followed_by_a_plain_one(void **state)
{
    struct run_child child;

    (void)state;
    for (int i = 0; i < 3; i++) {
        begin_staying(&child, longest);
        end(&child);
    }
    expect_plain(longest, 0);
}

static void two_probes_of_one_container_do_not_disturb_each_other(void **state)
{
    const char *const other[] = { "--hold=60s", "--interval=20ms", "--timeout=1s", "--readiness", url, NULL };
    struct run_child one, two;

    (void)state;
    begin_staying(&one, longest);
    expect_plain(other, 0);
    begin(&two, other);
    await_tries(20);
    assert_int_equal(marks(NULL), 0);
    prctl(PR_SET_NAME, "init: draining"); /* this program is PID 1 */
    run_finish(&two, &result);
    prctl(PR_SET_NAME, "init");
    assert_status(&result, 1);
    assert_says(&result, "not ready: init is shutting down");
    await_tries(5); /* of the first one */
    become(script_sorry);
    run_finish(&one, &result);
    assert_status(&result, 1);
}

/* Neither may stay: each engine's state has to turn, and nobody knows whose run the file speaks of. */
static void two_probes_that_are_the_same_do_not_stay(void **state)
{
    struct run_child one;

    (void)state;
    begin_staying(&one, longest);
    expect_plain(longest, 0);
    run_finish(&one, &result);
    assert_status(&result, 0);
    assert_says(&result, " tries");
    assert_took(&result, 0, 2000);
}

/* The memory of the last run outlives the container, as that of a pod does. */
static void a_container_that_is_restarted_starts_anew(void **state)
{
    static const char *const restarts[] = { "unshare --mount",
                                            "unshare --pid --fork --kill-child --mount --mount-proc" };

    (void)state;
    expect_plain(longest, 0);
    for (size_t i = 0; i < COUNT(restarts); i++) {
        char *const argv[] = {
            (char *)"sh", (char *)"-c",
            format("exec %s %s --hold=60s --interval=20ms --timeout=1s %s", restarts[i], probe_binary(), url), NULL
        };
        assert_status(run(NULL, argv), 0);
        assert_int_equal(marks(NULL), i + 2);
    }
    struct run_child child; /* and the first one goes on */
    begin(&child, longest);
    await_tries(3);
    end(&child);
}

/* In a shared PID namespace PID 1 stays, and the kernel may give the mount namespace of the last one its number again.
 */
static void a_container_with_another_root_starts_anew(void **state)
{
    static const char script[] =
        "cd \"$1\" && mkdir root root/proc root/dev root/dev/shm && cp \"$0\" root/healthcheck && "
        "mount --bind /proc root/proc && mount --bind /dev/shm root/dev/shm && "
        "exec chroot root /healthcheck --hold=60s --interval=20ms --timeout=1s \"$2\"";
    char *const argv[] = { (char *)"sh",
                           (char *)"-c",
                           (char *)(uintptr_t)script,
                           (char *)(uintptr_t)probe_binary(),
                           (char *)(uintptr_t)scratch_directory(),
                           url,
                           NULL };

    (void)state;
    expect_plain(longest, 0);
    assert_status(run(NULL, argv), 0);
    assert_int_equal(marks(NULL), 2);
    assert_int_equal(umount2(scratch_path("root/proc"), MNT_DETACH), 0);
    assert_int_equal(umount2(scratch_path("root/dev/shm"), MNT_DETACH), 0);
}

/* --- readiness, pauses, clocks ------------------------------------------------------------------------ */

static void readiness_is_asked_at_each_try(void **state)
{
    const char *const words[] = { "--hold=60s", "--interval=20ms", "--readiness", url, NULL };
    struct run_child child;

    (void)state;
    begin_staying(&child, words);
    prctl(PR_SET_NAME, "init: stopping");
    run_finish(&child, &result);
    prctl(PR_SET_NAME, "init");
    assert_status(&result, 1);
    assert_string_equal(result.out, format("FAIL  %s  not ready: init is shutting down\n", url));
}

static void a_pause_between_tries_neither_ends_nor_prolongs_it(void **state)
{
    const char *const words[] = { "--hold=1500ms", "--interval=50ms", "--timeout=100ms", url, NULL };
    struct run_child child;

    (void)state;
    expect_plain(words, 0);
    begin(&child, words);
    await_tries(2);
    proc_stop_asleep(child.pid);
    usleep(400 * 1000); /* longer than the timeout */
    kill(child.pid, SIGCONT);
    await_tries(3);
    run_finish(&child, &result);
    assert_status(&result, 0);
    assert_took(&result, 1500, 1500 + GRACE_MS);
}

static void a_pause_beyond_its_end_ends_in_one_more_try(void **state)
{
    const char *const words[] = { "--hold=300ms", "--interval=100ms", url, NULL };
    struct run_child child;

    (void)state;
    for (int healthy = 0; healthy < 2; healthy++) {
        become(script_ok);
        expect_plain(words, 0);
        begin(&child, words);
        await_tries(1);
        proc_stop_asleep(child.pid);
        become(healthy ? script_ok : script_sorry);
        usleep(500 * 1000); /* longer than it would stay */
        kill(child.pid, SIGCONT);
        run_finish(&child, &result);
        assert_status(&result, !healthy);
        assert_int_equal(atomic_load(&server.connections), 1);
        assert_took(&result, 500, 500 + GRACE_MS);
    }
}

/* The application answers within the timeout, but the probe does not see it in time. */
static void a_pause_in_the_middle_of_a_try_is_no_failure(void **state)
{
    static const struct script_step slow[] = { { .verb = SCRIPT_READ },
                                               { .verb = SCRIPT_PAUSE, .ms = 150 },
                                               { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n" },
                                               { .verb = SCRIPT_END } };
    const char *const words[] = { "--hold=60s", "--interval=20ms", "--timeout=1s", url, NULL };
    struct run_child child;

    (void)state;
    become(slow);
    expect_plain(words, 0);
    begin(&child, words);
    for (int i = 0; i < 3; i++) {
        await_tries(2);
        kill(child.pid, SIGSTOP); /* the try has begun: it has been accepted */
        await_state(child.pid, 'T');
        usleep(1300 * 1000); /* longer than the timeout */
        kill(child.pid, SIGCONT);
    }
    await_tries(2);
    end(&child);
}

/* Whoever sets the clock of the day changes nothing. */
static void no_clock_is_asked_but_the_monotonic_one(void **state)
{
    static const char script[] = "strace -f -qq -e trace=clock_gettime,gettimeofday,time,clock_nanosleep,nanosleep,"
                                 "timer_create,timerfd_create -o \"$1\" \"$0\" --hold=200ms -i20ms \"$2\"";
    char *const argv[] = {
        (char *)"sh", (char *)"-c", (char *)(uintptr_t)script, (char *)(uintptr_t)probe_binary(), scratch_path("trace"),
        url,          NULL
    };

    (void)state;
    assert_status(run(NULL, argv), 0);
    assert_says(run(NULL, argv), " tries");
    FILE *file = fopen(argv[4], "r");
    char line[512];
    size_t sleeps = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        assert_has(line, "CLOCK_MONOTONIC");
        sleeps += strstr(line, "clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME") != NULL;
    }
    fclose(file);
    assert_at_least(sleeps, 2);
}

/* --- options ------------------------------------------------------------------------------------------ */

static void expect_usage(const char *says, const char *a, const char *b, const char *c, const char *d)
{
    assert_status(probe(url, a, b, c, d, NULL), 1);
    const struct run_result *run = probe(url, a, b, c, d, NULL);
    assert_string_equal(run->out, "");
    assert_string_equal(run->err, format("healthcheck: %s\n", says));
    assert_int_equal(atomic_load(&server.connections), 0);
}

static void what_makes_no_sense_with_it_is_a_usage_error(void **state)
{
    (void)state;
    expect_usage("--wait: '2s' does not go with --hold", "--hold=1s", "--wait=2s", NULL, NULL);
    expect_usage("--hold: '1s' does not go with --wait", "-w2s", "--hold=1s", NULL, NULL);
    expect_usage("--hold: does not go with COMMAND", "--hold=1s", "--", "true", NULL);
    expect_usage("--hold: 'x' is not a duration (such as 250ms, 5s, 1.5m, 1m30s, 1h)", "--hold=x", NULL, NULL, NULL);
    expect_usage("--hold-state: '' is empty", "--hold=1s", "--hold-state=", NULL, NULL);
    probe_variables[0] = "HEALTHCHECK_HOLD=1s";
    probe_variables[1] = "HEALTHCHECK_WAIT=1s";
    expect_usage("HEALTHCHECK_WAIT: '1s' does not go with --hold", NULL, NULL, NULL, NULL);
    memset(probe_variables, 0, sizeof probe_variables);
}

/* Which may be there for other probes of the container. */
static void what_is_typed_beats_the_variable_that_does_not_go_with_it(void **state)
{
    (void)state;
    probe_variables[0] = "HEALTHCHECK_HOLD=60s";
    for (int i = 0; i < 2; i++) {
        assert_took(probe("--wait=5s", url, NULL), 0, 1500);
        assert_string_equal(probe("-q", url, "--", "echo", "ran", NULL)->out, "ran\n");
        assert_took(probe("--hold=0", url, NULL), 0, 1500);
    }
    assert_int_equal(marks(NULL), 0);
    probe_variables[0] = "HEALTHCHECK_WAIT=60s";
    assert_took(probe("--hold=100ms", "tcp://127.0.0.1:1", NULL), 0, 1500);
    probe_variables[0] = NULL;
}

static void its_variables_are_as_good_as_the_options(void **state)
{
    (void)state;
    probe_variables[0] = "HEALTHCHECK_HOLD=50ms";
    probe_variables[1] = format("HEALTHCHECK_HOLD_STATE=%s", scratch_directory());
    probe_variables[2] = "HEALTHCHECK_INTERVAL=10ms";
    assert_says_not(probe(url, NULL), "tries");
    assert_says(probe(url, NULL), " tries");
    assert_int_equal(marks(NULL), 0);
    memset(probe_variables, 0, sizeof probe_variables);
}

static void a_dry_run_neither_stays_nor_remembers(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_took(probe("--hold=60s", "--dry-run", url, NULL), 0, 1500);
    assert_int_equal(marks(NULL), 0);
}

#define IN_CONTAINER(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        IN_CONTAINER(the_first_healthy_run_leaves_at_once_and_the_next_one_stays),
        IN_CONTAINER(an_unhealthy_first_try_is_the_only_one),
        IN_CONTAINER(a_failure_ends_it_and_the_first_healthy_run_after_that_leaves_at_once),
        IN_CONTAINER(a_failure_is_told_within_an_interval_and_the_timeout),
        IN_CONTAINER(at_the_end_of_its_time_it_leaves_healthy_and_tells_of_its_tries),
        IN_CONTAINER(what_it_tells_keeps_to_the_options_of_output),
        IN_CONTAINER(term_and_int_end_it_with_1),
        IN_CONTAINER(the_last_run_is_an_empty_file_that_is_gone_while_a_probe_stays),
        IN_CONTAINER(nothing_is_left_after_an_unhealthy_run),
        IN_CONTAINER(a_probe_that_was_killed_is_followed_by_a_plain_one),
        IN_CONTAINER(two_probes_of_one_container_do_not_disturb_each_other),
        IN_CONTAINER(two_probes_that_are_the_same_do_not_stay),
        IN_CONTAINER(a_container_that_is_restarted_starts_anew),
        IN_CONTAINER(a_container_with_another_root_starts_anew),
        IN_CONTAINER(readiness_is_asked_at_each_try),
        IN_CONTAINER(a_pause_between_tries_neither_ends_nor_prolongs_it),
        IN_CONTAINER(a_pause_beyond_its_end_ends_in_one_more_try),
        IN_CONTAINER(a_pause_in_the_middle_of_a_try_is_no_failure),
        IN_CONTAINER(no_clock_is_asked_but_the_monotonic_one),
        IN_CONTAINER(what_makes_no_sense_with_it_is_a_usage_error),
        IN_CONTAINER(what_is_typed_beats_the_variable_that_does_not_go_with_it),
        IN_CONTAINER(its_variables_are_as_good_as_the_options),
        IN_CONTAINER(a_dry_run_neither_stays_nor_remembers),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
