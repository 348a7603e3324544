/* memcached:// against the real memcached, and what it counted and printed afterwards. */
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <signal.h>
#include <unistd.h>

static pid_t server;
static int port;

static const char *login(const char *userinfo)
{
    return peer_text("memcached://%s127.0.0.1:%d", userinfo, port);
}

static const char *target(void)
{
    return login("");
}

/* A memcached with further options, in which %s are VALUES; on a port unless these name a socket. */
static void __attribute__((format(printf, 1, 2))) start(const char *options, ...)
{
    char more[1024];
    va_list values;

    va_start(values, options);
    vsnprintf(more, sizeof more, options, values);
    va_end(values);
    port = peer_port();
    bool on_socket = strstr(more, "-s "), tls = strstr(more, "-Z ");
    const char *place = on_socket ? "" : peer_text("-l 127.0.0.1 -U 0 -p %d", port);
    server = peer_start("memcached.log", (char *[]){ (char *)"/bin/sh", (char *)"-c",
                                                     (char *)peer_text("exec memcached -v %s %s", place, more), NULL });
    if (!on_socket)
        assert_status(
            peer_probe("-k", "--wait=60s", peer_text("%s://127.0.0.1:%d", tls ? "memcacheds" : "tcp", port), NULL), 0);
}

static int stop(void **state)
{
    (void)state;
    peer_stop(server, SIGTERM);
    return unlink(peer_path("memcached.log"));
}

static void expect_silence(void)
{
    char *log = peer_read("memcached.log");

    assert_string_equal(log, "");
    free(log);
}

/* What memcached answers to the lines LOGIN, and to `stats`. */
static const char *stats(const char *login_lines)
{
    return peer_shell("printf '%sstats\\r\\nquit\\r\\n' | timeout 5 bash -c "
                      "'exec 3<>/dev/tcp/127.0.0.1/%d; cat >&3; cat <&3'",
                      login_lines, port);
}

static void its_version_is_healthy_and_nothing_is_left_behind(void **state)
{
    (void)state;
    start(" ");
    peer_probe_often(target());
    const char *version = peer_shell("memcached -V | sed 's/memcached //' | tr -d '\\n'");
    peer_expect(target(), 0, peer_text("version %s", version));
    expect_silence();
    const char *counted = stats("");
    assert_has(counted, "STAT rejected_connections 0\r");
    assert_has(counted, "STAT auth_errors 0\r");
}

static void one_that_wants_a_login_is_healthy(void **state)
{
    (void)state;
    peer_write("users", "user:password\n");
    start("-Y %s", peer_path("users"));
    peer_expect(target(), 0, "wants a login");
}

static void a_login_by_text_leaves_no_trace(void **state)
{
    (void)state;
    peer_write("users", "other:word\nuser:p/s@w\n");
    start("-Y %s", peer_path("users"));
    peer_probe_often(login("user:p%2fs@w@"));
    peer_expect(login("user:p%2fs@w@"), 0, "version 1.");
    peer_expect(login("other:word@"), 0, "version 1.");
    expect_silence();
    const char *counted = stats("set a 0 0 10\\r\\nother word\\r\\n");
    assert_has(counted, "STAT auth_errors 0\r");
    assert_has(counted, "STAT curr_items 0\r");
    assert_has(counted, "STAT cmd_set 0\r");
    peer_expect(login("user:word@"), 1, "  refused the login\n");
    peer_expect(login("nobody:@"), 1, "  refused the login\n");
}

/* Users as saslpasswd2 keeps them, for what the library of SASL takes for this host. */
static void start_sasl(const char *mechanisms)
{
    peer_shell(
        "rm -f users.db && printf password | saslpasswd2 -p -c -f $PWD/users.db -a memcached -u $(hostname) user");
    peer_write("memcached.conf", "mech_list: %s\nsasldb_path: %s\npwcheck_method: auxprop\nauxprop_plugin: sasldb\n",
               mechanisms, peer_path("users.db"));
    setenv("SASL_CONF_PATH", peer_directory(), 1);
    start("-S");
    unsetenv("SASL_CONF_PATH");
    unlink(peer_path("memcached.log")); /* of what it has read */
    peer_write("memcached.log", "%s", "");
}

static void a_login_by_sasl_leaves_no_trace(void **state)
{
    (void)state;
    start_sasl("plain");
    peer_probe_often(login("user:password@"));
    peer_expect(login("user:password@"), 0, "version 1.");
    expect_silence();
    peer_expect(login("user:wrong@"), 1, "  refused the login\n");
    peer_expect(login("nobody:password@"), 1, "  refused the login\n");
}

static void sasl_without_plain_is_unhealthy(void **state)
{
    (void)state;
    start_sasl("cram-md5");
    peer_expect(login("user:password@"), 1, "  offers no login by PLAIN\n");
}

/* What is sent to log in would else stay there as a value. */
static void a_login_that_nobody_asks_for_is_unhealthy_and_stays_out_of_the_cache(void **state)
{
    static const char *const protocols[] = { "auto", "ascii" };

    (void)state;
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++) {
        start("-B %s", protocols[i]);
        peer_expect(login("user:password@"), 1, "  refused the login: it has none\n");
        peer_expect(login(":@"), 0, "version 1.");
        const char *counted = stats("");
        assert_has(counted, "STAT total_items 0\r");
        assert_has(counted, "STAT cmd_set 0\r");
        expect_silence();
        if (i == 0)
            stop(state);
    }
}

static void a_password_is_never_shown(void **state)
{
    (void)state;
    peer_write("users", "user:password\n");
    start("-Y %s", peer_path("users"));
    const struct run_result *result = peer_probe("-v", "-ojson", login("wer:geheim@"), NULL);
    assert_status(result, 1);
    assert_says_not(result, "wer:");
    assert_says_not(result, "geheim");
    assert_string_equal(result->err, "");
}

static void tls_is_healthy_and_leaves_no_trace(void **state)
{
    (void)state;
    peer_write("users", "user:password\n");
    start("-Z -o ssl_chain_cert=%s,ssl_key=%s -Y %s", tls_file("good.pem"), tls_file("good.key"), peer_path("users"));
    for (int i = 0; i < 20; i++) {
        const struct run_result *result = peer_probe("--cacert", tls_file("ca.pem"),
                                                     peer_text("memcacheds://user:password@localhost:%d", port), NULL);
        assert_status(result, 0);
        assert_says(result, "version 1.");
    }
    expect_silence();
    peer_expect(peer_text("memcacheds://localhost:%d", port), 1, "certificate");
    peer_expect(target(), 1, "");
}

static void a_socket_is_healthy(void **state)
{
    (void)state;
    peer_write("users", "user:password\n");
    start("-s %s -Y %s", peer_path("memcached.sock"), peer_path("users"));
    peer_await(peer_text("memcached+unix://%s", peer_encoded("memcached.sock")));
    peer_probe_often(peer_text("memcached+unix://user:password@%s", peer_encoded("memcached.sock")));
    peer_expect(peer_text("memcached+unix://user:wrong@%s", peer_encoded("memcached.sock")), 1, "refused the login");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(its_version_is_healthy_and_nothing_is_left_behind, stop),
        cmocka_unit_test_teardown(one_that_wants_a_login_is_healthy, stop),
        cmocka_unit_test_teardown(a_login_by_text_leaves_no_trace, stop),
        cmocka_unit_test_teardown(a_login_by_sasl_leaves_no_trace, stop),
        cmocka_unit_test_teardown(sasl_without_plain_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_login_that_nobody_asks_for_is_unhealthy_and_stays_out_of_the_cache, stop),
        cmocka_unit_test_teardown(a_password_is_never_shown, stop),
        cmocka_unit_test_teardown(tls_is_healthy_and_leaves_no_trace, stop),
        cmocka_unit_test_teardown(a_socket_is_healthy, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
