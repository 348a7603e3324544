/*
 * postgresql:// against the real PostgreSQL: up, starting, recovering, shutting down; logins, over TLS and Unix
 * sockets, too; its log and its statistics.
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
static char *programs;

static const char *target(const char *rest)
{
    return peer_text("postgresql://127.0.0.1:%d%s", port, rest);
}

/* Starts the cluster with one more setting. */
static void start(const char *setting)
{
    port = peer_port();
    server = peer_start("postgresql.log",
                        (char *[]){ (char *)peer_text("%s/postgres", programs), (char *)"-D", (char *)peer_path("data"),
                                    (char *)"-p", (char *)peer_text("%d", port), (char *)"-c",
                                    (char *)"listen_addresses=127.0.0.1", (char *)"-c",
                                    (char *)peer_text("unix_socket_directories=%s", peer_directory()), (char *)"-c",
                                    (char *)"fsync=off", (char *)"-c", (char *)setting, NULL });
}

/* Starts the cluster with these lines for clients by TCP, and a line for those by Unix sockets, one of which psql is.
 */
static void start_with(const char *rules, const char *setting)
{
    peer_write("data/pg_hba.conf", "local all postgres trust\nlocal all all scram-sha-256\n%s\n", rules);
    start(setting);
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    peer_await(peer_text("postgresql:///?host=%s&port=%d", peer_directory(), port));
}

static int make_cluster(void **state)
{
    if (tls_make_certificates(state) != 0)
        return -1;
    peer_shell(
        "cp certificates/ca.pem . && cp certificates/good.pem server.pem && cp certificates/good.key server.key && "
        "chmod 600 server.key");
    programs = peer_program("/usr/lib/postgresql/*/bin");
    peer_shell("%s/initdb -D data -U postgres -A trust --no-sync --no-locale -E UTF8", programs);
    peer_shell("printf '%%s\\n' ssl=on \"ssl_cert_file='../server.pem'\" \"ssl_key_file='../server.key'\" "
               "\"ssl_ca_file='../ca.pem'\" >>data/postgresql.conf");
    return 0;
}

static int stop(void **state)
{
    (void)state;
    peer_stop(server, SIGINT);
    peer_shell("rm -f data/*.signal");
    peer_write("data/pg_hba.conf", "local all all trust\nhost all all 127.0.0.1/32 trust\n");
    return 0;
}

static const char *query(const char *sql)
{
    return peer_shell("%s/psql -h $PWD -p %d -U postgres -XAtc \"%s\"", programs, port, sql);
}

static size_t log_size(void)
{
    char *log = peer_read("postgresql.log");
    size_t size = strlen(log);

    free(log);
    return size;
}

static void a_server_that_accepts_is_healthy_and_logs_nothing(void **state)
{
    (void)state;
    start("max_connections=20");
    peer_await(target(""));
    query("select pg_stat_reset()");
    size_t before = log_size();
    peer_probe_often(target(""));
    peer_probe_often(target("/template1"));
    peer_expect(target(""), 0, "accepting connections");
    assert_int_equal(log_size(), before);
    const char *lost = query("select sum(sessions_abandoned + sessions_fatal + sessions_killed) from pg_stat_database");
    assert_string_equal(lost, "0\n");
}

static void a_wanted_password_is_healthy_and_logs_nothing(void **state)
{
    (void)state;
    start_with("host all all 127.0.0.1/32 scram-sha-256", "max_connections=20");
    peer_await(target(""));
    size_t before = log_size();
    peer_probe_often(target(""));
    assert_int_equal(log_size(), before);
}

static void a_refused_database_or_user_means_that_it_accepts_connections(void **state)
{
    (void)state;
    start("max_connections=20");
    peer_await(target(""));
    peer_expect(target("/nowhere"), 0, "accepting connections (3D000)");
    peer_expect(peer_text("postgresql://stranger@127.0.0.1:%d", port), 0, "accepting connections (28000)");
    peer_expect(peer_text("postgres://stranger:@127.0.0.1:%d", port), 0, "accepting connections (28000)");
}

/* So long a start-up message has two bytes of length. */
static void the_longest_names_are_sent_and_longer_ones_refused(void **state)
{
    char name[130];

    (void)state;
    start("max_connections=20");
    peer_await(target(""));
    for (size_t length = 127; length <= 129; length++) {
        memset(name, 'n', length);
        name[length] = '\0';
        bool good = length <= 128;
        const char *says = good ? "accepting connections (" : "the name of the user or database is too long";
        peer_expect(peer_text("postgresql://%s@127.0.0.1:%d/%s", name, port, name), !good, says);
        peer_expect(peer_text("postgresql://postgres@127.0.0.1:%d/%s", port, name), !good, says);
    }
}

/* Where there is no role postgres, each probe leaves a line unless the URL names a role: the manual says so. */
static void a_named_user_and_database_leave_no_line(void **state)
{
    (void)state;
    start("max_connections=20");
    peer_await(target(""));
    query("create role app login");
    query("create database app owner app");
    size_t before = log_size();
    peer_probe_often(peer_text("postgresql://app@127.0.0.1:%d/app", port));
    assert_int_equal(log_size(), before);
    assert_false(peer_complains("postgresql.log", before, (const char *const[]){ "FATAL", NULL }));
    peer_expect(peer_text("postgresql://stranger@127.0.0.1:%d/app", port), 0, "accepting connections (28000)");
    assert_true(peer_complains("postgresql.log", before, (const char *const[]){ "FATAL", NULL }));
}

/* What it waits for at its start never comes. */
static void a_server_that_starts_up_is_unhealthy(void **state)
{
    (void)state;
    peer_shell("touch data/standby.signal hold");
    start(peer_text("restore_command=while test -e %s; do sleep 0.1; done; false", peer_path("hold")));
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    peer_expect(target(""), 1, "starting up (57P03)");
    peer_shell("rm hold");
}

static bool is_standby(void *unused)
{
    (void)unused;
    return strstr(peer_probe(target(""), NULL)->out, "not accepting connections (57P03)");
}

static void a_standby_that_takes_no_queries_is_unhealthy(void **state)
{
    (void)state;
    peer_shell("touch data/standby.signal");
    start("hot_standby=off");
    await(is_standby, NULL, "a standby");
    peer_expect(target(""), 1, "(57P03)");
}

static bool is_connected(void *unused)
{
    (void)unused;
    return *query("select 1 from pg_stat_activity where query like '%pg_sleep(100)' and pid <> pg_backend_pid()");
}

static bool is_refused(void *unused)
{
    (void)unused;
    return peer_probe(target(""), NULL)->status != 0;
}

/* A smart shutdown waits for the clients that are there and turns all others away. */
static void a_server_that_shuts_down_is_unhealthy(void **state)
{
    (void)state;
    start("max_connections=20");
    peer_await(target(""));
    pid_t client =
        peer_start("psql.log", (char *[]){ (char *)peer_text("%s/psql", programs), (char *)"-h", (char *)"127.0.0.1",
                                           (char *)"-p", (char *)peer_text("%d", port), (char *)"-U",
                                           (char *)"postgres", (char *)"-c", (char *)"select pg_sleep(100)", NULL });
    await(is_connected, NULL, "a client that is connected");
    kill(server, SIGTERM);
    await(is_refused, NULL, "the shutdown");
    peer_expect(target(""), 1, "shutting down (57P03)");
    peer_stop(client, SIGKILL);
}

/* --- logins --------------------------------------------------------------------------------------------- */

/* A role with a password that needs encoding in a URL. */
static void make_role(const char *encryption)
{
    query("drop database if exists app");
    query("drop role if exists app");
    query(peer_text("set password_encryption='%s'; create role app login password 'p@ss:w/rd %%'", encryption));
    query("create database app owner app");
}

static const char *as_app(const char *scheme, const char *rest)
{
    return peer_text("%s://app:p%%40ss%%3aw%%2Frd%%20%%25@127.0.0.1:%d/app%s", scheme, port, rest);
}

static const char *wrongly(const char *scheme, const char *rest)
{
    return peer_text("%s://app:wrong@127.0.0.1:%d/app%s", scheme, port, rest);
}

static void a_password_logs_in_and_a_wrong_one_is_unhealthy(void **state)
{
    static const char *const methods[] = { "scram-sha-256", "md5" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        start_with(peer_text("host all all 127.0.0.1/32 %s", methods[i]), "max_connections=20");
        make_role(methods[i]);
        query("select pg_stat_reset()");
        size_t before = log_size();
        peer_probe_often(as_app("postgresql", ""));
        peer_expect(as_app("postgres", ""), 0, "accepting this login");
        assert_int_equal(log_size(), before);
        assert_string_equal(query("select sum(sessions_abandoned + sessions_fatal + sessions_killed) from "
                                  "pg_stat_database"),
                            "0\n");
        peer_expect(wrongly("postgresql", ""), 1, "  wrong user or password (28P01)\n");
        peer_expect(peer_text("postgresql://nobody:x@127.0.0.1:%d", port), 1, "  wrong user or password (28P01)\n");
        if (i == 0)
            stop(state);
    }
}

static void a_missing_database_is_unhealthy_only_with_a_login(void **state)
{
    (void)state;
    start_with("host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 reject", "max_connections=20");
    make_role("scram-sha-256");
    query("drop database app");
    peer_expect(as_app("postgresql", ""), 1, "  there is no such database (3D000)\n");
    peer_expect(peer_text("postgresql://app:x@[::1]:%d/app", port), 1, "connection refused");
}

/* Whom the rules do not let in is refused before a password is asked for. */
static void a_user_whom_the_rules_refuse_is_unhealthy_with_a_password(void **state)
{
    (void)state;
    start_with("host all all 127.0.0.1/32 reject", "max_connections=20");
    peer_expect(as_app("postgresql", ""), 1, "  this user is refused (28000)\n");
    peer_expect(target(""), 0, "accepting connections (28000)");
}

static void expect_with(const char *option, const char *value, const char *url, int status, const char *says)
{
    const struct run_result *result = peer_probe(option, value, url, NULL);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("%s %s %s: wanted %d and '%s', got %d: %s%s", option, value, url, status, says, result->status,
                 result->out, result->err);
}

/* Nothing of what the server hears is worth a line, neither with a login nor where it is left in front of one. */
static void a_server_for_tls_alone_logs_nothing_of_a_probe_over_tls(void **state)
{
    (void)state;
    start_with("hostssl all all 127.0.0.1/32 scram-sha-256", "max_connections=20");
    make_role("scram-sha-256");
    char *plain = strdup(peer_text("postgresqls://127.0.0.1:%d", port));
    size_t before = log_size();
    for (int i = 0; i < 5; i++) {
        expect_with("--cacert", tls_file("ca.pem"), plain, 0, "accepting connections");
        expect_with("--cacert", tls_file("ca.pem"), as_app("postgresqls", ""), 0, "accepting this login");
        peer_expect(as_app("postgresql", "?sslmode=require"), 0, "accepting this login");
    }
    char *log = peer_read("postgresql.log");
    assert_string_equal(log + before, "");
    free(log);
    free(plain);
    peer_expect(as_app("postgresql", ""), 1, "  this user is refused (28000)\n");
    expect_with("--cacert", tls_file("ca.pem"), wrongly("postgresqls", ""), 1, "  wrong user or password (28P01)\n");
}

/* libpq's meanings, with a server whose certificate is for localhost and 127.0.0.1, not for 127.0.0.2. */
static void each_sslmode_means_what_it_means_to_libpq(void **state)
{
    static const struct {
        const char *host, *query;
        bool trusted; /* --cacert names the CA of the server */
        int status;
        const char *says;
    } rows[] = {
        { "127.0.0.1", "?sslmode=disable", false, 0, "accepting connections (28000)" },
        { "127.0.0.1", "?sslmode=prefer", false, 0, "accepting connections in" },
        { "127.0.0.1", "?sslmode=require", false, 0, "accepting connections in" },
        { "127.0.0.2", "?sslmode=require", true, 0, "accepting connections in" },
        { "127.0.0.1", "?sslmode=verify-ca", false, 1, "certificate" },
        { "127.0.0.2", "?sslmode=verify-ca", true, 0, "accepting connections in" },
        { "127.0.0.1", "?sslmode=verify-full", false, 1, "certificate" },
        { "127.0.0.1", "?sslmode=verify-full", true, 0, "accepting connections in" },
        { "127.0.0.2", "?sslmode=verify-full", true, 1, "not for the address 127.0.0.2" },
    };

    (void)state;
    start_with("hostssl all all 127.0.0.0/8 scram-sha-256", "listen_addresses=127.0.0.1,127.0.0.2");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect_with(rows[i].trusted ? "--cacert" : "-t", rows[i].trusted ? tls_file("ca.pem") : "5s",
                    peer_text("postgresql://%s:%d%s", rows[i].host, port, rows[i].query), rows[i].status, rows[i].says);
    expect_with("--cacert", tls_file("stranger.pem"), peer_text("postgresql://127.0.0.1:%d?sslmode=require", port), 1,
                "certificate");
}

static void a_server_without_tls_is_unhealthy_where_the_url_says_tls(void **state)
{
    (void)state;
    start_with("host all all 127.0.0.1/32 scram-sha-256", "ssl=off");
    make_role("scram-sha-256");
    peer_expect(peer_text("postgresqls://127.0.0.1:%d", port), 1, "  does not offer TLS\n");
    peer_expect(as_app("postgresql", "?sslmode=require"), 1, "  does not offer TLS\n");
    peer_expect(as_app("postgresql", "?sslmode=prefer"), 0, "accepting this login");
}

static void a_password_in_clear_text_is_sent_only_where_nobody_can_listen(void **state)
{
    (void)state;
    start_with("host all all 127.0.0.1/32 password", "max_connections=20");
    make_role("scram-sha-256");
    peer_expect(as_app("postgresql", ""), 1, "wants the password in clear text, which is sent over TLS or a Unix");
    expect_with("--cacert", tls_file("ca.pem"), as_app("postgresqls", ""), 0, "accepting this login");
    expect_with("--cacert", tls_file("ca.pem"), wrongly("postgresqls", ""), 1, "wrong user or password (28P01)");
    peer_write("data/pg_hba.conf", "local all postgres trust\nlocal all all password\n");
    query("select pg_reload_conf()");
    peer_await(peer_text("postgresql://app:p%%40ss%%3aw%%2Frd%%20%%25@/app?host=%s&port=%d", peer_directory(), port));
}

static void a_unix_socket_is_named_by_its_path_or_by_its_folder(void **state)
{
    (void)state;
    start_with("", "max_connections=20");
    make_role("scram-sha-256");
    const char *login = "app:p%40ss%3aw%2Frd%20%25", *folder = peer_directory();
    const char *encoded = peer_encoded(""), *socket = peer_encoded(peer_text(".s.PGSQL.%d", port));
    size_t before = log_size();
    peer_expect(peer_text("postgresql://%s@/app?host=%s&port=%d", login, folder, port), 0, "accepting this login");
    peer_expect(peer_text("postgresql://%s@localhost:%d/app?host=%s", login, port, encoded), 0, "accepting this login");
    peer_expect(peer_text("postgresql+unix://%s@%s/app", login, socket), 0, "accepting this login");
    assert_int_equal(log_size(), before);
    peer_expect(peer_text("postgresql://app:wrong@/app?host=%s&port=%d", folder, port), 1, "(28P01)");
    peer_expect(peer_text("postgresql:///app?host=%s&port=%d", folder, peer_port()), 1, "no such file");
    /* PostgreSQL has no TLS there */
    peer_expect(peer_text("postgresqls+unix://%s/app", socket), 1, "does not offer TLS");
}

static void a_client_certificate_logs_in(void **state)
{
    (void)state;
    start_with("hostssl all all 127.0.0.1/32 cert", "max_connections=20");
    query("create role client login");
    const char *url = peer_text("postgresqls://client@127.0.0.1:%d/postgres", port);
    const char *other = peer_text("postgresqls://postgres@127.0.0.1:%d", port), *ca = tls_file("ca.pem");
    size_t before = log_size();
    const struct run_result *result =
        peer_probe("--cacert", ca, "--cert", tls_file("client.pem"), "--key", tls_file("client.key"), url, NULL);
    assert_has(result->out, "accepting this login");
    char *log = peer_read("postgresql.log");
    assert_string_equal(log + before, "");
    free(log);
    result = peer_probe("--cacert", ca, "--cert", tls_file("client.pem"), "--key", tls_file("client.key"), other, NULL);
    assert_has(result->out, "FAIL");
    assert_has(result->out, "this user is refused (28000)");
}

/* Servers that know the password, and then lie; the first one does not. */
static void a_server_that_lies_in_the_login_is_unhealthy_in_time(void **state)
{
    static const struct {
        const char *lie;
        int status;
        const char *says;
    } rows[] = {
        { "none", 0, "accepting this login" },
        { "nonce", 1, "does not speak postgresql" },
        { "own nonce", 1, "does not speak postgresql" },
        { "rounds", 1, "timed out after 2s in the login" },
        { "signature", 1, "the server does not prove that it knows the password" },
        { "no signature", 1, "the server does not prove that it knows the password" },
        { "another message", 1, "the server does not prove that it knows the password" },
        { "no scram", 1, "the server does not prove that it knows the password" },
        { "twice", 1, "does not speak postgresql" },
    };
    char *script = strdup(peer_copy("sql-server"));

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *number = strdup(peer_text("%d", peer_port()));
        pid_t liar = peer_start("liar.log", (char *[]){ script, (char *)"scram", number, (char *)rows[i].lie, NULL });
        peer_await(peer_text("tcp://127.0.0.1:%s", number));
        expect_with("-t", "2s", peer_text("postgresql://app:secret@127.0.0.1:%s", number), rows[i].status,
                    rows[i].says);
        peer_stop(liar, SIGTERM);
        free(number);
    }
    char *log = peer_read("liar.log");
    assert_string_equal(log, "");
    free(log);
    free(script);
}

static void the_parameters_of_the_query_reach_the_server(void **state)
{
    (void)state;
    start_with("host all all 127.0.0.1/32 scram-sha-256", "log_connections=on");
    make_role("scram-sha-256");
    peer_expect(as_app("postgresql", "?application_name=my%20probe&schema=my-schema&connect_timeout=5"), 0,
                "accepting this login");
    assert_true(peer_complains("postgresql.log", 0, (const char *const[]){ "application_name=my probe", NULL }));
    static const char *const encodings[] = { "client_encoding", "charset", "encoding" };
    for (size_t i = 0; i < sizeof encodings / sizeof encodings[0]; i++) {
        peer_expect(as_app("postgresql", peer_text("?serverVersion=15&%s=utf8", encodings[i])), 0,
                    "accepting this login");
        peer_expect(as_app("postgresql", peer_text("?%s=klingon&pool=5", encodings[i])), 1,
                    "  the login is refused (22023)\n");
    }
    peer_expect(as_app("postgresql", "?options=-c%20work_mem%3Dlots"), 1, "  the login is refused (22023)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_server_that_accepts_is_healthy_and_logs_nothing, stop),
        cmocka_unit_test_teardown(a_wanted_password_is_healthy_and_logs_nothing, stop),
        cmocka_unit_test_teardown(a_refused_database_or_user_means_that_it_accepts_connections, stop),
        cmocka_unit_test_teardown(the_longest_names_are_sent_and_longer_ones_refused, stop),
        cmocka_unit_test_teardown(a_named_user_and_database_leave_no_line, stop),
        cmocka_unit_test_teardown(a_server_that_starts_up_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_standby_that_takes_no_queries_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_server_that_shuts_down_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_password_logs_in_and_a_wrong_one_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_missing_database_is_unhealthy_only_with_a_login, stop),
        cmocka_unit_test_teardown(a_user_whom_the_rules_refuse_is_unhealthy_with_a_password, stop),
        cmocka_unit_test_teardown(a_server_for_tls_alone_logs_nothing_of_a_probe_over_tls, stop),
        cmocka_unit_test_teardown(each_sslmode_means_what_it_means_to_libpq, stop),
        cmocka_unit_test_teardown(a_server_without_tls_is_unhealthy_where_the_url_says_tls, stop),
        cmocka_unit_test_teardown(a_password_in_clear_text_is_sent_only_where_nobody_can_listen, stop),
        cmocka_unit_test_teardown(a_unix_socket_is_named_by_its_path_or_by_its_folder, stop),
        cmocka_unit_test_teardown(a_client_certificate_logs_in, stop),
        cmocka_unit_test(a_server_that_lies_in_the_login_is_unhealthy_in_time),
        cmocka_unit_test_teardown(the_parameters_of_the_query_reach_the_server, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, make_cluster, peer_clean);
}
