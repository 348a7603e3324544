/* Containers that have little: no /proc, no /etc, no rights, no IPv4, no IPv6; and reports that are long all the same.
 */
#include "support/probe.h"
#include "support/refuse.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { USER = 65532, CAPABILITIES = 64 };

static const struct script_step ok[] = { { .verb = SCRIPT_READ },
                                         { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}" },
                                         { .verb = SCRIPT_END } };
static struct script_server server;
static struct subject s;

static void shell(const char *command)
{
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    _exit(99);
}

/* Probes with the arguments up to NULL: its status and what it says, on stdout and stderr, hold to what is wanted. */
static void expect(const struct subject_options *options, int status, const char *says, const char *a, const char *b,
                   const char *c)
{
    int got = subject_run(&s, options, a, b, c, NULL);

    if (got != status || !strstr(s.out.length > 0 ? s.out.bytes : s.err.bytes, says))
        fail_msg("%s: wanted %d and '%s', got %d: %s%s", a, status, says, got, s.out.bytes, s.err.bytes);
}

/* --- an empty image ---------------------------------------------------------------------------- */

static char image[64];

/* Nothing is in the image but the binary, nothing can be written, and nothing is permitted to its user. */
static void enter_image(void *unused)
{
    (void)unused;
    must(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "unshare");
    must(mount(image, image, NULL, MS_BIND, NULL) == 0, "bind");
    must(mount(NULL, image, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0, "read-only");
    must(chroot(image) == 0 && chdir("/") == 0, "chroot");
    for (unsigned long i = 0; i < CAPABILITIES; i++)
        prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
    /* The system calls themselves: libc's functions wait for the threads of the test, which are not here. */
    must(syscall(SYS_setgroups, 0, NULL) == 0 && syscall(SYS_setresgid, USER, USER, USER) == 0 &&
             syscall(SYS_setresuid, USER, USER, USER) == 0,
         "ids");
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
}

static void enter_image_without_io(void *unused)
{
    enter_image(unused);
    syscall(SYS_close_range, 0, ~0U, 0);
}

static const struct subject_options in_image = {
    .binary = "/healthcheck", .argv0 = "healthcheck", .before = enter_image, .no_path = true
};

static int make_image(void **state)
{
    char command[512];

    (void)state;
    snprintf(image, sizeof image, "/dev/shm/pith-image-%s", scratch_word());
    must(mkdir(image, 0755) == 0, image);
    snprintf(command, sizeof command, "install -m 755 %s %s/healthcheck", probe_binary(), image);
    shell(command);
    script_start(&server, "127.0.0.1", ok);
    return 0;
}

static int remove_image(void **state)
{
    char command[512];

    (void)state;
    script_stop(&server);
    snprintf(command, sizeof command, "rm -r %s", image);
    shell(command);
    return 0;
}

static void an_empty_image_is_enough(void **state)
{
    const char *url = format("http://localhost:%u/", server.port), *closed = "tcp://127.0.0.1:1";

    (void)state;
    expect(&in_image, 0, "  200 in ", url, NULL, NULL);
    expect(&in_image, 0, "ok    tcp://", url, format("tcp://localhost:%u", server.port), "--body-regex=a");
    expect(&in_image, 0, "\"healthy\":true", "--output=json", "--json=a=1", url);
    expect(&in_image, 0, "first byte", "--verbose", "--readiness", url);
    expect(&in_image, 1, "connection refused", "--wait=100ms", "--interval=10ms", closed);
    expect(&in_image, 0, "exists", "file:///healthcheck", NULL, NULL);
    expect(&in_image, 1, "no such file", "unix:///run/app.sock", NULL, NULL);
    expect(&in_image, 127, "  200 in ", url, "--", "/app");
    assert_string_equal(s.err.bytes, "healthcheck: /app: No such file or directory\n");
}

static void what_an_empty_image_lacks_is_named(void **state)
{
    (void)state;
    expect(&in_image, 1, "  /proc/net/tcp cannot be read: ", "listen://localhost:80", NULL, NULL);
    expect(&in_image, 1, "  /proc is not mounted\n", "process://app", NULL, NULL);
    expect(&in_image, 1, "  refused: not an address of this container", "tcp://db:5432", NULL, NULL);
    expect(&in_image, 1, "  refused: not an address of this container", "http://192.0.2.1/", NULL, NULL);
    expect(&in_image, 1, "", "--install=/", NULL, NULL);
}

static void an_empty_image_without_descriptors_is_enough(void **state)
{
    struct subject_options options = in_image;
    const char *url = format("http://localhost:%u/", server.port);

    (void)state;
    options.before = enter_image_without_io;
    expect(&options, 0, "", url, NULL, NULL);
    expect(&options, 0, "", url, url, "--body-regex=a");
    expect(&options, 1, "", url, "tcp://127.0.0.1:1", "http://example.com/");
}

/* --- one family of addresses ------------------------------------------------------------------- */

static const struct subject_options here = { .argv0 = "healthcheck" };

/* The same with the path of the binary. */
static void expect_here(int status, const char *says, const char *a, const char *b)
{
    struct subject_options options = here;

    options.binary = probe_binary();
    expect(&options, status, says, a, b, NULL);
}

static void a_container_with_ipv6_alone(void **state)
{
    (void)state;
    shell("ip addr del 127.0.0.1/8 dev lo");
    script_start(&server, "::1", ok);
    expect_here(0, "  200 in ", format("http://localhost:%u/", server.port), NULL);
    expect_here(0, "  listening on ::1\n", format("listen://:%u", server.port), NULL);
    expect_here(1, "  network unreachable (127.0.0.1)\n", "-4", format(":%u", server.port));
    expect_here(1, "  connection refused (::1)\n", ":1", NULL);
    expect_here(1, "  refused: not an address", "http://192.0.2.1/", NULL);
    script_stop(&server);
    shell("ip addr add 127.0.0.1/8 dev lo");
}

static void refuse_ipv6(void *unused)
{
    (void)unused;
    refuse(SYS_socket, EAFNOSUPPORT, (void *)(uintptr_t)AF_INET);
}

/* First an interface without an address, then a kernel that knows no such family. */
static void a_container_with_ipv4_alone(void **state)
{
    struct subject_options options = here;

    (void)state;
    shell("ip addr del ::1/128 dev lo");
    script_start(&server, "127.0.0.1", ok);
    options.binary = probe_binary();
    for (int i = 0; i < 2; i++) {
        expect(&options, 0, "  200 in ", format("http://localhost:%u/", server.port), NULL, NULL);
        expect(&options, 0, "  listening on 127.0.0.1\n", format("listen://:%u", server.port), NULL, NULL);
        expect(&options, 1, "  connection refused (127.0.0.1)\n", ":1", NULL, NULL);
        expect(&options, 1, " (::1)\n", "-6", format(":%u", server.port), NULL);
        options.before = refuse_ipv6;
    }
    script_stop(&server);
    shell("ip addr add ::1/128 dev lo");
}

/* --- long reports ------------------------------------------------------------------------------ */

/* 32 targets, each longer than its share of what Docker keeps, with bytes that are nothing to show. */
static void put_long_targets(char *variable, size_t size)
{
    static const char odd[] = "\"\\\xc3\xa4\xff\xe2\x80\xa8\xc2\x85\xf0\x9f\x98\x80";
    size_t n = (size_t)snprintf(variable, size, "HEALTHCHECK_TARGET=");

    for (int i = 0; i < 32; i++) {
        n += (size_t)snprintf(variable + n, size - n, "http://localhost:1/%d/", i);
        for (int j = 0; j < 20; j++)
            n += (size_t)snprintf(variable + n, size - n, "%s", odd + (i + j) % 3);
        n += (size_t)snprintf(variable + n, size - n, " ");
    }
}

static void a_long_report_is_short_enough_clean_and_whole(void **state)
{
    static const char *const modes[][2] = { { "-q", "-q" }, { "-v", "-q" }, { "-o", "json" }, { "-vo", "json" } };
    static const char check[] = "import json, sys\n"
                                "report = sys.stdin.buffer.read()\n"
                                "lines = report.decode('utf-8').split('\\n')\n"
                                "assert 3000 < len(report) < 4096 and lines.pop() == '' and len(lines) == 32\n"
                                "assert all(c >= ' ' and not '\\x7f' <= c < '\\xa0' for line in lines for c in line)\n"
                                "if sys.argv[1] == 'json':\n"
                                "    for i, line in enumerate(lines):\n"
                                "        result = json.loads(line)\n"
                                "        assert result['target'].startswith('http://localhost:1/%d/' % i)\n"
                                "        assert result['healthy'] is False and 'refused' in result['reason']\n"
                                "else:\n"
                                "    assert all(line.startswith('FAIL  http://localhost:1/') for line in lines)\n";
    char variable[16384], script[8192], report[] = "/dev/shm/pith-report-XXXXXX";

    (void)state;
    assert_return_code(close(mkstemp(report)), errno);
    put_long_targets(variable, sizeof variable);
    for (size_t i = 0; i < COUNT(modes); i++) {
        snprintf(script, sizeof script, "'%s' %s %s >%s; python3 -c \"$CHECK\" %s <%s", probe_binary(), modes[i][0],
                 modes[i][1], report, modes[i][1], report);
        char *const environment[] = { variable, format("CHECK=%s", check), format("PATH=%s", getenv("PATH")), NULL };
        const struct run_options options = { .environment = environment };
        const struct run_result *result = run(&options, (char *const[]){ format("sh"), format("-c"), script, NULL });
        if (result->status != 0)
            fail_msg("%s %s: %s%s", modes[i][0], modes[i][1], result->out, result->err);
    }
    unlink(report);
}

int main(void)
{
    subject_isolate();
    must(unshare(CLONE_NEWNET) == 0, "a network namespace");
    shell("ip link set lo up");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_image_is_enough, make_image, remove_image),
        cmocka_unit_test_setup_teardown(what_an_empty_image_lacks_is_named, make_image, remove_image),
        cmocka_unit_test_setup_teardown(an_empty_image_without_descriptors_is_enough, make_image, remove_image),
        cmocka_unit_test(a_container_with_ipv6_alone),
        cmocka_unit_test(a_container_with_ipv4_alone),
        cmocka_unit_test(a_long_report_is_short_enough_clean_and_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
