/* Each system call that a probe makes fails, one at a time and for good: it is never healthy by mistake, never late. */
#include "faults.h"
#include "support/listener.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/refuse.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_MS = 25, DEADLINE_MS = 300, BOUND_MS = 2500 };

static const int errors[] = { EPERM, ENOSYS, EINTR, EAGAIN, ENOMEM };

struct refusal {
    int call, error;
};

static struct subject s;
static const struct script_step closing[] = { { .verb = SCRIPT_END } };
static struct script_server ipv6;
static int port, tls_port;

/* Answers each connection with 200, a while after the request: the probe has to wait for it. */
static void serve(int listener)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char request[2048];

    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (fork() == 0) {
            if (read(client, request, sizeof request) > 0 && poll(NULL, 0, SLOW_MS) == 0)
                send(client, answer, sizeof answer - 1, MSG_NOSIGNAL);
            _exit(0);
        }
        close(client);
    }
}

static int start_servers(void **state)
{
    int listener = listener_open(64, &port);

    if (tls_make_certificates(state) != 0)
        return -1;
    if (fork() == 0)
        serve(listener);
    close(listener);
    tls_port = tls_serve("good", NULL);
    script_start(&ipv6, "::1", closing);
    return 0;
}

static int stop_servers(void **state)
{
    script_stop(&ipv6);
    return peer_clean(state);
}

static void enter(void *argument)
{
    const struct refusal *refusal = argument;

    refuse(refusal->call, refusal->error, NULL);
}

/* Probes with the call refused: the status, after it was made sure that the end came in time. */
static int probe_without(const struct call *call, int error, const char *a, const char *b, const char *c)
{
    struct refusal refusal = { call->number, error };
    const struct subject_options options = {
        .binary = probe_binary(), .argv0 = "healthcheck", .before = enter, .argument = &refusal
    };

    subject_start(&s, &options, format("-t%dms", DEADLINE_MS), a, b, c, NULL);
    if (!subject_ends(&s, BOUND_MS))
        fail_msg("%s with %s: %s hangs", call->name, strerror(error), a);
    int status = subject_wait(&s);
    if (status > 1)
        fail_msg("%s with %s: status %d", call->name, strerror(error), status);
    return status;
}

static size_t lines(void)
{
    return stream_count(&s.out, "\n") + stream_count(&s.err, "\n");
}

static void no_probe_is_healthy_without_what_it_needs(void **state)
{
    char target[64];

    (void)state;
    snprintf(target, sizeof target, "http://127.0.0.1:%d/", port);
    for (size_t i = 0; i < COUNT(needed); i++)
        for (size_t e = 0; e < COUNT(errors); e++) {
            if (probe_without(&needed[i], errors[e], target, NULL, NULL) != 1)
                fail_msg("%s with %s: healthy", needed[i].name, strerror(errors[e]));
            if (lines() != 1)
                fail_msg("%s with %s: not one line:\n%s%s", needed[i].name, strerror(errors[e]), s.out.bytes,
                         s.err.bytes);
        }
}

/* One server that answers and one that does not: whatever fails, and with whatever threads, it is unhealthy. */
static void an_unhealthy_target_stays_unhealthy(void **state)
{
    const char *bad = "tcp://127.0.0.1:1";
    char good[64];

    (void)state;
    snprintf(good, sizeof good, "http://localhost:%d/", port);
    for (size_t i = 0; i < COUNT(optional); i++)
        for (size_t e = 0; e < COUNT(errors); e++)
            if (probe_without(&optional[i], errors[e], good, bad, NULL) != 1)
                fail_msg("%s with %s: healthy", optional[i].name, strerror(errors[e]));
}

/* Sealed, with a filter, and both. */
static void no_verdict_depends_on_what_is_given_up(void **state)
{
    static const struct {
        const char *option;
        int status;
    } runs[] = { { "-q", 0 }, { "-s404", 1 }, { "--wait=300ms", 0 }, { "--body-contains=ok", 0 } };
    char target[64];

    (void)state;
    snprintf(target, sizeof target, "http://127.0.0.1:%d/", port);
    for (size_t i = 0; i < COUNT(confining); i++)
        for (size_t e = 0; e < COUNT(errors); e++)
            for (size_t r = 0; r < COUNT(runs); r++)
                if (probe_without(&confining[i], errors[e], target, runs[r].option, NULL) != runs[r].status)
                    fail_msg("%s with %s and %s:\n%s", confining[i].name, strerror(errors[e]), runs[r].option,
                             s.out.bytes);
}

/* What is known only by such a call is not taken for granted without it: TARGET has a %d for the port. */
static void hold_unseen(const struct call *call, const char *target, int number, const char *option)
{
    static const struct call none = { "no call", -1 };

    target = format(target, number);
    assert_int_equal(probe_without(&none, 0, target, option, NULL), 0);
    for (size_t e = 0; e < COUNT(errors); e++) {
        if (probe_without(call, errors[e], target, option, NULL) != 1)
            fail_msg("%s with %s: %s is healthy", call->name, strerror(errors[e]), target);
        assert_int_equal(lines(), 1);
    }
}

static void nothing_local_is_healthy_unseen(void **state)
{
    static const struct {
        struct call call;
        const char *target;
    } runs[] = {
        { CALL(openat), "process://test_faults" },     { CALL(openat), "listen://127.0.0.1:%d" },
        { CALL(read), "process://test_faults" },       { CALL(read), "listen://127.0.0.1:%d" },
        { CALL(getdents64), "process://test_faults" }, { CALL(stat), "file:///etc/passwd" },
    };
    static const struct call ioctl = CALL(ioctl);

    (void)state;
    for (size_t i = 0; i < COUNT(runs); i++)
        hold_unseen(&runs[i].call, runs[i].target, port, NULL);
    hold_unseen(&ioctl, "tcp://[::1%%lo]:%d", ipv6.port, NULL);
}

/* A key that can be guessed is worse than none, and so is a certificate of anyone's. */
static void there_is_no_tls_without_random_bytes_and_the_ca_file(void **state)
{
    static const struct call calls[] = { CALL(getrandom), CALL(pread64), CALL(openat) };

    (void)state;
    for (size_t i = 0; i < COUNT(calls); i++)
        hold_unseen(&calls[i], "tls://127.0.0.1:%d", tls_port, format("--cacert=%s", tls_file("ca.pem")));
}

/* A server that knows what the probe says first could replay a login. */
static void nobody_logs_in_without_random_bytes(void **state)
{
    static const struct call getrandom = CALL(getrandom);
    const char *number = peer_text("%d", peer_port());
    pid_t server = peer_start("scram.log", (char *[]){ (char *)peer_copy("sql-server"), (char *)"scram", (char *)number,
                                                       (char *)"none", NULL });

    (void)state;
    peer_await(peer_text("tcp://127.0.0.1:%s", number));
    for (size_t e = 0; e < COUNT(errors); e++) {
        assert_int_equal(
            probe_without(&getrandom, errors[e], peer_text("postgresql://app:secret@127.0.0.1:%s", number), NULL, NULL),
            1);
        assert_has(s.out.bytes, "  no random bytes\n");
    }
    peer_stop(server, SIGTERM);
}

static void waiting_ends_at_its_time(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(optional); i++)
        if (probe_without(&optional[i], EPERM, "--wait=300ms", "tcp://127.0.0.1:1", NULL) != 1)
            fail_msg("%s: healthy", optional[i].name);
    for (size_t i = 0; i < COUNT(needed); i++)
        if (probe_without(&needed[i], EPERM, "--wait=300ms", format("http://127.0.0.1:%d/", port), NULL) != 1)
            fail_msg("%s: healthy", needed[i].name);
}

/* What was healthy is, and leaves at once: nobody could tell the next run of it. */
static void no_probe_stays_without_what_it_remembers_by(void **state)
{
    char target[64];

    (void)state;
    snprintf(target, sizeof target, "http://127.0.0.1:%d/", port);
    for (size_t i = 0; i < COUNT(remembering); i++)
        for (size_t e = 0; e < COUNT(errors); e++) {
            peer_shell("rm -f pith-hold-*");
            for (int again = 0; again < 2; again++)
                if (probe_without(&remembering[i], errors[e], target, "--hold=60s",
                                  format("--hold-state=%s", peer_directory())) != 0)
                    fail_msg("%s with %s: unhealthy:\n%s", remembering[i].name, strerror(errors[e]), s.out.bytes);
        }
}

/* A call that is interrupted is made again until the deadline, and one that fails is not. */
static void a_request_that_cannot_be_sent_is_told_at_once(void **state)
{
    static const struct call send = CALL(sendto);
    static const struct {
        int error;
        const char *says;
    } rows[] = { { ECONNRESET, "connection reset" }, { EINTR, "  timed out after 300ms" } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(
            probe_without(&send, rows[i].error, "--proxy-protocol", "-k", format("tls://127.0.0.1:%d", tls_port)), 1);
        assert_has(s.out.bytes, rows[i].says);
    }
}

/* Trying again without a pause would be a flood. */
static void no_probe_stays_that_cannot_sleep(void **state)
{
    static const struct call sleep = CALL(clock_nanosleep);
    char target[64];

    (void)state;
    snprintf(target, sizeof target, "http://127.0.0.1:%d/", port);
    for (size_t e = 0; e < COUNT(errors); e++)
        for (int again = 0; again < 2; again++)
            assert_int_equal(probe_without(&sleep, errors[e] == EINTR ? EPERM : errors[e], target, "--hold=60s",
                                           format("--hold-state=%s", peer_directory())),
                             0);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_probe_is_healthy_without_what_it_needs),
        cmocka_unit_test(an_unhealthy_target_stays_unhealthy),
        cmocka_unit_test(no_verdict_depends_on_what_is_given_up),
        cmocka_unit_test(nothing_local_is_healthy_unseen),
        cmocka_unit_test(there_is_no_tls_without_random_bytes_and_the_ca_file),
        cmocka_unit_test(nobody_logs_in_without_random_bytes),
        cmocka_unit_test(waiting_ends_at_its_time),
        cmocka_unit_test(no_probe_stays_without_what_it_remembers_by),
        cmocka_unit_test(no_probe_stays_that_cannot_sleep),
        cmocka_unit_test(a_request_that_cannot_be_sent_is_told_at_once),
    };
    return cmocka_run_group_tests(tests, start_servers, stop_servers);
}
