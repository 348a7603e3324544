/* mysql:// against the real MariaDB, and what its error log and its counters say afterwards. */
#include "support/peer.h"
#include "support/proc.h"
#include "support/subject.h"
#include "support/test.h"

#include <signal.h>

static pid_t server;
static int port;

static const char *query(const char *sql)
{
    return peer_shell("mariadb --no-defaults -N -uroot -S \"$PWD/s\" -e \"%s\"", sql);
}

static long counter(const char *name)
{
    const char *row = query(peer_text("show global status like '%s'", name));
    const char *value = strchr(row, '\t');

    assert_non_null(value);
    return atol(value);
}

static const char *target(const char *user)
{
    return peer_text("mysql://%s127.0.0.1:%d", user, port);
}

static int start(void **state)
{
    const char *data = peer_path("data"), *directory = peer_text("--datadir=%s", data);

    (void)state;
    port = peer_port();
    peer_shell("mariadb-install-db --no-defaults --datadir=%s --auth-root-authentication-method=normal --skip-test-db",
               data);
    server = peer_start(
        "mariadb.out", (char *[]){ (char *)"/usr/sbin/mariadbd", (char *)"--no-defaults", (char *)directory,
                                   (char *)peer_text("--port=%d", port), (char *)"--bind-address=127.0.0.1",
                                   (char *)peer_text("--socket=%s", peer_path("s")),
                                   (char *)peer_text("--log-error=%s", peer_path("mariadb.log")),
                                   (char *)"--innodb-buffer-pool-size=8M", (char *)"--innodb-flush-log-at-trx-commit=0",
                                   (char *)"--max-connections=10", NULL });
    peer_await(target(""));
    peer_expect(peer_text("mariadb://127.0.0.1:%d", port), 0, "version ");
    query("create user health@localhost");
    query("create user secretive@localhost identified by 'secret'");
    return 0;
}

static int stop(void **state)
{
    peer_stop(server, SIGTERM);
    return peer_clean(state);
}

/* MariaDB counts everybody who comes without a login: the manual says so. Nothing else of the visit is left. */
static void a_greeting_is_healthy_and_the_error_log_says_nothing(void **state)
{
    (void)state;
    char *before = peer_read("mariadb.log");
    long preauth = counter("Aborted_connects_preauth"), denied = counter("Access_denied_errors");
    long connects = counter("Aborted_connects");
    peer_probe_often(target(""));
    assert_int_equal(counter("Aborted_clients"), 0);
    assert_int_equal(counter("Aborted_connects"), connects + 20);
    assert_int_equal(counter("Aborted_connects_preauth"), preauth);
    assert_int_equal(counter("Access_denied_errors"), denied);
    char *after = peer_read("mariadb.log");
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void a_user_without_a_password_leaves_every_counter_as_it_was(void **state)
{
    (void)state;
    char *before = peer_read("mariadb.log");
    long connects = counter("Aborted_connects");
    peer_probe_often(target("health@"));
    assert_int_equal(counter("Aborted_connects"), connects);
    assert_int_equal(counter("Aborted_clients"), 0);
    char *after = peer_read("mariadb.log");
    assert_string_equal(after, before);
    free(before);
    free(after);
}

static void the_version_is_told(void **state)
{
    (void)state;
    const char *version = query("select version()");
    peer_expect(target(""), 0, peer_text("version %.*s", (int)strcspn(version, " \n"), version));
}

static void a_user_who_may_not_log_in_is_unhealthy(void **state)
{
    (void)state;
    peer_expect(target("stranger@"), 1, "error 1045 (access denied)");
    peer_expect(target("secretive@"), 1, "error 1045 (access denied)");
    peer_expect(target("health:@"), 0, "version");
}

static bool is_refused(void *unused)
{
    (void)unused;
    return peer_probe(target(""), NULL)->status != 0;
}

/* One client more than the limit, as MariaDB keeps a place for an administrator. */
static void no_connection_left_is_unhealthy(void **state)
{
    (void)state;
    peer_shell("for i in 1 2 3 4 5 6 7 8 9 10 11; do (for try in 1 2 3 4 5 6 7 8 9; do mariadb --no-defaults -uroot "
               "-S \"$PWD/s\" -e 'select sleep(30)' && break; done) >/dev/null 2>&1 & done");
    await(is_refused, NULL, "a server without a free connection");
    peer_expect(target(""), 1, "error 1040 (too many connections)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_greeting_is_healthy_and_the_error_log_says_nothing),
        cmocka_unit_test(a_user_without_a_password_leaves_every_counter_as_it_was),
        cmocka_unit_test(the_version_is_told),
        cmocka_unit_test(a_user_who_may_not_log_in_is_unhealthy),
        cmocka_unit_test(no_connection_left_is_unhealthy),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
