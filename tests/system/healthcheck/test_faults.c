/* Each system call that a probe makes fails, one at a time and for good: it is never healthy by mistake, never late. */
#include "support/calls.h"
#include "support/listener.h"
#include "support/probe.h"
#include "support/refuse.h"
#include "support/subject.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum { SLOW_MS = 25, DEADLINE_MS = 300, BOUND_MS = 2500 };

static const int errors[] = { EPERM, ENOSYS, EINTR, EAGAIN, ENOMEM };

/* A probe cannot do without these: status 1 with one line, or where that cannot be written, without. */
static const struct call {
    const char *name;
    int number;
} needed[] = {
    { "socket", SYS_socket },
    { "connect", SYS_connect },
    { "sendto", SYS_sendto },
    { "recvfrom", SYS_recvfrom },
    { "clock_gettime", SYS_clock_gettime },
};

/* These cost a feature, not the verdict; either way there is an end in time. */
static const struct call optional[] = {
    { "rt_sigaction", SYS_rt_sigaction },
    { "rt_sigprocmask", SYS_rt_sigprocmask },
    { "mmap", SYS_mmap },
    { "mprotect", SYS_mprotect },
    { "futex", SYS_futex },
    { "clone", SYS_clone },
    { "brk", SYS_brk },
    { "munmap", SYS_munmap },
    { "open", SYS_open },
    { "openat", SYS_openat },
    { "fcntl", SYS_fcntl },
    { "eventfd2", SYS_eventfd2 },
    { "setsockopt", SYS_setsockopt },
    { "setitimer", SYS_setitimer },
    { "access", SYS_access },
    { "read", SYS_read },
    { "close", SYS_close },
    { "getsockname", SYS_getsockname },
    { "write", SYS_write },
    { "pwritev2", SYS_pwritev2 },
    { "clock_nanosleep", SYS_clock_nanosleep },
    { "seccomp", SYS_seccomp },
    { "prctl", SYS_prctl },
    { "poll", SYS_poll },
    { "ppoll", SYS_ppoll },
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

struct refusal {
    int call, error;
};

static struct subject s;
static int port;

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

static int start_server(void **state)
{
    int listener = listener_open(64, &port);

    (void)state;
    if (fork() == 0)
        serve(listener);
    close(listener);
    return 0;
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

/* What is known of a process, a port or a file only by such a call is not taken for granted without it. */
static void nothing_local_is_healthy_unseen(void **state)
{
    static const struct {
        struct call call;
        const char *target;
    } runs[] = {
        { { "open", SYS_open }, "process://test_faults" },
        { { "open", SYS_open }, "listen://127.0.0.1:%d" },
        { { "read", SYS_read }, "process://test_faults" },
        { { "read", SYS_read }, "listen://127.0.0.1:%d" },
        { { "getdents64", SYS_getdents64 }, "process://test_faults" },
        { { "stat", SYS_stat }, "file:///etc/passwd" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(runs); i++)
        for (size_t e = 0; e < COUNT(errors); e++) {
            static const struct call none = { "no call", -1 };
            char target[64];
            snprintf(target, sizeof target, runs[i].target, port);
            assert_int_equal(probe_without(&none, 0, target, NULL, NULL), 0);
            if (probe_without(&runs[i].call, errors[e], target, NULL, NULL) != 1)
                fail_msg("%s with %s: %s is healthy", runs[i].call.name, strerror(errors[e]), target);
        }
}

/* A key that can be guessed is worse than none. */
static void there_is_no_tls_without_random_bytes(void **state)
{
    static const struct call getrandom = { "getrandom", SYS_getrandom };

    (void)state;
    for (size_t e = 0; e < COUNT(errors); e++) {
        assert_int_equal(probe_without(&getrandom, errors[e], format("tls://127.0.0.1:%d", port), "-k", NULL), 1);
        assert_int_equal(lines(), 1);
    }
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

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_probe_is_healthy_without_what_it_needs),
        cmocka_unit_test(an_unhealthy_target_stays_unhealthy),
        cmocka_unit_test(nothing_local_is_healthy_unseen),
        cmocka_unit_test(there_is_no_tls_without_random_bytes),
        cmocka_unit_test(waiting_ends_at_its_time),
    };
    return cmocka_run_group_tests(tests, start_server, subject_end_all);
}
