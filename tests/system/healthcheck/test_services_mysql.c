/*
 * mysql:// against the real MariaDB: logins, over TLS and Unix sockets, too; and what its error log and its counters
 * say afterwards. Debian's MariaDB has no caching_sha2_password: tests/support/sql-server stands in for a MySQL that
 * has, by the hashes of Python.
 */
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

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
    char *data = strdup(peer_path("data")), *directory = strdup(peer_text("--datadir=%s", data));

    if (tls_make_certificates(state) != 0)
        return -1;
    port = peer_port();
    peer_shell("mariadb-install-db --no-defaults --datadir=%s --auth-root-authentication-method=normal --skip-test-db",
               data);
    const char *const files[] = { strdup(peer_text("--ssl-cert=%s", tls_file("good.pem"))),
                                  strdup(peer_text("--ssl-key=%s", tls_file("good.key"))),
                                  strdup(peer_text("--ssl-ca=%s", tls_file("ca.pem"))) };
    server = peer_start(
        "mariadb.out", (char *[]){ (char *)"/usr/sbin/mariadbd", (char *)"--no-defaults", (char *)directory,
                                   (char *)peer_text("--tmpdir=%s", peer_directory()), (char *)files[0],
                                   (char *)files[1], (char *)files[2], (char *)peer_text("--port=%d", port),
                                   (char *)"--bind-address=127.0.0.1", (char *)peer_text("--socket=%s", peer_path("s")),
                                   (char *)peer_text("--log-error=%s", peer_path("mariadb.log")),
                                   (char *)"--innodb-buffer-pool-size=8M", (char *)"--innodb-flush-log-at-trx-commit=0",
                                   (char *)"--max-connections=10", NULL });
    peer_await(target(""));
    peer_expect(peer_text("mariadb://127.0.0.1:%d", port), 0, "version ");
    query("create user health@localhost");
    query("create user secretive@localhost identified by 'secret'");
    query("create user odd@localhost identified by 'p@ss:w/rd %'");
    query("create user safe@localhost identified by 'secret' require ssl");
    query("create user known@localhost require x509");
    query("create user nobody@localhost identified via unix_socket");
    query("create database app; grant all on app.* to secretive@localhost");
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
    peer_expect_log("mariadb.log", before);
}

static void a_user_without_a_password_leaves_every_counter_as_it_was(void **state)
{
    (void)state;
    char *before = peer_read("mariadb.log");
    long connects = counter("Aborted_connects");
    peer_probe_often(target("health@"));
    assert_int_equal(counter("Aborted_connects"), connects);
    assert_int_equal(counter("Aborted_clients"), 0);
    peer_expect_log("mariadb.log", before);
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
    peer_expect(target("stranger@"), 1, "(access denied)"); /* 1045, or 1698 where any account is one of the system */
    peer_expect(target("secretive@"), 1, "error 1045 (access denied)");
    peer_expect(target("secretive:wrong@"), 1, "error 1045 (access denied)");
    peer_expect(target("health:@"), 0, "version");
}

static void expect_clean(const char *target_url)
{
    char *before = peer_read("mariadb.log"), *url = strdup(target_url);
    long connects = counter("Aborted_connects"), denied = counter("Access_denied_errors");

    for (int i = 0; i < 10; i++) {
        const struct run_result *result = strstr(url, "mysqls") || strstr(url, "ssl-mode")
                                              ? peer_probe("--cacert", tls_file("ca.pem"), url, NULL)
                                              : peer_probe(url, NULL);
        if (result->status != 0 || !strstr(result->out, "version "))
            fail_msg("%s: %s%s", url, result->out, result->err);
    }
    free(url);
    assert_int_equal(counter("Aborted_connects"), connects);
    assert_int_equal(counter("Access_denied_errors"), denied);
    assert_int_equal(counter("Aborted_clients"), 0);
    peer_expect_log("mariadb.log", before);
}

static const char *over_tls(const char *user, const char *rest)
{
    return peer_text("mysqls://%s127.0.0.1:%d%s", user, port, rest);
}

/* The path of the server's socket with %2F for /. */
static const char *socket_name(void)
{
    static char encoded[256];

    encoded[0] = '\0';
    for (const char *at = peer_path("s"); *at; at++)
        strcat(encoded, *at == '/' ? "%2F" : (char[]){ *at, '\0' });
    return encoded;
}

static void a_password_logs_in_and_leaves_every_counter_as_it_was(void **state)
{
    (void)state;
    char *urls[] = {
        strdup(peer_text("mysql://secretive:secret@127.0.0.1:%d/app", port)),
        strdup(peer_text("mariadb://odd:p%%40ss%%3Aw%%2frd%%20%%25@127.0.0.1:%d", port)),
        strdup(over_tls("secretive:secret@", "/app")),
        strdup(over_tls("health@", "")),
        strdup(peer_text("mysql+unix://secretive:secret@%s/app", socket_name())),
        strdup(peer_text("mysql://secretive:secret@localhost/app?socket=%s", peer_path("s"))),
        strdup(peer_text("mysqls+unix://safe:secret@%s", socket_name())),
    };
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        expect_clean(urls[i]);
        free(urls[i]);
    }
}

static void an_account_that_wants_tls_is_let_in_by_tls_alone(void **state)
{
    (void)state;
    expect_clean(over_tls("safe:secret@", ""));
    expect_clean(peer_text("mysql://safe:secret@127.0.0.1:%d?ssl-mode=VERIFY_IDENTITY", port));
    peer_expect(target("safe:secret@"), 1, "error 1045 (access denied)");
    peer_expect(peer_text("mysql://safe:secret@127.0.0.1:%d?ssl-mode=DISABLED", port), 1, "error 1045");
    peer_expect(peer_text("mysql://safe:secret@127.0.0.1:%d?ssl-mode=PREFERRED", port), 0, "version ");
    peer_expect(peer_text("mysql://safe:secret@127.0.0.1:%d?ssl-mode=required", port), 0, "version ");
    peer_expect(peer_text("mysql://safe:secret@127.0.0.1:%d?ssl-mode=VERIFY_CA", port), 1, "certificate");
    peer_expect(peer_text("mysqls://safe:secret@127.0.0.1:%d", port), 1, "certificate");
}

static void a_server_that_wants_tls_of_all_lets_nobody_in_without(void **state)
{
    (void)state;
    query("set global require_secure_transport=on");
    expect_clean(over_tls("secretive:secret@", ""));
    peer_expect(target("secretive:secret@"), 1, "error 1045 (access denied)");
    peer_expect(target(""), 0, "version ");
    query("set global require_secure_transport=off");
}

static void a_client_certificate_is_shown(void **state)
{
    (void)state;
    const char *url = over_tls("known@", "");
    const struct run_result *result = peer_probe("--cacert", tls_file("ca.pem"), "--cert", tls_file("client.pem"),
                                                 "--key", tls_file("client.key"), url, NULL);
    assert_has(result->out, "version ");
    result = peer_probe("--cacert", tls_file("ca.pem"), url, NULL);
    assert_has(result->out, "error 1045 (access denied)");
}

static void a_database_that_is_not_there_or_not_the_users_is_unhealthy(void **state)
{
    (void)state;
    peer_expect(peer_text("mysql://root@127.0.0.1:%d/nowhere", port), 1, "error 1049 (there is no such database)");
    peer_expect(peer_text("mysql://odd:p%%40ss%%3Aw%%2frd%%20%%25@127.0.0.1:%d/app", port), 1,
                "error 1044 (this user may not use the database)");
}

/* MariaDB knows such a user by the process at the other end of the socket. */
static void a_user_of_the_system_is_let_in_by_a_unix_socket(void **state)
{
    struct run_result result;

    (void)state;
    peer_run(&result,
             (char *[]){ (char *)probe_binary(), (char *)peer_text("mysql+unix://nobody@%s", socket_name()), NULL });
    assert_has(result.out, "version ");
    peer_expect(peer_text("mysql+unix://nobody@%s", socket_name()), 1, "(access denied)");
}

static void an_unnamed_visit_by_tls_leaves_no_line(void **state)
{
    (void)state;
    char *before = peer_read("mariadb.log");
    for (int i = 0; i < 10; i++)
        assert_has(peer_probe("--cacert", tls_file("ca.pem"), over_tls("", ""), NULL)->out, "version ");
    assert_int_equal(counter("Aborted_clients"), 0);
    peer_expect_log("mariadb.log", before);
}

static void a_password_by_caching_sha2_is_sent_itself_only_where_nobody_can_listen(void **state)
{
    char *script = strdup(peer_copy("sql-server"));
    const char *path = strdup(peer_path("sha2")), *number = strdup(peer_text("%d", peer_port()));
    pid_t other = peer_start("sha2.log", (char *[]){ script, (char *)"mysql", (char *)number, (char *)path, NULL });
    const char *by_tcp = peer_text("mysql://app:secret@127.0.0.1:%s/db", number);
    const char *by_socket = peer_text("mysql://app:secret@localhost?socket=%s", path);

    (void)state;
    peer_await(peer_text("tcp://127.0.0.1:%s", number));
    peer_await(peer_text("unix://%s", path));
    peer_expect(by_tcp, 1, "  wants the password itself, which is sent over TLS or a Unix socket alone\n");
    peer_expect(by_socket, 0, "version 8.0.36"); /* by the password itself, whose hash the server keeps */
    peer_expect(by_tcp, 0, "version 8.0.36");    /* by that hash, which the server drops again */
    peer_expect(by_tcp, 1, "  wants the password itself");
    peer_expect(peer_text("mysql://app:wrong@localhost?socket=%s", path), 1, "error 1045 (access denied)");
    peer_expect(peer_text("mysql://loop:secret@127.0.0.1:%s", number), 1, "  the login does not come to an end\n");
    peer_stop(other, SIGTERM);
    char *log = peer_read("sha2.log");
    assert_string_equal(log, "");
    free(log);
    free(script);
}

static void a_server_that_does_not_offer_tls_is_unhealthy_where_tls_is_asked_for(void **state)
{
    static const char *const modes[] = { "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY" };
    char *script = strdup(peer_copy("sql-server")), *number = strdup(peer_text("%d", peer_port()));
    pid_t other =
        peer_start("plain.log", (char *[]){ script, (char *)"mysql", number, (char *)peer_path("plain"), NULL });

    (void)state;
    peer_await(peer_text("tcp://127.0.0.1:%s", number));
    for (size_t i = 0; i < COUNT(modes); i++) {
        peer_expect(peer_text("mysql://127.0.0.1:%s?ssl-mode=%s", number, modes[i]), 1, "  does not offer TLS\n");
        peer_expect(peer_text("mysql://app:secret@127.0.0.1:%s/db?ssl-mode=%s", number, modes[i]), 1,
                    "  does not offer TLS\n");
    }
    peer_expect(peer_text("mysqls://app:secret@127.0.0.1:%s/db", number), 1, "  does not offer TLS\n");
    peer_expect(peer_text("mysqls+unix://%s", peer_encoded("plain")), 1, "  does not offer TLS\n");
    assert_status(peer_probe("-k", peer_text("mysqls://127.0.0.1:%s", number), NULL), 1);
    peer_expect(peer_text("mysql://127.0.0.1:%s?ssl-mode=PREFERRED", number), 0, "version 8.0.36");
    peer_stop(other, SIGTERM);
    free(number);
    free(script);
}

static bool is_refused(void *unused)
{
    (void)unused;
    return strstr(peer_probe(target(""), NULL)->out, "  error 1040 (too many connections)\n");
}

/* One client more than the limit, as MariaDB keeps a place for an administrator. */
static void no_connection_left_is_unhealthy(void **state)
{
    (void)state;
    peer_shell("for i in 1 2 3 4 5 6 7 8 9 10 11; do (for try in 1 2 3 4 5 6 7 8 9; do mariadb --no-defaults -uroot "
               "-S \"$PWD/s\" -e 'select sleep(30)' && break; done) >/dev/null 2>&1 & done");
    await(is_refused, NULL, "a server without a free connection");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_greeting_is_healthy_and_the_error_log_says_nothing),
        cmocka_unit_test(a_user_without_a_password_leaves_every_counter_as_it_was),
        cmocka_unit_test(the_version_is_told),
        cmocka_unit_test(a_user_who_may_not_log_in_is_unhealthy),
        cmocka_unit_test(a_password_logs_in_and_leaves_every_counter_as_it_was),
        cmocka_unit_test(an_account_that_wants_tls_is_let_in_by_tls_alone),
        cmocka_unit_test(a_server_that_wants_tls_of_all_lets_nobody_in_without),
        cmocka_unit_test(a_client_certificate_is_shown),
        cmocka_unit_test(a_database_that_is_not_there_or_not_the_users_is_unhealthy),
        cmocka_unit_test(a_user_of_the_system_is_let_in_by_a_unix_socket),
        cmocka_unit_test(an_unnamed_visit_by_tls_leaves_no_line),
        cmocka_unit_test(a_server_that_does_not_offer_tls_is_unhealthy_where_tls_is_asked_for),
        cmocka_unit_test(a_password_by_caching_sha2_is_sent_itself_only_where_nobody_can_listen),
        cmocka_unit_test(no_connection_left_is_unhealthy),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
