/* What a probe that was taken over cannot do: its own process is made to try. */
#include "support/inject.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/subject.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* How many filters there are before a call of each thread of PID, beside those of the test: -1 where they differ. */
static long filters(pid_t pid)
{
    long own = proc_number(getpid(), "Seccomp_filters"), count = proc_number(pid, "Seccomp_filters");
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.' && proc_number(atoi(entry->d_name), "Seccomp_filters") != count)
            count = own - 1;
    closedir(directory);
    return count - own;
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
        if (filters(s.pid) != 1 || proc_number(s.pid, "NoNewPrivs") != 1)
            fail_msg("%s %s is not confined", rows[i][0], rows[i][1] ? rows[i][1] : "");
        end();
    }
}

/* For COMMAND would be, too; and where only our own few lines read the head of an answer it is a matter of cost. */
static void what_becomes_a_command_or_is_plain_is_not(void **state)
{
    (void)state;
    start("https://localhost:%d/", "--", "true", NULL);
    assert_int_equal(filters(s.pid), 0);
    end();
    start("http://localhost:%d/", NULL, NULL, NULL);
    assert_int_equal(filters(s.pid), 0);
    end();
}

/* What an argument is: a number, or in place of it a path that is there, one that is not, or the process itself. */
enum { A_PATH = 0x7e570001, NO_PATH, OWN_PID };

struct attempt {
    const char *name;
    long call;
    long arguments[6];
};

static long try(const struct attempt *attempt)
{
    long arguments[6];

    for (size_t i = 0; i < 6; i++) {
        arguments[i] = attempt->arguments[i];
        if (arguments[i] == A_PATH)
            arguments[i] = inject_string(s.pid, "/proc/self/exe");
        else if (arguments[i] == NO_PATH)
            arguments[i] = inject_string(s.pid, "/nonexistent");
        else if (arguments[i] == OWN_PID)
            arguments[i] = proc_inner(s.pid);
    }
    return inject_call(s.pid, attempt->call, arguments);
}

#define ATTEMPT(call, ...)                                                                                             \
    {                                                                                                                  \
#call "(" #__VA_ARGS__ ")", SYS_##call,                                                                        \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

#ifdef __x86_64__
/* Each of them does something, or fails with another error, where it is not refused: the second test sees to that. */
static const struct attempt refused[] = {
    ATTEMPT(open, NO_PATH, O_WRONLY),
    ATTEMPT(open, NO_PATH, O_CREAT | O_EXCL | O_DIRECTORY),
    ATTEMPT(open, NO_PATH, O_RDWR),
    ATTEMPT(openat, AT_FDCWD, NO_PATH, O_WRONLY),
    ATTEMPT(openat, AT_FDCWD, NO_PATH, O_RDWR | O_CLOEXEC),
    ATTEMPT(openat, AT_FDCWD, NO_PATH, O_TRUNC),
    ATTEMPT(openat2, AT_FDCWD, NO_PATH, 0, 0),
    ATTEMPT(truncate, NO_PATH, 0),
    ATTEMPT(unlink, NO_PATH),
    ATTEMPT(rename, NO_PATH, NO_PATH),
    ATTEMPT(chmod, NO_PATH, 0777),
    ATTEMPT(mknod, NO_PATH, -1),
    ATTEMPT(symlink, NO_PATH, 0),
    ATTEMPT(chdir, NO_PATH),
    ATTEMPT(chroot, NO_PATH),
    ATTEMPT(mount, NO_PATH, NO_PATH, NO_PATH),
    ATTEMPT(unshare, 0),
    ATTEMPT(setns, -1, 0),
    ATTEMPT(clone, CLONE_SIGHAND),
    ATTEMPT(kill, OWN_PID, 0),
    ATTEMPT(tgkill, OWN_PID, OWN_PID, 0),
    ATTEMPT(pidfd_open, OWN_PID, 0),
    ATTEMPT(process_vm_writev, OWN_PID, 0, 0, 0, 0),
    ATTEMPT(accept, -1),
    ATTEMPT(accept4, -1),
    ATTEMPT(socket, AF_INET, SOCK_RAW, IPPROTO_ICMP),
    ATTEMPT(socket, AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6),
    ATTEMPT(socket, AF_PACKET, SOCK_RAW, 0),
    ATTEMPT(socket, AF_NETLINK, SOCK_RAW, 15),
    ATTEMPT(mmap, 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ATTEMPT(mprotect, 0, 0, PROT_EXEC),
    ATTEMPT(memfd_create, NO_PATH, 0),
    ATTEMPT(ioctl, 0, TIOCSTI, NO_PATH),
    ATTEMPT(setuid, 0),
    ATTEMPT(prctl, 8),
    ATTEMPT(seccomp, -1),
    ATTEMPT(bpf, -1),
    ATTEMPT(io_uring_setup, 0, 0),
    ATTEMPT(keyctl, -1),
    ATTEMPT(sendfile, -1, -1, 0, 0),
};

static const struct attempt deadly[] = {
    ATTEMPT(execve, A_PATH, 0, 0),
    ATTEMPT(execveat, AT_FDCWD, A_PATH, 0, 0, 0),
    ATTEMPT(ptrace, -1),
    ATTEMPT(listen, 3, 1),
};

static void what_no_probe_needs_is_refused(void **state)
{
    (void)state;
    start("grpc://127.0.0.1:%d", NULL, NULL, NULL);
    inject_begin(s.pid);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        long result = try(&refused[i]);
        if (result != -EPERM)
            fail_msg("%s: %ld", refused[i].name, result);
    }
    assert_int_equal(try(&(struct attempt)ATTEMPT(fork, 0)), -EPERM);
    /* without an errno that libc takes for more than a refusal */
    assert_int_equal(try(&(struct attempt)ATTEMPT(clone3, 0, 0)), -ENOSYS);
    /* and what it needs it can do still */
    assert_true(try(&(struct attempt)ATTEMPT(openat, AT_FDCWD, A_PATH, O_RDONLY | O_CLOEXEC)) > 2);
    assert_true(try(&(struct attempt)ATTEMPT(socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC)) > 2);
    end();
}

static void what_only_an_intruder_calls_ends_the_probe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++) {
        start("grpc://127.0.0.1:%d", NULL, NULL, NULL);
        inject_begin(s.pid);
        long result = try(&deadly[i]);
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
        long result = try(&refused[i]);
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
