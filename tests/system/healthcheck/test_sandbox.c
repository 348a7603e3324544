/* What a probe that was taken over cannot do: its own process is made to try. */
#include "support/inject.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
static struct script_server server;
static struct subject s;

static int start_server(void **state)
{
    (void)state;
    script_start(&server, "127.0.0.1", silence);
    return 0;
}

static int stop_server(void **state)
{
    (void)state;
    script_stop(&server);
    return 0;
}

static bool is_connected(void *argument)
{
    (void)argument;
    return atomic_load(&server.connections) > 0;
}

/* A probe of the silent server that waits for its answer. TARGET has a %d for the port. */
static void start(const char *target, const char *a, const char *b, const char *c)
{
    const struct subject_options options = { .binary = probe_binary(), .argv0 = "healthcheck" };

    atomic_store(&server.connections, 0);
    subject_start(&s, &options, "-t60s", format(target, server.port), a, b, c, NULL);
    await(is_connected, NULL, "the probe to connect");
    await_state(s.pid, 'S');
}

static void end(void)
{
    kill(s.pid, SIGKILL);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
}

/* Threads that end meanwhile do not count. */
static bool is_confined(void *argument)
{
    (void)argument;
    return proc_filters(s.pid) == 1 && proc_number(s.pid, "NoNewPrivs") == 1;
}

static void what_reads_more_than_the_head_of_an_answer_is_confined(void **state)
{
    static const char *const rows[][3] = {
        { "https://localhost:%d/" },
        { "tls://127.0.0.1:%d" },
        { "grpc://127.0.0.1:%d" },
        { "mysql://127.0.0.1:%d" },
        { "redis://127.0.0.1:%d" },
        { "http://127.0.0.1:%d/", "--json=a=1" },
        { "http://127.0.0.1:%d/", "--body-contains=a" },
        { "http://127.0.0.1:%d/", "--body-regex=a" },
        { "http://127.0.0.1:%d/", "--follow" },
        { "http://127.0.0.1:%d/", "file:///", "process://init" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(rows[i][0], rows[i][1], rows[i][1] ? rows[i][2] : NULL, NULL);
        await(is_confined, NULL, format("the filter of %s %s", rows[i][0], rows[i][1] ? rows[i][1] : ""));
        end();
    }
}

/* For COMMAND would be, too; and where only our own few lines read the head of an answer it is a matter of cost. */
static void what_becomes_a_command_or_is_plain_is_not(void **state)
{
    (void)state;
    start("https://localhost:%d/", "--", "true", NULL);
    assert_int_equal(proc_filters(s.pid), 0);
    end();
    start("http://localhost:%d/", NULL, NULL, NULL);
    assert_int_equal(proc_filters(s.pid), 0);
    end();
}

#ifdef __x86_64__
/* Each of them does something, or fails with another error, where it is not refused: the second test sees to that. */
static const struct attempt refused[] = {
    ATTEMPT(open, INJECT_NO_PATH, O_WRONLY),
    ATTEMPT(open, INJECT_NO_PATH, O_CREAT | O_EXCL | O_DIRECTORY),
    ATTEMPT(open, INJECT_NO_PATH, O_RDWR),
    ATTEMPT(openat, AT_FDCWD, INJECT_NO_PATH, O_WRONLY),
    ATTEMPT(openat, AT_FDCWD, INJECT_NO_PATH, O_RDWR | O_CLOEXEC),
    ATTEMPT(openat, AT_FDCWD, INJECT_NO_PATH, O_TRUNC),
    ATTEMPT(openat2, AT_FDCWD, INJECT_NO_PATH, 0, 0),
    ATTEMPT(truncate, INJECT_NO_PATH, 0),
    ATTEMPT(unlink, INJECT_NO_PATH),
    ATTEMPT(rename, INJECT_NO_PATH, INJECT_NO_PATH),
    ATTEMPT(chmod, INJECT_NO_PATH, 0777),
    ATTEMPT(mknod, INJECT_NO_PATH, -1),
    ATTEMPT(symlink, INJECT_NO_PATH, 0),
    ATTEMPT(chdir, INJECT_NO_PATH),
    ATTEMPT(chroot, INJECT_NO_PATH),
    ATTEMPT(mount, INJECT_NO_PATH, INJECT_NO_PATH, INJECT_NO_PATH),
    ATTEMPT(unshare, 0),
    ATTEMPT(setns, -1, 0),
    ATTEMPT(clone, CLONE_SIGHAND),
    ATTEMPT(kill, INJECT_OWN_PID, 0),
    ATTEMPT(tgkill, INJECT_OWN_PID, INJECT_OWN_PID, 0),
    ATTEMPT(pidfd_open, INJECT_OWN_PID, 0),
    ATTEMPT(process_vm_writev, INJECT_OWN_PID, 0, 0, 0, 0),
    ATTEMPT(accept, -1),
    ATTEMPT(accept4, -1),
    ATTEMPT(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP),
    ATTEMPT(socket, AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6),
    ATTEMPT(socket, AF_PACKET, SOCK_RAW, 0),
    ATTEMPT(socket, AF_NETLINK, SOCK_RAW, 15),
    ATTEMPT(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ATTEMPT(mprotect, 0, 0, PROT_EXEC),
    ATTEMPT(memfd_create, INJECT_NO_PATH, 0),
    ATTEMPT(ioctl, 0, TIOCSTI, INJECT_NO_PATH),
    ATTEMPT(setuid, 0),
    ATTEMPT(prctl, 8),
    ATTEMPT(seccomp, -1),
    ATTEMPT(bpf, -1),
    ATTEMPT(io_uring_setup, 0, 0),
    ATTEMPT(keyctl, -1),
    ATTEMPT(sendfile, -1, -1, 0, 0),
};

static const struct attempt deadly[] = {
    ATTEMPT(execve, INJECT_A_PATH, 0, 0),
    ATTEMPT(execveat, AT_FDCWD, INJECT_A_PATH, 0, 0, 0),
    ATTEMPT(ptrace, -1),
    ATTEMPT(listen, 3, 1),
};

static void what_no_probe_needs_is_refused(void **state)
{
    (void)state;
    start("grpc://127.0.0.1:%d", NULL, NULL, NULL);
    inject_begin(s.pid);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        long result = inject_attempt(s.pid, &refused[i]);
        if (result != -EPERM)
            fail_msg("%s: %ld", refused[i].name, result);
    }
    assert_int_equal(inject_attempt(s.pid, &(struct attempt)ATTEMPT(fork, 0)), -EPERM);
    /* without an errno that libc takes for more than a refusal */
    assert_int_equal(inject_attempt(s.pid, &(struct attempt)ATTEMPT(clone3, 0, 0)), -ENOSYS);
    /* and what it needs it can do still */
    assert_true(inject_attempt(s.pid, &(struct attempt)ATTEMPT(openat, AT_FDCWD, INJECT_A_PATH, O_RDONLY | O_CLOEXEC)) >
                2);
    assert_true(inject_attempt(s.pid, &(struct attempt)ATTEMPT(socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC)) > 2);
    end();
}

static void what_only_an_intruder_calls_ends_the_probe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        start("grpc://127.0.0.1:%d", NULL, NULL, NULL);
        inject_begin(s.pid);
        long result = inject_attempt(s.pid, &deadly[i]);
        if (result != INJECT_ENDED)
            fail_msg("%s: %ld", deadly[i].name, result);
        assert_int_equal(subject_wait(&s), 128 + SIGSYS);
    }
}

/* There is no way round by the numbers of 32-bit programs: 20 is getpid(2) there. */
static void another_architectures_calls_end_the_probe(void **state)
{
    enum { GETPID_32 = 20 };
    static const long none[6];

    (void)state;
    start("grpc://127.0.0.1:%d", "--", "true", NULL);
    inject_begin(s.pid);
    bool possible = inject_call_32(s.pid, GETPID_32, none) == proc_inner(s.pid);
    end();
    start("grpc://127.0.0.1:%d", NULL, NULL, NULL);
    inject_begin(s.pid);
    long result = inject_call_32(s.pid, GETPID_32, none);
    if (possible)
        assert_int_equal(result, INJECT_ENDED);
    assert_int_equal(subject_wait(&s), 128 + (possible ? SIGSYS : SIGSEGV));
}

/* The attempts above are real ones: nothing else stands in their way. */
static void without_the_filter_none_of_it_is_refused(void **state)
{
    (void)state;
    start("grpc://127.0.0.1:%d", "--", "true", NULL);
    inject_begin(s.pid);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        long result = inject_attempt(s.pid, &refused[i]);
        if (result == -EPERM || result == INJECT_ENDED)
            fail_msg("%s: %ld", refused[i].name, result);
    }
    end();
}
#endif

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_reads_more_than_the_head_of_an_answer_is_confined, subject_end_all),
        cmocka_unit_test_teardown(what_becomes_a_command_or_is_plain_is_not, subject_end_all),
#ifdef __x86_64__
        cmocka_unit_test_teardown(what_no_probe_needs_is_refused, subject_end_all),
        cmocka_unit_test_teardown(without_the_filter_none_of_it_is_refused, subject_end_all),
        cmocka_unit_test_teardown(what_only_an_intruder_calls_ends_the_probe, subject_end_all),
        cmocka_unit_test_teardown(another_architectures_calls_end_the_probe, subject_end_all),
#endif
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
