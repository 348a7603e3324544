/* What a probe that was taken over cannot do: its own process is made to try. */
#include "support/inject.h"
#include "support/nameserver.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/refuse.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    script_stop(&server);
    return peer_clean(state);
}

static bool is_connected(void *argument)
{
    (void)argument;
    return atomic_load(&server.connections) > 0;
}

/* A probe of the silent server that waits for its answer. TARGET has a %d for the port. */
static void start_as(void (*before)(void *argument), const char *target, const char *a, const char *b, const char *c)
{
    const struct subject_options options = { .binary = probe_binary(), .argv0 = "healthcheck", .before = before };

    atomic_store(&server.connections, 0);
    subject_start(&s, &options, "-t60s", format(target, server.port), a, b, c, NULL);
    await(is_connected, NULL, "the probe to connect");
    await_state(s.pid, 'S');
}

static void start(const char *target, const char *a, const char *b, const char *c)
{
    start_as(NULL, target, a, b, c);
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
    return proc_filters(s.pid) == 1 && proc_number(s.pid, "NoNewPrivs") != 0; /* gVisor does not tell it */
}

static void what_reads_more_than_the_head_of_an_answer_is_confined(void **state)
{
    static const char *const rows[][3] = {
        { "https://localhost:%d/" },
        { "tls://127.0.0.1:%d" },
        { "grpc://127.0.0.1:%d" },
        { "mysql://127.0.0.1:%d" },
        { "tcp://127.0.0.1:%d?expect=220" },
        { "redis://127.0.0.1:%d" },
        { "http://127.0.0.1:%d/", "--json=a=1" },
        { "http://127.0.0.1:%d/", "--body-contains=a" },
        { "http://127.0.0.1:%d/", "--body-regex=a" },
        { "http://127.0.0.1:%d/", "--follow" },
        { "http://127.0.0.1:%d/", "--wait=1m" },
        { "http://127.0.0.1:%d/", "--hold=1m" },
        { "http://127.0.0.1:%d/", "file:///", "process://init" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(rows[i][0], rows[i][1], rows[i][1] ? rows[i][2] : NULL, NULL);
        await(is_confined, NULL, format("the filter of %s %s", rows[i][0], rows[i][1] ? rows[i][1] : ""));
        end();
    }
}

static bool is_asked(void *nameserver)
{
    return atomic_load(&((struct nameserver *)nameserver)->datagrams) > 1;
}

/* It sends, and sends again, and an answer that is truncated is asked for by TCP. */
static void what_asks_by_udp_is_confined(void **state)
{
    const struct subject_options options = { .binary = probe_binary(), .argv0 = "healthcheck" };
    struct nameserver silent;

    (void)state;
    nameserver_start(&silent, "127.0.0.1", 0, nameserver_silence);
    subject_start(&s, &options, "-t60s", format("dns://127.0.0.1:%u/a", silent.port), NULL);
    await(is_asked, &silent, "the question, and the same again");
    assert_true(is_confined(NULL));
    end();
    nameserver_stop(&silent);
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
    start("http://localhost:%d/", format("tcp://127.0.0.1:%d", server.port), NULL, NULL);
    assert_int_equal(proc_filters(s.pid), 0);
    end();
}

/* An answer in pieces would keep the other target waiting. */
static void plain_probes_that_go_on_on_threads_are(void **state)
{
    static const struct script_step pieces[] = { { .verb = SCRIPT_READ },
                                                 { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 " },
                                                 { .verb = SCRIPT_HOLD },
                                                 { .verb = SCRIPT_END } };
    struct script_server slow;

    (void)state;
    script_start(&slow, "127.0.0.1", pieces);
    start("http://localhost:%d/", format("http://127.0.0.1:%d/", slow.port), NULL, NULL);
    await(is_confined, NULL, "the filter of what goes on on threads");
    end();
    script_stop(&slow);
}

/* What this kernel knows to refuse to who is sealed: the version of Landlock, 0 for none. */
static long landlock(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1);

    return version > 0 ? version : 0;
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
    ATTEMPT(mknodat, AT_FDCWD, INJECT_NO_PATH, S_IFREG | 0644, 0),
    ATTEMPT(mknodat, AT_FDCWD, INJECT_NO_PATH, S_IFREG | S_ISUID | 0600, 0),
    ATTEMPT(mknodat, AT_FDCWD, INJECT_NO_PATH, S_IFIFO | 0600, 0),
    ATTEMPT(mknodat, AT_FDCWD, INJECT_NO_PATH, S_IFSOCK | 0600, 0),
    ATTEMPT(mknodat, AT_FDCWD, INJECT_NO_PATH, S_IFCHR | 0600, 0x103),
    ATTEMPT(symlink, INJECT_NO_PATH, 0),
    ATTEMPT(chdir, INJECT_NO_PATH),
    ATTEMPT(chroot, INJECT_NO_PATH),
    ATTEMPT(mount, INJECT_NO_PATH, INJECT_NO_PATH, INJECT_NO_PATH),
    ATTEMPT(unshare, 0),
    ATTEMPT(setns, -1, 0),
    ATTEMPT(clone, CLONE_SIGHAND),
    ATTEMPT(clone, CLONE_SIGHAND, CLONE_THREAD), /* which is where the stack is */
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
    /* TCP by other names, which Landlock does not know */
    ATTEMPT(socket, AF_INET, SOCK_STREAM, IPPROTO_MPTCP),
    ATTEMPT(socket, AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP),
    ATTEMPT(sendto, -1, 0, 0, MSG_NOSIGNAL | MSG_FASTOPEN, 0, 0),
    ATTEMPT(sendmsg, -1, 0, MSG_FASTOPEN),
    /* a file that is a socket; a port */
    ATTEMPT(bind, -1, 0, 0),
    /* what sends packets by itself, runs code in the kernel, and unbinds from lo */
    ATTEMPT(setsockopt, -1, IPPROTO_IP, IP_ADD_MEMBERSHIP, 0, 0),
    ATTEMPT(setsockopt, -1, SOL_SOCKET, SO_ATTACH_FILTER, 0, 0),
    ATTEMPT(setsockopt, -1, SOL_SOCKET, SO_BINDTODEVICE, 0, 0),
    ATTEMPT(setsockopt, -1, SOL_SOCKET, SO_KEEPALIVE, 0, 0),
    ATTEMPT(setsockopt, -1, IPPROTO_TCP, TCP_ULP, 0, 0),
    ATTEMPT(setsockopt, -1, IPPROTO_IPV6, IPV6_JOIN_GROUP, 0, 0),
    /* signals to others, by a descriptor; waits for others, and makes them wait */
    ATTEMPT(fcntl, -1, F_SETOWN, INJECT_OWN_PID),
    ATTEMPT(fcntl, -1, F_SETOWN_EX, INJECT_NO_PATH),
    ATTEMPT(fcntl, -1, F_SETSIG, SIGKILL),
    ATTEMPT(fcntl, -1, F_SETFL, O_ASYNC),
    ATTEMPT(fcntl, -1, F_SETFL, O_ASYNC | O_NONBLOCK),
    ATTEMPT(fcntl, -1, F_SETLEASE, F_RDLCK),
    ATTEMPT(fcntl, -1, F_NOTIFY, DN_ACCESS),
    ATTEMPT(fcntl, -1, F_SETLK, INJECT_NO_PATH),
    ATTEMPT(fcntl, -1, F_OFD_SETLKW, INJECT_NO_PATH),
    ATTEMPT(fcntl, -1, F_SETPIPE_SZ, 0),
    ATTEMPT(fcntl, -1, F_DUPFD, 0),
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
    end();
}

/* What is refused of these calls is refused by their arguments alone. */
static const struct attempt let_through[] = {
    ATTEMPT(fcntl, -1, F_DUPFD_CLOEXEC, 3),
    ATTEMPT(fcntl, -1, F_SETFD, FD_CLOEXEC),
    ATTEMPT(fcntl, -1, F_SETFL, 0),
    ATTEMPT(fcntl, -1, F_SETFL, O_NONBLOCK),
    ATTEMPT(setsockopt, -1, SOL_SOCKET, SO_BINDTOIFINDEX, 0, 0),
    ATTEMPT(setsockopt, -1, SOL_SOCKET, SO_SNDTIMEO, 0, 0),
    ATTEMPT(setsockopt, -1, IPPROTO_TCP, TCP_NODELAY, 0, 0),
    ATTEMPT(setsockopt, -1, IPPROTO_IPV6, IPV6_V6ONLY, 0, 0),
    ATTEMPT(sendto, -1, 0, 0, MSG_NOSIGNAL, 0, 0),
    ATTEMPT(sendmsg, -1, 0, MSG_NOSIGNAL),
    ATTEMPT(socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP),
    ATTEMPT(socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
    ATTEMPT(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0),
    ATTEMPT(clone, CLONE_THREAD, 0),
    ATTEMPT(mmap, 0, 0, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ATTEMPT(mprotect, 1, 0, PROT_READ | PROT_WRITE),
    ATTEMPT(ioctl, -1, SIOCGIFINDEX, 0),
};

/* A probe that tries again, or follows a redirect. */
static void what_another_connection_needs_is_not(void **state)
{
    (void)state;
    for (const char *const *option = (const char *const[]){ "--wait=1m", "--follow", NULL }; *option; option++) {
        start("http://127.0.0.1:%d/", *option, NULL, NULL);
        inject_begin(s.pid);
        assert_true(
            inject_attempt(s.pid, &(struct attempt)ATTEMPT(openat, AT_FDCWD, INJECT_A_PATH, O_RDONLY | O_CLOEXEC)) > 2);
        assert_true(inject_attempt(s.pid, &(struct attempt)ATTEMPT(socket, AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC)) > 2);
        for (size_t i = 0; i < COUNT(let_through); i++)
            if (inject_attempt(s.pid, &let_through[i]) == -EPERM)
                fail_msg("%s is refused", let_through[i].name);
        end();
    }
}

/* For the next run to find. */
static void a_probe_that_stays_may_make_empty_files_and_is_confined_as_others_are(void **state)
{
    static const struct attempt make = ATTEMPT(mknodat, AT_FDCWD, INJECT_NO_PATH, S_IFREG | 0600, 0);

    (void)state;
    for (int stays = 0; stays < 2; stays++) {
        start("grpc://127.0.0.1:%d", stays ? "--hold=1m" : "--wait=1m", "--hold-state=/mnt", NULL);
        inject_begin(s.pid);
        long made = inject_attempt(s.pid, &make);
        assert_true(stays ? made != -EPERM && made != INJECT_ENDED : made == -EPERM);
        for (size_t i = 0; i < COUNT(refused); i++) {
            long result = inject_attempt(s.pid, &refused[i]);
            if (result != -EPERM)
                fail_msg("%s: %ld", refused[i].name, result);
        }
        end();
    }
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
    if (!possible) {
        print_message("# skip: this kernel has no 32-bit programs\n");
        skip();
    }
    start("grpc://127.0.0.1:%d", NULL, NULL, NULL);
    inject_begin(s.pid);
    assert_int_equal(inject_call_32(s.pid, GETPID_32, none), INJECT_ENDED);
    assert_int_equal(subject_wait(&s), 128 + SIGSYS);
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

/* --- sealed: what there is from the first byte of an answer on -------------------------------------- */

#define A_DIRECTORY "/mnt/sealed"
#define A_FILE      A_DIRECTORY "/file"
#define NO_FILE     A_DIRECTORY "/none"

/* A call on files, its paths, what follows these, and the version of Landlock that refuses it. */
static const struct denial {
    const char *name;
    long call;
    const char *paths[2];
    long rest[3];
    long since;
} denied[] = {
    { "read a file", SYS_open, { A_FILE }, { O_RDONLY }, 1 },
    { "write a file", SYS_open, { A_FILE }, { O_WRONLY }, 1 },
    { "make a file", SYS_open, { NO_FILE }, { O_WRONLY | O_CREAT, 0600 }, 1 },
    { "list a directory", SYS_open, { A_DIRECTORY }, { O_RDONLY | O_DIRECTORY }, 1 },
    { "cut a file", SYS_truncate, { A_FILE }, { 1 }, 3 },
    { "make a directory", SYS_mkdir, { A_DIRECTORY "/directory" }, { 0700 }, 1 },
    { "make a FIFO", SYS_mknod, { A_DIRECTORY "/fifo" }, { S_IFIFO | 0600 }, 1 },
    { "make a device", SYS_mknod, { A_DIRECTORY "/device" }, { S_IFCHR | 0600, 0x103 }, 1 },
    { "make a symbolic link", SYS_symlink, { A_FILE, A_DIRECTORY "/link" }, { 0 }, 1 },
    { "rename a file", SYS_rename, { A_FILE, A_DIRECTORY "/renamed" }, { 0 }, 1 },
    { "remove a file", SYS_unlink, { A_DIRECTORY "/renamed" }, { 0 }, 1 },
    { "remove a directory", SYS_rmdir, { A_DIRECTORY "/empty" }, { 0 }, 1 },
    { "mount", SYS_mount, { A_DIRECTORY, A_DIRECTORY "/place" }, { 0, MS_BIND }, 1 },
    { "run a program", SYS_execve, { "/proc/self/exe" }, { 0 }, 1 },
};

static bool is_refusal(long result)
{
    return result == -EACCES || result == -EPERM;
}

/* Fails the test unless a kernel that can do so has refused, or where nothing is SEALED has not. */
static void expect(bool sealed, long since, const char *name, long result)
{
    if (is_refusal(result) != (sealed && landlock() >= since))
        fail_msg("%s, %s: %ld", name, sealed ? "sealed" : "not sealed", result);
}

static void make_files(void)
{
    mkdir(A_DIRECTORY, 0777);
    mkdir(A_DIRECTORY "/empty", 0777);
    mkdir(A_DIRECTORY "/place", 0777);
    close(open(A_FILE, O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
    close(open(A_DIRECTORY "/renamed", O_WRONLY | O_CREAT | O_CLOEXEC, 0666));
}

static void try_files(bool sealed)
{
    make_files();
    for (size_t i = 0; i < sizeof denied / sizeof denied[0]; i++) {
        const struct denial *at = &denied[i];
        long arguments[6] = { inject_string(s.pid, at->paths[0]) };
        size_t n = 1;
        if (at->paths[1])
            arguments[n++] = inject_string(s.pid, at->paths[1]);
        memcpy(&arguments[n], at->rest, sizeof at->rest);
        expect(sealed, at->since, at->name, inject_call(s.pid, at->call, arguments));
    }
}

/* A process beside it, of the same user. */
static pid_t start_bystander(void)
{
    pid_t pid = fork();

    if (pid == 0)
        for (;;)
            pause();
    return pid;
}

static void try_processes(bool sealed)
{
    pid_t bystander = start_bystander();

    expect(sealed, 6, "signal a process", inject_call(s.pid, SYS_kill, (long[6]){ bystander, 0 }));
    expect(sealed, 1, "trace a process", inject_call(s.pid, SYS_ptrace, (long[6]){ PTRACE_SEIZE, bystander }));
    assert_int_equal(inject_call(s.pid, SYS_kill, (long[6]){ proc_inner(s.pid), 0 }), 0);
}

static void try_network(bool sealed)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    long fd = inject_call(s.pid, SYS_socket, (long[6]){ AF_INET, SOCK_STREAM });

    assert_at_least(fd, 3);
    long at = inject_bytes(s.pid, &address, sizeof address);
    expect(sealed, 4, "take a port", inject_call(s.pid, SYS_bind, (long[6]){ fd, at, sizeof address }));
    address.sin_port = htons(server.port);
    at = inject_bytes(s.pid, &address, sizeof address);
    expect(sealed, 4, "connect", inject_call(s.pid, SYS_connect, (long[6]){ fd, at, sizeof address }));
}

static void try_all(bool sealed)
{
    inject_begin(s.pid);
    try_network(sealed);
    try_processes(sealed);
    try_files(sealed);
    end();
}

static void lose_filters(void *argument)
{
    (void)argument;
    refuse(SYS_seccomp, ENOSYS, NULL);
}

/* Without the filter, which would refuse most of it, too. */
static void who_reads_an_answer_opens_and_reaches_nothing(void **state)
{
    (void)state;
    start_as(lose_filters, "redis://127.0.0.1:%d", NULL, NULL, NULL);
    try_all(true);
}

/* The attempts are real ones: nothing else stands in their way. And COMMAND would be sealed, too. */
static void who_becomes_a_command_does(void **state)
{
    (void)state;
    start("redis://127.0.0.1:%d", "--", "true", NULL);
    try_all(false);
}

/* Before the first byte of a TLS handshake, too. */
static void no_file_is_read_behind_filter_and_seal(void **state)
{
    static const char *const rows[][2] = {
        { "https://127.0.0.1:%d/", "-k" }, { "tls://127.0.0.1:%d", "-k" }, { "http://127.0.0.1:%d/", "--json=a=1" },
        { "grpc://127.0.0.1:%d" },         { "mysql://127.0.0.1:%d" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(rows[i][0], rows[i][1], NULL, NULL);
        inject_begin(s.pid);
        long result =
            inject_attempt(s.pid, &(struct attempt)ATTEMPT(openat, AT_FDCWD, INJECT_A_PATH, O_RDONLY | O_CLOEXEC));
        expect(true, 1, rows[i][0], result);
        end();
    }
}
#endif

/* Each form of a ruleset that was tried and refused is followed by one that asks for less. */
static void an_older_kernel_is_asked_for_what_it_knows(void **state)
{
    static const struct script_step ok[] = { { .verb = SCRIPT_READ },
                                             { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\na" },
                                             { .verb = SCRIPT_END } };
    static struct script_server http;

    (void)state;
    script_start(&http, "127.0.0.1", ok);
    for (int unknown = 1; unknown <= 4; unknown++) {
        peer_shell("strace -qq -o trace -e trace=/landlock -e inject=landlock_create_ruleset:error=EINVAL:when=1..%d "
                   "%s http://127.0.0.1:%u/ --body-contains=a",
                   unknown, probe_binary(), http.port);
        char *trace = peer_read("trace");
        if (landlock() > 0 && (strstr(trace, "landlock_restrict_self(") != NULL) != (unknown < 4))
            fail_msg("%d forms that are not known:\n%s", unknown, trace);
        free(trace);
    }
    script_stop(&http);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(what_reads_more_than_the_head_of_an_answer_is_confined, subject_end_all),
        cmocka_unit_test_teardown(what_asks_by_udp_is_confined, subject_end_all),
        cmocka_unit_test_teardown(what_becomes_a_command_or_is_plain_is_not, subject_end_all),
        cmocka_unit_test_teardown(plain_probes_that_go_on_on_threads_are, subject_end_all),
        cmocka_unit_test(an_older_kernel_is_asked_for_what_it_knows),
#ifdef __x86_64__
        cmocka_unit_test_teardown(what_no_probe_needs_is_refused, subject_end_all),
        cmocka_unit_test_teardown(what_another_connection_needs_is_not, subject_end_all),
        cmocka_unit_test_teardown(who_reads_an_answer_opens_and_reaches_nothing, subject_end_all),
        cmocka_unit_test_teardown(who_becomes_a_command_does, subject_end_all),
        cmocka_unit_test_teardown(no_file_is_read_behind_filter_and_seal, subject_end_all),
        cmocka_unit_test_teardown(without_the_filter_none_of_it_is_refused, subject_end_all),
        cmocka_unit_test_teardown(a_probe_that_stays_may_make_empty_files_and_is_confined_as_others_are,
                                  subject_end_all),
        cmocka_unit_test_teardown(what_only_an_intruder_calls_ends_the_probe, subject_end_all),
        cmocka_unit_test_teardown(another_architectures_calls_end_the_probe, subject_end_all),
#endif
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
