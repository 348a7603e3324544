/* listen, listen+udp, file, process and pidfile: what is told without a connection, and what without /proc. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/subject.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- listen ------------------------------------------------------------------------------------ */

/* Binds a socket of TYPE to ADDRESS and PORT, 0: one that is free. *PORT is that one. */
static int bound(int type, const char *address, int *port)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)*port) };
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons((uint16_t)*port) };
    bool is_v6 = inet_pton(AF_INET, address, &v4.sin_addr) != 1;
    struct sockaddr *own = is_v6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4;
    socklen_t length = is_v6 ? sizeof v6 : sizeof v4;
    int fd = socket(own->sa_family, type | SOCK_CLOEXEC, 0);

    if (is_v6)
        assert_int_equal(inet_pton(AF_INET6, address, &v6.sin6_addr), 1);
    assert_int_equal(bind(fd, own, length), 0);
    assert_int_equal(getsockname(fd, own, &length), 0);
    *port = ntohs(is_v6 ? v6.sin6_port : v4.sin_port);
    return fd;
}

/* Listens on ADDRESS and a port that was free; *PORT is that one. */
static int listener(const char *address, int *port)
{
    *port = 0;
    int fd = bound(SOCK_STREAM, address, port);

    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

static void expect_listen(const char *host, int port, int status, const char *says)
{
    peer_expect(peer_text("listen://%s:%d", host, port), status, says);
}

/* The socket FD at 127.0.0.1 and PORT, which is closed then: what is said of each place where it might be. */
static void check_each_place(const char *scheme, int fd, int port, const char *found, const char *missing)
{
    static const char *const places[] = { "127.0.0.1:", "localhost:", ":", "" }, *const others[] = { "[::1]",
                                                                                                     "0.0.0.0" };

    for (size_t i = 0; i < COUNT(places); i++)
        peer_expect(peer_text("%s://%s%d", scheme, places[i], port), 0, peer_text("  %s 127.0.0.1\n", found));
    for (size_t i = 0; i < COUNT(others); i++)
        peer_expect(peer_text("%s://%s:%d", scheme, others[i], port), 1,
                    peer_text("  %s, only on 127.0.0.1\n", missing));
    close(fd);
    peer_expect(peer_text("%s://127.0.0.1:%d", scheme, port), 1, peer_text("  %s\n", missing));
}

static void a_listener_is_found_at_its_address(void **state)
{
    int port, fd = listener("127.0.0.1", &port);

    (void)state;
    check_each_place("listen", fd, port, "listening on", "nothing listens there");
}

static void a_wildcard_listener_holds_for_every_address(void **state)
{
    int port, fd = listener("0.0.0.0", &port);

    (void)state;
    expect_listen("127.0.0.1", port, 0, "listening on 0.0.0.0");
    expect_listen("0.0.0.0", port, 0, "listening on 0.0.0.0");
    expect_listen("[::1]", port, 1, "nothing listens there");
    close(fd);
}

static void a_dual_stack_listener_holds_for_both_families(void **state)
{
    int port, fd = listener("::", &port);

    (void)state;
    expect_listen("127.0.0.1", port, 0, "listening on ::");
    expect_listen("[::1]", port, 0, "listening on ::");
    expect_listen("localhost", port, 0, "listening on ::");
    close(fd);
}

/* /proc does not tell it from the one before: the manual says so. */
static void a_wildcard_of_ipv6_only_counts_for_both_families(void **state)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    socklen_t length = sizeof any;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){ 1 }, sizeof(int)), 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&any, length), 0);
    assert_int_equal(listen(fd, 8), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&any, &length), 0);
    expect_listen("[::1]", ntohs(any.sin6_port), 0, "listening on ::");
    expect_listen("127.0.0.1", ntohs(any.sin6_port), 0, "listening on ::");
    peer_expect(peer_text("tcp://127.0.0.1:%d", ntohs(any.sin6_port)), 1, "connection refused");
    close(fd);
}

static void an_ipv6_listener_holds_for_ipv6_only(void **state)
{
    int port, fd = listener("::1", &port);

    (void)state;
    expect_listen("[::1]", port, 0, "listening on ::1");
    expect_listen("localhost", port, 0, "listening on ::1");
    expect_listen("127.0.0.1", port, 1, "nothing listens there, only on ::1");
    close(fd);
}

static void nobody_is_connected_to(void **state)
{
    int port, fd = listener("127.0.0.1", &port);
    struct pollfd visitor = { .fd = fd, .events = POLLIN };

    (void)state;
    for (int i = 0; i < 20; i++)
        expect_listen("127.0.0.1", port, 0, "listening");
    assert_int_equal(poll(&visitor, 1, 0), 0);
    close(fd);
}

static void one_of_many_listeners_is_found(void **state)
{
    enum { MANY = 200 };
    int fds[MANY], ports[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++)
        fds[i] = listener("127.0.0.1", &ports[i]);
    for (int i = 0; i < MANY; i += 20)
        expect_listen("127.0.0.1", ports[i], 0, "listening");
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
}

static void an_address_of_another_machine_is_refused(void **state)
{
    int port, fd = listener("0.0.0.0", &port);

    (void)state;
    expect_listen("192.0.2.1", port, 1, "refused");
    close(fd);
}

/* --- listen+udp -------------------------------------------------------------------------------- */

static void expect_bound(const char *host, int port, int status, const char *says)
{
    peer_expect(peer_text("listen+udp://%s:%d", host, port), status, says);
}

static void a_udp_socket_is_found_at_its_address(void **state)
{
    int port = 0, fd = bound(SOCK_DGRAM, "127.0.0.1", &port);

    (void)state;
    check_each_place("listen+udp", fd, port, "bound to", "no UDP socket is bound there");
}

static void a_udp_socket_of_all_addresses_holds_for_each(void **state)
{
    static const struct {
        const char *address, *host;
        int status;
    } rows[] = {
        { "0.0.0.0", "127.0.0.1", 0 }, { "0.0.0.0", "0.0.0.0", 0 }, { "0.0.0.0", "[::1]", 1 }, { "::", "[::1]", 0 },
        { "::", "127.0.0.1", 0 },      { "::1", "[::1]", 0 },       { "::1", "127.0.0.1", 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int port = 0, fd = bound(SOCK_DGRAM, rows[i].address, &port);
        expect_bound(rows[i].host, port, rows[i].status, rows[i].status == 0 ? "bound to " : "no UDP socket is bound");
        close(fd);
    }
}

/* Such a socket takes what its peer sends, and nobody else's. */
static void a_connected_udp_socket_serves_nobody(void **state)
{
    struct sockaddr_in peer = { .sin_family = AF_INET,
                                .sin_port = htons(9),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int port = 0, fd = bound(SOCK_DGRAM, "127.0.0.1", &port);

    (void)state;
    assert_int_equal(connect(fd, (struct sockaddr *)&peer, sizeof peer), 0);
    expect_bound("127.0.0.1", port, 1, "  no UDP socket is bound there\n");
    close(fd);
}

static void tcp_and_udp_are_told_apart(void **state)
{
    int port, fd = listener("127.0.0.1", &port);

    (void)state;
    expect_bound("127.0.0.1", port, 1, "  no UDP socket is bound there\n");
    int udp = bound(SOCK_DGRAM, "127.0.0.1", &port);
    close(fd);
    expect_bound("127.0.0.1", port, 0, "  bound to 127.0.0.1\n");
    expect_listen("127.0.0.1", port, 1, "nothing listens there");
    close(udp);
}

static void a_bound_socket_is_sent_nothing(void **state)
{
    int port = 0, fd = bound(SOCK_DGRAM, "127.0.0.1", &port);
    struct pollfd datagram = { .fd = fd, .events = POLLIN };

    (void)state;
    for (int i = 0; i < 20; i++)
        expect_bound("127.0.0.1", port, 0, "bound");
    assert_int_equal(poll(&datagram, 1, 0), 0);
    expect_bound("192.0.2.1", port, 1, "refused");
    close(fd);
}

/* --- file -------------------------------------------------------------------------------------- */

static const char *aged(const char *name, int seconds)
{
    struct timespec times[2];

    peer_write(name, "%s", "");
    clock_gettime(CLOCK_REALTIME, &times[0]);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, peer_path(name), times, 0), 0);
    return peer_path(name);
}

static void a_file_is_healthy_while_it_is_young(void **state)
{
    (void)state;
    peer_expect(peer_text("file://%s", aged("old", 7200)), 0, "exists");
    peer_expect(peer_text("file://%s?max-age=3h", aged("old", 7200)), 0, "modified 72");
    peer_expect(peer_text("file://%s?max-age=1h", aged("old", 7200)), 1, "s ago, more than 3600s");
    aged("heart beat", 1);
    peer_expect(peer_text("file://%s/heart%%20beat?max-age=60s", peer_directory()), 0, "modified");
}

/* Seconds are enough unless they are the same: `modified 3600s ago, more than 3600s` would be no reason. */
static void an_age_just_above_the_limit_reads_as_more(void **state)
{
    const struct run_result *result = peer_probe(peer_text("file://%s?max-age=1h", aged("stale", 3600)), NULL);

    (void)state;
    assert_status(result, 1);
    assert_says_not(result, "modified 3600s ago");
}

static void a_file_from_the_future_is_unhealthy(void **state)
{
    (void)state;
    peer_expect(peer_text("file://%s?max-age=60s", aged("future", -3600)), 1, "modified in the future");
}

/* Further off than nanoseconds count: 292 years. */
static void a_file_of_another_age_is_unhealthy(void **state)
{
    struct timespec times[2] = { { 0 } };

    (void)state;
    fclose(fopen("/mnt/age", "w"));
    times[1].tv_sec = (time_t)20000000000;
    assert_int_equal(utimensat(AT_FDCWD, "/mnt/age", times, 0), 0);
    peer_expect("file:///mnt/age?max-age=60s", 1, "modified in the future");
    times[1].tv_sec = (time_t)-20000000000;
    assert_int_equal(utimensat(AT_FDCWD, "/mnt/age", times, 0), 0);
    peer_expect("file:///mnt/age?max-age=60s", 1, "  modified ");
}

static void a_file_that_is_not_there_is_unhealthy(void **state)
{
    (void)state;
    peer_expect(peer_text("file://%s/nowhere", peer_directory()), 1, "No such file or directory");
    peer_expect(peer_text("file://%s/old/below", peer_directory()), 1, "Not a directory");
}

static void expect_usage_error(const char *target, const char *says)
{
    const struct run_result *result = peer_probe(target, NULL);

    assert_status(result, 1);
    assert_string_equal(result->out, "");
    if (!strstr(result->err, says))
        fail_msg("%s: wanted '%s', got %s", target, says, result->err);
}

static void another_query_is_a_usage_error(void **state)
{
    (void)state;
    expect_usage_error("file:///etc/passwd?maxage=1s", "'maxage' is no query that this kind of target knows");
    expect_usage_error("file:///etc/passwd?max-age=soon", "is not a duration");
    expect_usage_error("file:///etc/passwd?max-age=0", "is shorter than 1ms");
    expect_usage_error("pidfile:///etc/passwd?max-age=1s", "'max-age' is no query that this kind of target knows");
    expect_usage_error("pidfile:///etc/passwd?name=", "needs a NAME");
    expect_usage_error("pidfile:///etc/passwd?name=a%zz", "has a % without two hexadecimal digits");
    expect_usage_error("file:///etc/passwd?name=passwd", "'name' is no query that this kind of target knows");
    expect_usage_error("process://a/b", "is not a name");
    expect_usage_error("listen://localhost", "needs a port");
    expect_usage_error("listen+udp://localhost", "needs a port");
    expect_usage_error("listen+udp://8125?a=b", "is more than this kind of target takes");
}

/* --- process and pidfile ----------------------------------------------------------------------- */

/* Starts a program that waits to be ended, under a name of its own. */
static pid_t start_named(const char *name)
{
    const char *path = peer_path(name);

    run(NULL, (char *[]){ (char *)"cp", (char *)"/bin/sleep", (char *)path, NULL });
    pid_t pid = peer_start("names.log", (char *[]){ (char *)path, (char *)"100", NULL });
    await_state(pid, 'S');
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void a_process_is_found_by_its_name(void **state)
{
    pid_t pid = start_named("short");

    (void)state;
    await_name(pid, "short");
    peer_expect("process://short", 0, peer_text("pid %d", pid));
    peer_expect("process://shor", 1, "no such process");
    end(pid);
    peer_expect("process://short", 1, "no such process");
}

static void odd_and_long_names_are_found(void **state)
{
    pid_t odd = start_named("a) S (b c"), longer = start_named("a-name-of-more-than-15-bytes");

    (void)state;
    await_name(odd, "a) S (b c");
    await_name(longer, "a-name-of-more-");
    peer_expect("process://a)%20S%20(b%20c", 0, peer_text("pid %d", odd));
    peer_expect("process://a-name-of-more-than-15-bytes", 0, peer_text("pid %d", longer));
    end(odd);
    end(longer);
}

static void a_probe_does_not_find_itself(void **state)
{
    (void)state;
    peer_expect(peer_text("process://%s", strrchr(probe_binary(), '/') + 1), 1, "no such process");
}

/* Ends at once and is not waited for. */
static pid_t zombie(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        prctl(PR_SET_NAME, "undead");
        _exit(0);
    }
    await_state(pid, 'Z');
    return pid;
}

static void a_zombie_is_dead(void **state)
{
    pid_t pid = zombie();

    (void)state;
    peer_expect("process://undead", 1, peer_text("pid %d is a zombie", pid));
    peer_write("undead.pid", "%d\n", pid);
    peer_expect(peer_text("pidfile://%s", peer_path("undead.pid")), 1, "is a zombie");
    waitpid(pid, NULL, 0);
    peer_expect(peer_text("pidfile://%s", peer_path("undead.pid")), 1, "no such process");
}

static void a_zombie_beside_a_living_process_does_not_count(void **state)
{
    pid_t dead = zombie(), alive = start_named("undead");

    (void)state;
    await_name(alive, "undead");
    peer_expect("process://undead", 0, peer_text("pid %d", alive));
    end(alive);
    waitpid(dead, NULL, 0);
}

static void *wait_on(void *unused)
{
    while (pause() < 0)
        ;
    return unused;
}

static void *wait_with_number(void *number)
{
    atomic_store((atomic_int *)number, (int)syscall(SYS_gettid));
    return wait_on(NULL);
}

/* Its first thread has ended, and its state in /proc is that of a zombie; another one lives. */
static pid_t headless(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        pthread_t thread;
        prctl(PR_SET_NAME, "headless");
        if (pthread_create(&thread, NULL, wait_on, NULL) != 0)
            _exit(96);
        pthread_exit(NULL);
    }
    await_state(pid, 'Z');
    return pid;
}

static void a_process_whose_first_thread_has_ended_lives(void **state)
{
    pid_t pid = headless();

    (void)state;
    peer_expect("process://headless", 0, peer_text("pid %d", pid));
    peer_write("headless.pid", "%d\n", pid);
    peer_expect(peer_text("pidfile://%s", peer_path("headless.pid")), 0, peer_text("pid %d", pid));
    end(pid);
}

static void a_pidfile_names_a_living_process(void **state)
{
    (void)state;
    peer_write("alive.pid", "%d\n", getpid());
    peer_expect(peer_text("pidfile://%s", peer_path("alive.pid")), 0, peer_text("pid %d", getpid()));
    peer_write("alive.pid", "  \t%d\n", getpid());
    peer_expect(peer_text("pidfile://%s", peer_path("alive.pid")), 0, "pid");
    peer_write("alive.pid", "%d", getpid());
    peer_expect(peer_text("pidfile://%s", peer_path("alive.pid")), 0, "pid");
}

/* Threads have numbers as processes have, and a folder in /proc; but the number of one is no process's. */
static void a_pidfile_with_the_number_of_a_thread_names_nobody(void **state)
{
    pthread_t thread;
    static atomic_int number;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, wait_with_number, &number), 0);
    while (atomic_load(&number) == 0)
        sched_yield();
    peer_write("thread.pid", "%d\n", atomic_load(&number));
    peer_expect(peer_text("pidfile://%s", peer_path("thread.pid")), 1, "no such process");
    peer_expect(peer_text("pidfile://%s?name=test_proc", peer_path("thread.pid")), 1, "no such process");
    assert_int_equal(pthread_cancel(thread), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* A number that is left over names whoever has it now. */
static void a_pidfile_with_a_name_wants_a_process_of_that_name(void **state)
{
    pid_t pid = start_named("a b");

    (void)state;
    await_name(pid, "a b");
    peer_write("named.pid", " %d\n", pid);
    const char *file = peer_path("named.pid");
    peer_expect(peer_text("pidfile://%s?name=a%%20b", file), 0, peer_text("pid %d", pid));
    peer_expect(peer_text("pidfile://%s?name=a%%20", file), 1, peer_text("pid %d has another name", pid));
    end(pid);
    peer_expect(peer_text("pidfile://%s?name=a%%20b", file), 1, "no such process");
    pid = zombie();
    peer_write("named.pid", "%d\n", pid);
    peer_expect(peer_text("pidfile://%s?name=undead", file), 1, peer_text("pid %d is a zombie", pid));
    peer_expect(peer_text("pidfile://%s?name=alive", file), 1, peer_text("pid %d has another name", pid));
    waitpid(pid, NULL, 0);
}

static void a_pidfile_without_a_number_is_unhealthy(void **state)
{
    const char *const contents[] = { "", "\n", "-1\n", "0\n", "abc", "99999999999999\n" };

    (void)state;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        peer_write("bad.pid", "%s", contents[i]);
        peer_expect(peer_text("pidfile://%s", peer_path("bad.pid")), 1, "holds no PID");
    }
    peer_expect(peer_text("pidfile://%s", peer_path("missing")), 1, "No such file or directory");
    peer_expect(peer_text("pidfile://%s", peer_directory()), 1, "Is a directory");
}

static void a_pidfile_that_is_a_pipe_is_not_waited_for(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(peer_path("pipe"), 0644), 0);
    peer_expect(peer_text("pidfile://%s", peer_path("pipe")), 1, "holds no PID");
}

/* --- without /proc ------------------------------------------------------------------------------ */

static void expect_with(const char *mount, const char *user, const char *target, const char *says)
{
    const char *command = peer_text("mount %s none /proc && exec %s %s '%s'", mount, user, probe_binary(), target);
    const struct run_result *result =
        run(NULL, (char *[]){ (char *)"unshare", (char *)"-m", (char *)"sh", (char *)"-c", (char *)command, NULL });

    if (result->status != 1 || !strstr(result->out, says))
        fail_msg("%s: %d, %s%s", target, result->status, result->out, result->err);
}

static void expect_without_proc(const char *target, const char *says)
{
    expect_with("-t tmpfs", "", target, says);
}

/* Processes of other users may live unseen. */
static void where_proc_hides_processes_the_line_says_so(void **state)
{
    static const char user[] = "setpriv --reuid 65532 --regid 65532 --clear-groups";
    static const char says[] = "no such process, or one that /proc hides (hidepid)";

    (void)state;
    peer_write("hidden.pid", "%d\n", getpid());
    for (int hidepid = 1; hidepid <= 2; hidepid++) {
        const char *mount = peer_text("-t proc -o hidepid=%d", hidepid);
        expect_with(mount, user, "process://test_proc", says);
        expect_with(mount, user, peer_text("pidfile://%s", peer_path("hidden.pid")), says);
        expect_with(mount, "", "process://nobody-has-this-name", "  no such process, or");
    }
}

static void without_proc_the_line_says_so(void **state)
{
    (void)state;
    peer_write("one.pid", "1\n");
    expect_without_proc("listen://localhost:1", "/proc/net/tcp cannot be read: No such file or directory");
    expect_without_proc("listen+udp://localhost:1", "/proc/net/udp cannot be read: No such file or directory");
    expect_without_proc("process://init", "/proc is not mounted");
    expect_without_proc(peer_text("pidfile://%s", peer_path("one.pid")), "/proc is not mounted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_is_found_at_its_address),
        cmocka_unit_test(a_wildcard_listener_holds_for_every_address),
        cmocka_unit_test(a_dual_stack_listener_holds_for_both_families),
        cmocka_unit_test(a_wildcard_of_ipv6_only_counts_for_both_families),
        cmocka_unit_test(an_ipv6_listener_holds_for_ipv6_only),
        cmocka_unit_test(nobody_is_connected_to),
        cmocka_unit_test(one_of_many_listeners_is_found),
        cmocka_unit_test(an_address_of_another_machine_is_refused),
        cmocka_unit_test(a_udp_socket_is_found_at_its_address),
        cmocka_unit_test(a_udp_socket_of_all_addresses_holds_for_each),
        cmocka_unit_test(a_connected_udp_socket_serves_nobody),
        cmocka_unit_test(tcp_and_udp_are_told_apart),
        cmocka_unit_test(a_bound_socket_is_sent_nothing),
        cmocka_unit_test(a_file_is_healthy_while_it_is_young),
        cmocka_unit_test(an_age_just_above_the_limit_reads_as_more),
        cmocka_unit_test(a_file_from_the_future_is_unhealthy),
        cmocka_unit_test(a_file_of_another_age_is_unhealthy),
        cmocka_unit_test(a_file_that_is_not_there_is_unhealthy),
        cmocka_unit_test(another_query_is_a_usage_error),
        cmocka_unit_test(a_process_is_found_by_its_name),
        cmocka_unit_test(odd_and_long_names_are_found),
        cmocka_unit_test(a_probe_does_not_find_itself),
        cmocka_unit_test(a_zombie_is_dead),
        cmocka_unit_test(a_zombie_beside_a_living_process_does_not_count),
        cmocka_unit_test(a_process_whose_first_thread_has_ended_lives),
        cmocka_unit_test(a_pidfile_names_a_living_process),
        cmocka_unit_test(a_pidfile_with_the_number_of_a_thread_names_nobody),
        cmocka_unit_test(a_pidfile_with_a_name_wants_a_process_of_that_name),
        cmocka_unit_test(a_pidfile_without_a_number_is_unhealthy),
        cmocka_unit_test(a_pidfile_that_is_a_pipe_is_not_waited_for),
        cmocka_unit_test(without_proc_the_line_says_so),
        cmocka_unit_test(where_proc_hides_processes_the_line_says_so),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, NULL, peer_clean);
}
