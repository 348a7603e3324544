/*
 * mongodb:// against a server made with the BSON of MongoDB's own driver: Debian has no MongoDB. That the server speaks
 * the protocol, the driver says.
 */
#include "support/front.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { START_MS = 30000 };

static pid_t server;
static int port;

/* Starts a server that answers `hello` by ANSWER. */
static void start(const char *answer)
{
    const char *program = peer_path("mongodb-server");

    run(NULL, (char *[]){ (char *)"install", (char *)"-m", (char *)"755", (char *)"tests/support/mongodb-server",
                          (char *)program, NULL });
    unlink(peer_path("mongodb.log"));
    server = peer_start("mongodb.log", (char *[]){ (char *)program, (char *)answer, NULL });
    port = 0;
    for (int64_t end = run_now_ms() + START_MS; port == 0 && run_now_ms() < end; poll(NULL, 0, 20)) {
        char *log = peer_read("mongodb.log");
        sscanf(log, "port %d\n", &port);
        free(log);
    }
    assert_true(port > 0);
}

static int stop(void **state)
{
    front_stop(state);
    if (server > 0)
        peer_stop(server, SIGKILL);
    server = 0;
    return 0;
}

static const char *target(const char *rest)
{
    return peer_text("mongodb://127.0.0.1:%d%s", port, rest);
}

/* Waits until the server's log has COUNT lines with TEXT: it writes them when a connection has ended. */
static void await_log(const char *text, size_t count)
{
    for (int64_t end = run_now_ms() + START_MS;; poll(NULL, 0, 20)) {
        char *log = peer_read("mongodb.log");
        size_t found = 0;
        for (char *at = log; (at = strstr(at, text)); at++)
            found++;
        if (found < count && run_now_ms() > end)
            fail_msg("'%s' is there %zu times, not %zu: %s", text, found, count, log);
        free(log);
        if (found >= count)
            return;
    }
}

static void a_driver_takes_the_server_of_this_test_for_one(void **state)
{
    (void)state;
    start("primary");
    const char *out = peer_shell("/usr/bin/python3 -c \"import pymongo\n"
                                 "client = pymongo.MongoClient('127.0.0.1', %d, serverSelectionTimeoutMS=20000)\n"
                                 "print(client.admin.command('ping'), client.admin.command('hello')['setName'])\"",
                                 port);
    assert_string_equal(out, "{'ok': 1.0} rs0\n");
}

static void a_server_that_answers_is_healthy_whatever_its_part(void **state)
{
    static const char *const rows[][2] = {
        { "standalone", "  primary in " },
        { "primary", "  primary in " },
        { "secondary", "  secondary in " },
        { "router", "  primary in " },
        { "starting", "  neither primary nor secondary in " },
        { "integer", "  neither primary nor secondary in " },
        { "long", "  neither primary nor secondary in " },
        { "boolean", "  neither primary nor secondary in " },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        start(rows[i][0]);
        peer_expect(target(""), 0, rows[i][1]);
        stop(NULL);
    }
}

static void a_failure_is_unhealthy_and_tells_no_more_than_its_code(void **state)
{
    static const char *const rows[][2] = {
        { "unknown", "  error 59 (CommandNotFound)\n" },    { "stopping", "  error 91 (ShutdownInProgress)\n" },
        { "nameless", "  answered hello without ok: 1\n" }, { "odd-name", "  error 96 (Operation)\n" },
        { "long-document", "  does not speak mongodb\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        start(rows[i][0]);
        peer_expect(target(""), 1, rows[i][1]);
        stop(NULL);
    }
}

/* By the server's own reading of each message, and of the end of each connection. */
static void each_probe_is_one_good_message_and_a_clean_end(void **state)
{
    (void)state;
    start("primary");
    peer_probe_often(target(""));
    await_log("served hello=1 $db=admin\n", 20);
    peer_expect(target("/my%20shop?directConnection=true"), 0, "primary");
    await_log("served hello=1 $db=my shop\n", 1);
    char *log = peer_read("mongodb.log");
    assert_null(strstr(log, "fault"));
    free(log);
}

/* As with requireApiVersion. */
static void a_server_that_wants_a_version_of_the_api_is_told_one(void **state)
{
    (void)state;
    start("versioned");
    peer_expect(target(""), 0, "  primary in ");
    await_log("served hello=1 $db=admin, hello=1 $db=admin apiVersion=1\n", 1);
}

static void a_server_answers_over_tls_and_unix_sockets(void **state)
{
    (void)state;
    start("primary");
    front_start(port);
    front_expect("mongodb", "primary");
}

/* `tls` in the query, which drivers know, is as good as the scheme. */
static void tls_is_honoured_in_the_query(void **state)
{
    static const char *const queries[] = { "?tls=true", "/?tls=true", "/shop?directConnection=true&tls=true" };

    (void)state;
    start("primary");
    front_start(port);
    int tls = atoi(strrchr(front_target("mongodb", "s"), ':') + 1);
    for (size_t i = 0; i < COUNT(queries); i++) {
        const char *secure = peer_text("mongodb://127.0.0.1:%d%s", tls, queries[i]);
        assert_status(peer_probe("--cacert", tls_file("ca.pem"), "--servername", "localhost", secure, NULL), 0);
        peer_expect(secure, 1, "certificate");
    }
    peer_expect(target("?tls=false"), 0, "primary");
    peer_expect(target("?tls=true"), 1, " while in the TLS handshake\n");
    peer_expect(peer_text("mongodb://127.0.0.1:%d?tls=false", tls), 1, " (is it TLS: mongodbs://?)\n");
    assert_complains(probe("mongodbs://localhost?tls=false", NULL), "contradicts the scheme");
}

static void what_it_does_not_honour_is_a_usage_error(void **state)
{
    static const char *const rows[][2] = {
        { "mongodb://app:secret@localhost", "has a user or password, which this kind of target does not take" },
        { "mongodb://localhost/?replicaSet=rs0", "'replicaSet' is no query that this kind of target knows" },
        { "mongodb://localhost/?authSource=admin", "'authSource' is no query that this kind of target knows" },
        { "mongodb://localhost/?tlsCAFile=/ca.pem", "'tlsCAFile' is no query that this kind of target knows" },
        { "mongodb://localhost/?directConnection=false", "'false' is not true: a probe asks the server that is named" },
        { "mongodb://a:27017,b:27017/?replicaSet=rs0", "'a:27017,b:27017' names several hosts" },
        { "mongodb+srv://localhost", "'mongodb+srv' is no kind of target" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct run_result *result = probe(rows[i][0], NULL);
        assert_status(result, 1);
        assert_has(result->err, rows[i][1]);
        assert_null(strstr(result->err, "secret"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_driver_takes_the_server_of_this_test_for_one, stop),
        cmocka_unit_test_teardown(a_server_that_answers_is_healthy_whatever_its_part, stop),
        cmocka_unit_test_teardown(a_failure_is_unhealthy_and_tells_no_more_than_its_code, stop),
        cmocka_unit_test_teardown(each_probe_is_one_good_message_and_a_clean_end, stop),
        cmocka_unit_test_teardown(a_server_that_wants_a_version_of_the_api_is_told_one, stop),
        cmocka_unit_test_teardown(a_server_answers_over_tls_and_unix_sockets, stop),
        cmocka_unit_test_teardown(tls_is_honoured_in_the_query, stop),
        cmocka_unit_test(what_it_does_not_honour_is_a_usage_error),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
