/* --hold: every kind of target can be held, and a probe that stays for days takes little and leaves nothing behind. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <poll.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

/* Of memory that each instance has for itself; the pages of the file are there once for all. */
enum { ANONYMOUS_KIB = 64, RESIDENT_KIB = 64, TRIES = 400, ROUNDS = 4 };

/* HTTP/2: SETTINGS, HEADERS, a message whose status is 1, a grpc-status of 0. */
static const char serving[] = "\0\0\0\4\0\0\0\0\0"
                              "\0\0\x14\1\4\0\0\0\1\x88\x0f\x10\x10"
                              "application/grpc"
                              "\0\0\7\0\0\0\0\0\1\0\0\0\0\2\x08\1"
                              "\0\0\x0f\1\5\0\0\0\1\0\x0b"
                              "grpc-status\0010";

static const struct script_step scripts[][4] = {
    { { .verb = SCRIPT_READ }, { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}" } },
    { { .verb = SCRIPT_SEND, .bytes = "+PONG\r\n" } },
    { { .verb = SCRIPT_SEND, .bytes = serving, .length = sizeof serving - 1 } },
    { { .verb = SCRIPT_HOLD } },
};

enum { HTTP, REDIS, GRPC, SILENT, SCRIPTS };

static struct script_server servers[SCRIPTS], http_socket;

static void export_port(const char *variable, int port)
{
    setenv(variable, format("%d", port), 1);
}

static int start(void **state)
{
    static const char *const variables[SCRIPTS] = { "HTTP", "REDIS", "GRPC", "SILENT" };

    if (tls_make_certificates(state) != 0 || mount("tmpfs", "/dev/shm", "tmpfs", 0, "mode=1777") != 0)
        return -1;
    for (int i = 0; i < SCRIPTS; i++) {
        script_start(&servers[i], "127.0.0.1", scripts[i]);
        export_port(variables[i], servers[i].port);
    }
    script_start_unix(&http_socket, scripts[HTTP]);
    setenv("SOCKET", http_socket.path, 1);
    export_port("TLS", tls_serve("good", NULL));
    setenv("CA", tls_file("ca.pem"), 1);
    return 0;
}

static int stop(void **state)
{
    for (int i = 0; i < SCRIPTS; i++)
        script_stop(&servers[i]);
    script_stop(&http_socket);
    tls_stop(state);
    scratch_remove(state);
    return peer_clean(state);
}

/* --- one that stays ----------------------------------------------------------------------------------- */

static struct run_child child;
static struct run_result result;

static void start_probe(const char *interval, const char *words)
{
    static const struct run_options slowly = { .bound_ms = 300000 }; /* hundreds of handshakes on a loaded machine */
    char *const argv[] = { (char *)"sh", (char *)"-c",
                           format("exec %s --hold=1h -i%s %s", probe_binary(), interval, words), NULL };

    run_start(&child, &slowly, argv);
}

/* The first run leaves at once, the second one stays. */
static void hold(const char *interval, const char *words)
{
    start_probe(interval, words);
    run_finish(&child, &result);
    assert_status(&result, 0);
    start_probe(interval, words);
}

static void end(void)
{
    kill(child.pid, SIGTERM);
    run_finish(&child, &result);
    assert_status(&result, 1);
    assert_string_equal(result.out, "");
}

static long wakeups(void)
{
    return proc_number(child.pid, "voluntary_ctxt_switches");
}

static bool has_woken(void *times)
{
    return wakeups() >= *(long *)times;
}

/* Step by step, each of which has its time: machines are slow now and then. */
static void await_wakeups(long times)
{
    for (long step = times % 50; step <= times; step += 50)
        await(has_woken, &step, "the tries of a probe that stays");
}

/* What descriptor FD of a process is open for, "" where it is not. */
static const char *link_of(const char *process, int fd, char target[256])
{
    ssize_t length = readlink(format("/proc/%s/fd/%d", process, fd), target, 255);

    target[length > 0 ? length : 0] = '\0';
    return target;
}

/* Descriptors beyond 2 that are its own: what whoever runs the tests has left open, the test has open as well. */
static size_t own_descriptors(void)
{
    char theirs[256], ours[256];
    const char *process = format("%d", (int)child.pid);
    size_t count = 0;

    for (int fd = 3; fd < 256; fd++)
        count += *link_of(process, fd, theirs) && strcmp(theirs, link_of("self", fd, ours)) != 0;
    return count;
}

struct figures {
    long anonymous, resident;
    size_t descriptors, threads;
};

static struct figures figures_after(long times)
{
    await_wakeups(times);
    proc_stop_asleep(child.pid);
    struct figures figures = { proc_memory(child.pid, "Anonymous"), proc_memory(child.pid, "Rss"), own_descriptors(),
                               (size_t)proc_number(child.pid, "Threads") };
    kill(child.pid, SIGCONT);
    return figures;
}

/* --- what it takes ------------------------------------------------------------------------------------ */

static const struct {
    const char *words;
    bool has_heap; /* whose freed pieces are not all given back */
} kinds[] = {
    { "http://127.0.0.1:$HTTP/", false },
    { "-v -ojson http://localhost:$HTTP/", false },
    { "--readiness --follow http://127.0.0.1:$HTTP/", false },
    { "--json=a=1 --body-contains=a http://127.0.0.1:$HTTP/", false },
    { "--body-regex='a|b' http://127.0.0.1:$HTTP/", true },
    { "tcp://127.0.0.1:$HTTP", false },
    { "unix://$SOCKET", false },
    { "redis://127.0.0.1:$REDIS", false },
    { "file:///etc/passwd", false },
    { "process://test_hold_cost", false },
    { "listen://127.0.0.1:$HTTP", false },
    { "grpc://127.0.0.1:$GRPC", true },
    { "--cacert=$CA https://localhost:$TLS/", true },
    { "http://127.0.0.1:$HTTP/ redis://127.0.0.1:$REDIS grpc://127.0.0.1:$GRPC", true },
    { "--any tcp://127.0.0.1:1 http://127.0.0.1:$HTTP/", true },
};

static bool has_grown(const struct figures *before, const struct figures *after)
{
    return after->anonymous > before->anonymous || after->resident > before->resident;
}

/*
 * The figures at rest when they have stayed the same over TRIES tries. What a try seldom does, such as to wait for the
 * connection, may touch a page for the first time late; a leak grows in every round.
 */
static struct figures figures_at_last(const char *words)
{
    struct figures before, after = figures_after(TRIES);

    for (long round = 2; round <= ROUNDS; round++) {
        before = after;
        after = figures_after(round * TRIES);
        if (!has_grown(&before, &after))
            return after;
    }
    fail_msg("%s: from %ld to %ld KiB anonymous, from %ld to %ld KiB, and it goes on", words, before.anonymous,
             after.anonymous, before.resident, after.resident);
    return after;
}

static void each_kind_can_be_held_and_nothing_is_left_or_grows_between_tries(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        hold("1ms", kinds[i].words);
        struct figures figures = figures_at_last(kinds[i].words);
        print_message("# %ld of %ld KiB anonymous: %s\n", figures.anonymous, figures.resident, kinds[i].words);
        if (figures.anonymous > ANONYMOUS_KIB || (!kinds[i].has_heap && figures.resident > RESIDENT_KIB) ||
            figures.descriptors != 0 || figures.threads != 1)
            fail_msg("%s: %ld KiB anonymous, %ld KiB in all, %zu descriptors, %zu threads", kinds[i].words,
                     figures.anonymous, figures.resident, figures.descriptors, figures.threads);
        end();
    }
}

/* One that never answers, beside one that does: its threads end at their deadlines, and there are never many. */
static void a_target_that_is_stuck_does_not_end_a_hold_with_any(void **state)
{
    (void)state;
    hold("20ms", "--any -t1s tcp://127.0.0.1:$HTTP redis://127.0.0.1:$SILENT");
    await_wakeups(200);
    assert_at_most(proc_number(child.pid, "Threads"), 1 + 8 + 2);
    end();
}

static unsigned tries(void)
{
    return atomic_load(&servers[HTTP].connections);
}

/* For its answer one that asks has to wait as well. */
static void a_try_takes_one_wakeup(void **state)
{
    static const struct {
        const char *words;
        unsigned each;
    } rows[] = { { "tcp://127.0.0.1:$HTTP", 1 }, { "http://127.0.0.1:$HTTP/", 2 } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        hold("20ms", rows[i].words);
        await_wakeups(5);
        unsigned first = tries();
        long before = wakeups();
        await_wakeups(before + 50);
        long after = wakeups();
        unsigned last = tries();
        assert_at_most(after - before, (last - first + 2) * rows[i].each);
        end();
    }
}

static void between_tries_there_is_none(void **state)
{
    (void)state;
    hold("1h", "http://127.0.0.1:$HTTP/");
    await_wakeups(1);
    proc_stop_asleep(child.pid); /* which wakes it */
    kill(child.pid, SIGCONT);
    await_state(child.pid, 'S');
    long before = wakeups();
    poll(NULL, 0, 500);
    assert_int_equal(wakeups(), before);
    end();
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_can_be_held_and_nothing_is_left_or_grows_between_tries),
        cmocka_unit_test(a_target_that_is_stuck_does_not_end_a_hold_with_any),
        cmocka_unit_test(a_try_takes_one_wakeup),
        cmocka_unit_test(between_tries_there_is_none),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
