/* postgresql:// against the real PostgreSQL: up, starting, recovering, shutting down; its log and its statistics. */
#include "support/peer.h"
#include "support/proc.h"
#include "support/subject.h"
#include "support/test.h"

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
    server =
        peer_start("postgresql.log", (char *[]){ (char *)peer_text("%s/postgres", programs), (char *)"-D",
                                                 (char *)peer_path("data"), (char *)"-p", (char *)peer_text("%d", port),
                                                 (char *)"-c", (char *)"listen_addresses=127.0.0.1", (char *)"-c",
                                                 (char *)"unix_socket_directories=", (char *)"-c", (char *)"fsync=off",
                                                 (char *)"-c", (char *)setting, NULL });
}

static int make_cluster(void **state)
{
    (void)state;
    programs = peer_program("/usr/lib/postgresql/*/bin");
    peer_shell("%s/initdb -D data -U postgres -A trust --no-sync --no-locale -E UTF8", programs);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    peer_stop(server, SIGINT);
    peer_shell("rm -f data/*.signal");
    return 0;
}

static const char *query(const char *sql)
{
    return peer_shell("%s/psql -h 127.0.0.1 -p %d -U postgres -XAtc \"%s\"", programs, port, sql);
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
    peer_shell("cp data/pg_hba.conf pg_hba.old && echo 'host all all 127.0.0.1/32 scram-sha-256' >data/pg_hba.conf");
    start("max_connections=20");
    peer_await(target(""));
    size_t before = log_size();
    peer_probe_often(target(""));
    assert_int_equal(log_size(), before);
    peer_shell("cp pg_hba.old data/pg_hba.conf");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_server_that_accepts_is_healthy_and_logs_nothing, stop),
        cmocka_unit_test_teardown(a_wanted_password_is_healthy_and_logs_nothing, stop),
        cmocka_unit_test_teardown(a_refused_database_or_user_means_that_it_accepts_connections, stop),
        cmocka_unit_test_teardown(a_named_user_and_database_leave_no_line, stop),
        cmocka_unit_test_teardown(a_server_that_starts_up_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_standby_that_takes_no_queries_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_server_that_shuts_down_is_unhealthy, stop),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, make_cluster, peer_clean);
}
