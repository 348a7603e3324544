/* memcached:// against the real memcached, and what it counted and printed afterwards. */
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"

#include <signal.h>

static pid_t server;
static int port;

static const char *target(void)
{
    return peer_text("memcached://127.0.0.1:%d", port);
}

static void start(const char *option, const char *value)
{
    port = peer_port();
    server =
        peer_start("memcached.log", (char *[]){ (char *)"memcached", (char *)"-v", (char *)"-l", (char *)"127.0.0.1",
                                                (char *)"-U", (char *)"0", (char *)"-p", (char *)peer_text("%d", port),
                                                (char *)option, (char *)value, NULL });
    peer_await(target());
}

static int stop(void **state)
{
    (void)state;
    peer_stop(server, SIGTERM);
    return 0;
}

static void its_version_is_healthy_and_nothing_is_left_behind(void **state)
{
    (void)state;
    start(NULL, NULL);
    peer_probe_often(target());
    const char *version = peer_shell("memcached -V | sed 's/memcached //' | tr -d '\\n'");
    peer_expect(target(), 0, peer_text("version %s", version));
    char *log = peer_read("memcached.log");
    assert_string_equal(log, "");
    free(log);
    const char *stats = peer_shell("printf 'stats\\r\\nquit\\r\\n' | timeout 5 bash -c "
                                   "'exec 3<>/dev/tcp/127.0.0.1/%d; cat >&3; cat <&3'",
                                   port);
    assert_has(stats, "STAT rejected_connections 0\r");
    assert_has(stats, "STAT auth_errors 0\r");
}

static void one_that_wants_a_login_is_healthy(void **state)
{
    (void)state;
    peer_write("users", "user:password\n");
    start("-Y", peer_path("users"));
    peer_expect(target(), 0, "wants a login");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(its_version_is_healthy_and_nothing_is_left_behind, stop),
        cmocka_unit_test_teardown(one_that_wants_a_login_is_healthy, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, NULL, peer_clean);
}
