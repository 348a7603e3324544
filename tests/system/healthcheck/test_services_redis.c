/* redis:// against the real redis-server, in each of its states, and what its log and counters say afterwards. */
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <signal.h>

static pid_t server;
static int port;

/* A redis-server with nothing but what is given: lines of its configuration (printf(3)). */
static void __attribute__((format(printf, 1, 2))) start(const char *lines, ...)
{
    char more[2048];
    va_list values;

    va_start(values, lines);
    vsnprintf(more, sizeof more, lines, values);
    va_end(values);
    port = peer_port();
    peer_write("redis.conf", "port %d\nbind 127.0.0.1\nsave \"\"\n%s\n", port, more);
    server = peer_start("redis.log", (char *[]){ (char *)"redis-server", (char *)peer_path("redis.conf"), NULL });
}

static int stop(void **state)
{
    (void)state;
    peer_stop(server, SIGTERM);
    return 0;
}

static const char *target(void)
{
    return peer_text("redis://127.0.0.1:%d", port);
}

/* A target with a user and password, and a path. */
static const char *login(const char *userinfo, const char *path)
{
    return peer_text("redis://%s@127.0.0.1:%d%s", userinfo, port, path);
}

/* What redis counts, and what it has logged since BEFORE, which is freed: no error, and nothing new. OPTIONS: of
 * redis-cli. */
static void expect_no_trace(char *before, const char *options)
{
    peer_expect_log("redis.log", before);
    const char *info = peer_shell("redis-cli %s info everything", options);
    assert_has(info, "total_error_replies:0");
    assert_has(info, "rejected_connections:0");
    assert_has(info, "\nconnected_clients:1\r");
}

static void pong_is_healthy_and_leaves_no_trace(void **state)
{
    (void)state;
    start(" ");
    peer_await(target());
    char *before = peer_read("redis.log");
    peer_probe_often(target());
    peer_expect(target(), 0, "PONG");
    peer_expect(peer_text("valkey://127.0.0.1:%d", port), 0, "PONG");
    expect_no_trace(before, peer_text("-p %d", port));
}

static void a_wanted_password_is_healthy(void **state)
{
    (void)state;
    start("requirepass secret");
    peer_await(target());
    peer_probe_often(target());
    peer_expect(target(), 0, "NOAUTH");
    const char *const complaints[] = { "rror", "WARNING: ", "Possible", NULL };
    assert_false(peer_complains("redis.log", 0, complaints));
}

static void a_replica_without_its_master_is_unhealthy(void **state)
{
    (void)state;
    start("replicaof 127.0.0.1 %d\nreplica-serve-stale-data no", peer_port());
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    peer_expect(target(), 1, "answered MASTERDOWN");
}

/* Keys that each take a while to load, in a database that another server has saved. */
static void a_database_that_loads_is_unhealthy(void **state)
{
    (void)state;
    start(" ");
    peer_await(target());
    peer_shell("redis-cli -p %d eval \"for i=1,20000 do redis.call('set', i, i) end\" 0", port);
    peer_shell("redis-cli -p %d save", port);
    peer_stop(server, SIGTERM);
    start("key-load-delay 500\nloading-process-events-interval-bytes 1024");
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    peer_expect(target(), 1, "answered LOADING");
}

static void a_password_logs_in_and_leaves_no_trace(void **state)
{
    (void)state;
    start("requirepass \"s:e@c/r%%t \"\nuser app on >word ~* +@all");
    peer_await(target());
    peer_shell("redis-cli -p %d -a 's:e@c/r%%t ' config resetstat", port);
    char *before = peer_read("redis.log");
    peer_probe_often(login(":s%3ae%40c%2fr%25t%20", ""));
    peer_probe_often(login("default:s:e@c%2Fr%25t%20", "/0"));
    peer_probe_often(login("app:word", "/3"));
    expect_no_trace(before, peer_text("-p %d -a 's:e@c/r%%t '", port));
}

static void a_login_that_is_refused_is_unhealthy(void **state)
{
    static const char refused[] = "  refused the login (WRONGPASS)\n";

    (void)state;
    start("requirepass secret\nuser off off >word ~* +@all\nuser free on nopass ~* +@all");
    peer_await(target());
    peer_expect(login(":secret", ""), 0, "PONG");
    peer_expect(login("free:", ""), 0, "PONG");
    peer_expect(login(":wrong", ""), 1, refused);
    peer_expect(login("default:", ""), 1, refused);
    peer_expect(login("nobody:secret", ""), 1, refused);
    peer_expect(login("off:word", ""), 1, refused);
    peer_expect(login(":", ""), 0, "NOAUTH"); /* nothing to log in with */
}

static void a_password_that_nobody_asks_for_is_unhealthy(void **state)
{
    (void)state;
    start(" ");
    peer_await(target());
    peer_expect(login(":secret", ""), 1, "  refused the login: no password is set there\n");
    peer_expect(login("default:secret", ""), 0, "PONG"); /* that user has none: redis takes any */
    peer_expect(login("app:secret", ""), 1, "  refused the login (WRONGPASS)\n");
}

static void a_password_is_never_shown(void **state)
{
    (void)state;
    start("requirepass secret");
    peer_await(target());
    const struct run_result *result = peer_probe("-v", "-ojson", login("who:geheim", ""), NULL);
    assert_status(result, 1);
    assert_says(result, "redis://***@127.0.0.1");
    assert_says_not(result, "who");
    assert_says_not(result, "geheim");
    assert_string_equal(result->err, "");
}

static void a_user_who_may_not_ping_is_healthy(void **state)
{
    (void)state;
    start("user app on >word ~* +select\nuser less on >word ~* -@all");
    peer_await(target());
    peer_expect(login("app:word", ""), 0, "  NOPERM in");
    peer_expect(login("app:word", "/7"), 0, "  NOPERM in");
    peer_expect(login("less:word", "/0"), 0, "  NOPERM in");
    peer_expect(login("less:word", "/7"), 1, "  may not select that database (NOPERM)\n");
}

static void a_path_selects_its_database(void **state)
{
    (void)state;
    start("databases 3\nrequirepass secret");
    peer_await(target());
    peer_expect(login(":secret", "/2"), 0, "PONG");
    peer_expect(login(":secret", "/3"), 1, "  has no such database\n");
    peer_expect(login(":secret", "/2147483647"), 1, "  has no such database\n");
    peer_expect(peer_text("%s/2", target()), 0, "NOAUTH");
    peer_expect(peer_text("%s/3", target()), 0, "NOAUTH"); /* it does not say before the login */
}

static void a_cluster_has_one_database(void **state)
{
    (void)state;
    start("cluster-enabled yes\ncluster-port %d", peer_port());
    peer_await(target());
    peer_expect(peer_text("%s/0", target()), 0, "PONG");
    peer_expect(peer_text("%s/1", target()), 1, "  has no such database\n");
}

/* Over TLS alone; on a Unix socket; and with a certificate of the client's. */
static void tls_and_a_socket_are_healthy_and_leave_no_trace(void **state)
{
    int secure = peer_port();

    (void)state;
    start("port 0\ntls-port %d\ntls-cert-file %s\ntls-key-file %s\ntls-ca-cert-file %s\ntls-auth-clients optional\n"
          "unixsocket %s\nrequirepass secret",
          secure, tls_file("good.pem"), tls_file("good.key"), tls_file("ca.pem"), peer_path("redis.sock"));
    const char *on_socket = peer_text("redis+unix://:secret@%s/1", peer_encoded("redis.sock"));
    peer_await(on_socket);
    char *before = peer_read("redis.log");
    peer_probe_often(on_socket);
    for (int i = 0; i < 20; i++)
        assert_status(
            peer_probe("--cacert", tls_file("ca.pem"), peer_text("rediss://:secret@localhost:%d/1", secure), NULL), 0);
    expect_no_trace(before, peer_text("-a secret -s %s", peer_path("redis.sock")));
    peer_shell("redis-cli -a secret -s redis.sock config set tls-auth-clients yes");
    const char *secured = peer_text("rediss://:secret@localhost:%d", secure);
    assert_status(peer_probe("--cacert", tls_file("ca.pem"), "--cert", tls_file("client.pem"), "--key",
                             tls_file("client.key"), secured, NULL),
                  0);
    assert_status(peer_probe("--cacert", tls_file("ca.pem"), secured, NULL), 1);
    peer_expect(secured, 1, "certificate");
    peer_expect(peer_text("redis://localhost:%d", secure), 1, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(pong_is_healthy_and_leaves_no_trace, stop),
        cmocka_unit_test_teardown(a_wanted_password_is_healthy, stop),
        cmocka_unit_test_teardown(a_password_logs_in_and_leaves_no_trace, stop),
        cmocka_unit_test_teardown(a_login_that_is_refused_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_password_that_nobody_asks_for_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_password_is_never_shown, stop),
        cmocka_unit_test_teardown(a_user_who_may_not_ping_is_healthy, stop),
        cmocka_unit_test_teardown(a_path_selects_its_database, stop),
        cmocka_unit_test_teardown(a_cluster_has_one_database, stop),
        cmocka_unit_test_teardown(tls_and_a_socket_are_healthy_and_leave_no_trace, stop),
        cmocka_unit_test_teardown(a_replica_without_its_master_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_database_that_loads_is_unhealthy, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
