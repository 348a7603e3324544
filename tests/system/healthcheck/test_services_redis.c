/* redis:// against the real redis-server, in each of its states, and what its log and counters say afterwards. */
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"

#include <signal.h>

static pid_t server;
static int port;

/* A redis-server with nothing but what is given. */
static void start(const char *option, const char *value, const char *option2, const char *value2)
{
    port = peer_port();
    server =
        peer_start("redis.log", (char *[]){ (char *)"redis-server", (char *)"--port", (char *)peer_text("%d", port),
                                            (char *)"--bind", (char *)"127.0.0.1", (char *)"--save", (char *)"",
                                            (char *)option, (char *)value, (char *)option2, (char *)value2, NULL });
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

static void pong_is_healthy_and_leaves_no_trace(void **state)
{
    (void)state;
    start(NULL, NULL, NULL, NULL);
    peer_await(target());
    char *before = peer_read("redis.log");
    peer_probe_often(target());
    peer_expect(target(), 0, "PONG");
    peer_expect(peer_text("valkey://127.0.0.1:%d", port), 0, "PONG");
    char *after = peer_read("redis.log");
    assert_string_equal(after, before);
    free(before);
    free(after);
    const char *info = peer_shell("redis-cli -p %d info everything", port);
    assert_has(info, "total_error_replies:0");
    assert_has(info, "rejected_connections:0");
    assert_has(info, "\nconnected_clients:1\r");
}

static void a_wanted_password_is_healthy(void **state)
{
    (void)state;
    start("--requirepass", "secret", NULL, NULL);
    peer_await(target());
    peer_probe_often(target());
    peer_expect(target(), 0, "NOAUTH");
    const char *const complaints[] = { "rror", "WARNING: ", "Possible", NULL };
    assert_false(peer_complains("redis.log", 0, complaints));
}

static void a_replica_without_its_master_is_unhealthy(void **state)
{
    (void)state;
    start("--replicaof", peer_text("127.0.0.1 %d", peer_port()), "--replica-serve-stale-data", "no");
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    peer_expect(target(), 1, "answered MASTERDOWN");
}

/* Keys that each take a while to load, in a database that another server has saved. */
static void a_database_that_loads_is_unhealthy(void **state)
{
    (void)state;
    start(NULL, NULL, NULL, NULL);
    peer_await(target());
    peer_shell("redis-cli -p %d eval \"for i=1,20000 do redis.call('set', i, i) end\" 0", port);
    peer_shell("redis-cli -p %d save", port);
    peer_stop(server, SIGTERM);
    start("--key-load-delay", "500", "--loading-process-events-interval-bytes", "1024");
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    peer_expect(target(), 1, "answered LOADING");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(pong_is_healthy_and_leaves_no_trace, stop),
        cmocka_unit_test_teardown(a_wanted_password_is_healthy, stop),
        cmocka_unit_test_teardown(a_replica_without_its_master_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_database_that_loads_is_unhealthy, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, NULL, peer_clean);
}
