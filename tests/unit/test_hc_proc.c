/* What /proc, pidfiles and the age in a file's URL are taken for. */
#include "healthcheck/probes/proc.h"
#include "healthcheck/probes/sockets.h"
#include "healthcheck/target/target.h"
#include "pith/duration.h"
#include "pith/pids.h"
#include "support/scratch.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>

static struct span span(const char *text)
{
    return span_of(text);
}

static struct address address(const char *text)
{
    struct address parsed;
    struct span zone;

    assert_true(address_parse(span(text), &parsed, &zone));
    return parsed;
}

/* A line as the kernel of this machine would print it: each group of four bytes as a number of its own order. */
static const char *line(const char *local, int family, unsigned port, unsigned state)
{
    static char text[256];
    uint32_t groups[4];
    size_t n = 0;

    assert_int_equal(inet_pton(family, local, groups), 1);
    n += (size_t)sprintf(text + n, "   0: ");
    for (int i = 0; i < (family == AF_INET ? 1 : 4); i++)
        n += (size_t)sprintf(text + n, "%08X", groups[i]);
    sprintf(text + n, ":%04X %s:0000 %02X 00000000:00000000 00:00000000 00000000     0        0 1234 1", port,
            family == AF_INET ? "00000000" : "00000000000000000000000000000000", state);
    return text;
}

static bool serves(const char *local, int family, unsigned state, const char *wanted, uint16_t port)
{
    struct proc_socket socket;
    struct address address_wanted = address(wanted);

    assert_true(proc_socket_parse(span(line(local, family, 8080, state)), &socket));
    return proc_socket_serves(&socket, &address_wanted, port);
}

enum { LISTEN = 0x0a, ESTABLISHED = 0x01, CLOSE = 0x07 };

static void a_listener_serves_its_own_address_and_port(void **state)
{
    (void)state;
    assert_true(serves("127.0.0.1", AF_INET, LISTEN, "127.0.0.1", 8080));
    assert_false(serves("127.0.0.1", AF_INET, LISTEN, "127.0.0.2", 8080));
    assert_false(serves("127.0.0.1", AF_INET, LISTEN, "127.0.0.1", 8081));
    assert_false(serves("127.0.0.1", AF_INET, LISTEN, "::1", 8080));
    assert_true(serves("fd00::1:2", AF_INET6, LISTEN, "fd00::1:2", 8080));
    assert_false(serves("::1", AF_INET6, LISTEN, "127.0.0.1", 8080));
}

static void a_wildcard_listener_serves_every_address_of_its_family(void **state)
{
    (void)state;
    assert_true(serves("0.0.0.0", AF_INET, LISTEN, "127.0.0.1", 8080));
    assert_true(serves("0.0.0.0", AF_INET, LISTEN, "0.0.0.0", 8080));
    assert_false(serves("0.0.0.0", AF_INET, LISTEN, "::1", 8080));
    assert_true(serves("::", AF_INET6, LISTEN, "::1", 8080));
    assert_true(serves("::", AF_INET6, LISTEN, "127.0.0.1", 8080));
    assert_false(serves("127.0.0.1", AF_INET, LISTEN, "0.0.0.0", 8080));
}

static void a_mapped_address_is_ipv4(void **state)
{
    (void)state;
    assert_true(serves("::ffff:127.0.0.1", AF_INET6, LISTEN, "127.0.0.1", 8080));
    assert_false(serves("::ffff:127.0.0.1", AF_INET6, LISTEN, "::1", 8080));
}

static enum proc_socket_state state_of(unsigned code)
{
    struct proc_socket socket;

    assert_true(proc_socket_parse(span(line("127.0.0.1", AF_INET, 8080, code)), &socket));
    return socket.state;
}

/* A UDP socket without a peer has the code that a closed one of TCP would have. */
static void a_connection_is_no_listener(void **state)
{
    (void)state;
    assert_int_equal(state_of(LISTEN), SOCKET_LISTENS);
    assert_int_equal(state_of(CLOSE), SOCKET_UNCONNECTED);
    for (unsigned code = 0; code < 256; code++)
        if (code != LISTEN && code != CLOSE)
            assert_int_equal(state_of(code), SOCKET_OTHER);
}

static void a_socket_is_known_by_its_inode(void **state)
{
    struct proc_socket socket;
    const char *whole = line("::1", AF_INET6, 80, LISTEN);
    const char *end = strstr(whole, "1234");

    (void)state;
    assert_true(proc_socket_parse(span(whole), &socket));
    assert_int_equal(socket.inode, 1234);
    assert_true(proc_socket_parse((struct span){ whole, (size_t)(end - whole) }, &socket));
    assert_int_equal(socket.inode, 0);
}

static void what_is_no_line_of_the_table_is_refused(void **state)
{
    const char *const lines[] = {
        "",
        "  sl  local_address rem_address   st tx_queue",
        "0: 0100007F",
        "0: 0100007F:1F90",
        "0: 0100007F:1F90 00000000:0000",
        "0: 0100007:1F90 00000000:0000 0A",
        "0: 0100007F:1F9 00000000:0000 0A",
        "0: 0100007G:1F90 00000000:0000 0A",
        "0: 0100007F:1F90 00000000:0000 A",
        "0: 0100007F:1F90 00000000:0000 ZZ",
    };
    struct proc_socket socket;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_false(proc_socket_parse(span(lines[i]), &socket));
}

enum { SOCKETS = 500, FIRST_PORT = 1000 };

/* A table of /proc/net of many pages. */
static const char *make_table(void)
{
    const char *path = scratch_path("table");
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs("  sl  local_address rem_address   st\n", file);
    for (unsigned i = 0; i < SOCKETS; i++)
        fprintf(file, "%s\n", line("127.0.0.1", AF_INET, FIRST_PORT + i, LISTEN));
    fclose(file);
    return path;
}

/* Wants each socket in its turn, and no more once there were as many as the walk is for. */
struct tour {
    unsigned seen, wanted;
};

static bool see(void *tour_, const struct proc_socket *socket)
{
    struct tour *tour = tour_;

    assert_int_equal(socket->port, FIRST_PORT + tour->seen);
    return ++tour->seen < tour->wanted;
}

static void a_table_is_read_whole_where_a_read_ends_within_a_line(void **state)
{
    struct tour tour = { 0, UINT_MAX };

    (void)state;
    assert_true(sockets_walk(make_table(), INT64_MAX, see, &tour));
    assert_int_equal(tour.seen, SOCKETS);
}

static void a_table_is_read_no_further_than_to_what_is_looked_for(void **state)
{
    struct tour tour = { 0, 3 };

    (void)state;
    assert_true(sockets_walk(make_table(), INT64_MAX, see, &tour));
    assert_int_equal(tour.seen, 3);
}

static void a_table_is_not_read_beyond_the_deadline(void **state)
{
    struct tour tour = { 0, UINT_MAX };

    (void)state;
    assert_false(sockets_walk(make_table(), time_now() - 1, see, &tour));
    assert_int_equal(errno, ETIMEDOUT);
    assert_in_range(tour.seen, 1, SOCKETS - 1);
}

static void check_stat(const char *text, const char *comm, char letter)
{
    struct pid_stat stat;

    assert_true(pid_stat_parse(text, strlen(text), &stat));
    assert_int_equal(stat.name_length, strlen(comm));
    assert_memory_equal(stat.name, comm, strlen(comm));
    assert_int_equal(stat.state, letter);
}

static void the_name_of_a_process_may_hold_anything(void **state)
{
    (void)state;
    check_stat("12 (nginx) S 1 12 12 0", "nginx", 'S');
    check_stat("12 (my app) R 1", "my app", 'R');
    check_stat("12 (a) Z (b) Z 1", "a) Z (b", 'Z');
    check_stat("12 () S 1", "", 'S');
    check_stat("12 (\n) D 1", "\n", 'D');
}

/* The file has the state of the first thread. That one may have ended while others go on. */
static void a_process_with_threads_left_is_no_zombie(void **state)
{
    (void)state;
    check_stat("7 (a) Z 3 4 5 6 -7 0 1 2 3 4 5 6 7 8 20 0 0 0 9", "a", 'Z');
    check_stat("7 (a) Z 3 4 5 6 -7 0 1 2 3 4 5 6 7 8 20 0 1 0 9", "a", 'Z');
    check_stat("7 (a) Z 3 4 5 6 -7 0 1 2 3 4 5 6 7 8 20 0 2 0 9", "a", 0);
    check_stat("7 (a) T 3 4 5 6 -7 0 1 2 3 4 5 6 7 8 20 0 2 0 9", "a", 'T');
}

static void parent_group_and_start_of_a_process_are_told(void **state)
{
    static const char text[] = "7 (a) 9 9 (b) S 3 4 -5 -6 -7 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 9 10";
    struct pid_stat stat;

    (void)state;
    assert_true(pid_stat_parse(text, strlen(text), &stat));
    assert_int_equal(stat.field[PID_PARENT], 3);
    assert_int_equal(stat.field[PID_GROUP], 4);
    assert_int_equal(stat.field[PID_START], 123456);
    assert_true(pid_stat_parse(text, strlen("7 (a) 9 9 (b) S 31 4"), &stat));
    assert_int_equal(stat.field[PID_GROUP], 4);
    assert_int_equal(stat.field[PID_START], 0);
}

static void what_is_no_stat_is_refused(void **state)
{
    const char *const texts[] = { "", "12", "12 (a", "12 (a)", "12 (a) ", "12 a) S", ")(  S" };
    struct pid_stat stat;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(pid_stat_parse(texts[i], strlen(texts[i]), &stat));
}

static void check_program(const char *cmdline, size_t length, const char *name)
{
    struct span found = proc_program((struct span){ cmdline, length });

    assert_int_equal(found.length, strlen(name));
    assert_memory_equal(found.at, name, found.length);
}

static void a_program_is_the_last_part_of_its_first_argument(void **state)
{
    (void)state;
    check_program("/usr/bin/app\0-x\0/y/z", 20, "app");
    check_program("app", 3, "app");
    check_program("./my app\0", 9, "my app");
    check_program("/usr/bin/", 9, "");
    check_program("", 0, "");
    check_program("\0\0", 2, "");
}

static void a_pid_is_a_number_alone_or_between_white_space(void **state)
{
    (void)state;
    assert_int_equal(proc_pid_parse(span("1")), 1);
    assert_int_equal(proc_pid_parse(span("42\n")), 42);
    assert_int_equal(proc_pid_parse(span("42\n/var/lib/data\n5432\n")), 42);
    assert_int_equal(proc_pid_parse(span("007 ")), 7);
    assert_int_equal(proc_pid_parse(span("  \t42\n")), 42); /* as printf("%6d\n") writes it */
    assert_int_equal(proc_pid_parse(span("\r\n 42")), 42);
    assert_int_equal(proc_pid_parse(span("2147483647")), INT32_MAX);
    const char *const bad[] = {
        "", "\n", " ", "0", "- 1", "-1", "+1", "12x", "x", "2147483648", "99999999999999999999", "1.5"
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(proc_pid_parse(span(bad[i])), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listener_serves_its_own_address_and_port),
        cmocka_unit_test(a_wildcard_listener_serves_every_address_of_its_family),
        cmocka_unit_test(a_mapped_address_is_ipv4),
        cmocka_unit_test(a_connection_is_no_listener),
        cmocka_unit_test(a_socket_is_known_by_its_inode),
        cmocka_unit_test(what_is_no_line_of_the_table_is_refused),
        cmocka_unit_test(a_table_is_read_whole_where_a_read_ends_within_a_line),
        cmocka_unit_test(a_table_is_read_no_further_than_to_what_is_looked_for),
        cmocka_unit_test(a_table_is_not_read_beyond_the_deadline),
        cmocka_unit_test(the_name_of_a_process_may_hold_anything),
        cmocka_unit_test(a_process_with_threads_left_is_no_zombie),
        cmocka_unit_test(parent_group_and_start_of_a_process_are_told),
        cmocka_unit_test(what_is_no_stat_is_refused),
        cmocka_unit_test(a_program_is_the_last_part_of_its_first_argument),
        cmocka_unit_test(a_pid_is_a_number_alone_or_between_white_space),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
