/* The rows of docs/kubernetes.md: what kubelet's probes answer, and what healthcheck does. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

static struct MHD_Daemon *http;
static unsigned port;
static char host[256], *table;

/* --- the servers ------------------------------------------------------------------------------- */

/* /status/N answers N; /to/URL redirects there; /circle to itself. */
static enum MHD_Result answer(void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **context)
{
    static const char body[] = "a secret of the body";
    const char *named = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof body - 1, (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    unsigned status = 302;

    (void)unused, (void)method, (void)version, (void)data, (void)size, (void)context;
    snprintf(host, sizeof host, "%s", named ? named : "");
    if (strncmp(url, "/status/", 8) == 0)
        status = (unsigned)atoi(url + 8);
    else
        MHD_add_response_header(response, "Location", strncmp(url, "/to/", 4) == 0 ? url + 4 : url);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static int start(void **state)
{
    char *path = realpath("docs/kubernetes.md", NULL);
    FILE *file = fopen(path ? path : "docs/kubernetes.md", "re");
    size_t size = 0;

    (void)state;
    assert_non_null(file);
    assert_true(getdelim(&table, &size, '\0', file) > 0);
    fclose(file);
    free(path);
    struct sockaddr_in own = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    http = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC, 0, NULL, NULL, answer, NULL,
                            MHD_OPTION_SOCK_ADDR, &own, MHD_OPTION_END);
    assert_non_null(http);
    port = MHD_get_daemon_info(http, MHD_DAEMON_INFO_BIND_PORT)->port;
    return 0;
}

static int stop(void **state)
{
    MHD_stop_daemon(http);
    free(table);
    return peer_clean(state);
}

/* --- what is said of a situation ---------------------------------------------------------------- */

/* The document has to have this very row. */
static void documented(const char *situation, const char *kubelet, const char *ours)
{
    const char *row = format("| %s | %s | %s |\n", situation, kubelet, ours);

    if (!strstr(table, row))
        fail_msg("docs/kubernetes.md lacks: %s", row);
}

static void expect(const struct run_result *result, bool healthy)
{
    if (result->status != !healthy || !strstr(result->out, healthy ? "ok " : "FAIL "))
        fail_msg("wanted %s: %d, %s%s", healthy ? "ok" : "FAIL", result->status, result->out, result->err);
    assert_says_not(result, "secret");
}

static const char *url(const char *path)
{
    return format("http://127.0.0.1:%u%s", port, path);
}

/* --- httpGet ------------------------------------------------------------------------------------ */

static void statuses_decide(void **state)
{
    (void)state;
    documented("status 200 to 399", "success", "ok");
    documented("status 400 to 599", "failure", "FAIL");
    for (int status = 200; status < 600; status++)
        if (status != 204 && status != 304) /* these two must have no body */
            expect(probe(url(format("/status/%d", status)), NULL), status < 400);
}

static void expect_script(const struct script_step *steps, const char *scheme, bool healthy)
{
    struct script_server server;

    script_start(&server, "127.0.0.1", steps);
    const struct run_result *result = probe("-t", "400ms", format("%s://127.0.0.1:%u", scheme, server.port), NULL);
    expect(result, healthy);
    assert_took(result, 0, 400 + GRACE_MS);
    script_stop(&server);
}

#define SAYS(bytes)                                                                                                    \
    (const struct script_step[])                                                                                       \
    {                                                                                                                  \
        { .verb = SCRIPT_READ }, { SCRIPT_SEND, bytes, 0, 0 },                                                         \
        {                                                                                                              \
            .verb = SCRIPT_END                                                                                         \
        }                                                                                                              \
    }

static void odd_answers_are_judged_alike(void **state)
{
    (void)state;
    documented("status 101", "failure", "FAIL");
    expect_script(SAYS("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"), "http", false);
    documented("answer by HTTP/1.0", "success", "ok");
    expect_script(SAYS("HTTP/1.0 200 OK\r\n\r\n"), "http", true);
    expect_script(SAYS("HTTP/1.1 204 No Content\r\n\r\n"), "http", true);
    expect_script(SAYS("HTTP/1.1 304 Not Modified\r\n\r\n"), "http", true);
}

static void a_host_header_is_sent(void **state)
{
    (void)state;
    documented("Host header of one's own", "sent", "sent");
    expect(probe("-H", "Host: a.example", url("/status/200"), NULL), true);
    assert_string_equal(host, "a.example");
    expect(probe(url("/status/200"), NULL), true);
    assert_string_equal(host, format("127.0.0.1:%u", port));
}

static void no_body_is_in_the_message(void **state)
{
    const char *message = "status in the message, body not";
    const struct run_result *result = probe("-v", url("/status/500"), NULL);

    (void)state;
    documented("failure with a body", message, message);
    expect(result, false);
    assert_says(result, "500");
}

static void redirects_are_answers_unless_followed(void **state)
{
    (void)state;
    documented("redirect to the same host", "judged by where it leads", "ok; with `--follow` judged by where it leads");
    expect(probe(url("/to//status/500"), NULL), true);
    expect(probe("--follow", url("/to//status/500"), NULL), false);
    expect(probe("--follow", url("/to//status/200"), NULL), true);
    documented("redirect to another host", "success", "ok; with `--follow` FAIL");
    expect(probe(url("/to/http://example.com/"), NULL), true);
    expect(probe("--follow", url("/to/http://example.com/"), NULL), false);
    documented("redirect in a circle", "failure after 10", "ok; with `--follow` FAIL after 10");
    expect(probe(url("/circle"), NULL), true);
    expect(probe("--follow", url("/circle"), NULL), false);
}

static void the_headers_are_enough(void **state)
{
    (void)state;
    documented("body shorter than its Content-Length", "failure", "ok");
    expect_script(SAYS("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), "http", true);
    documented("body without end", "failure at the timeout", "ok");
    const struct script_step endless[] = {
        { .verb = SCRIPT_READ },
        { SCRIPT_SEND, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 0, 0 },
        { .verb = SCRIPT_HOLD },
        { .verb = SCRIPT_END },
    };
    expect_script(endless, "http", true);
}

static void no_answer_is_a_failure(void **state)
{
    const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
    const struct script_step nothing[] = { { .verb = SCRIPT_READ }, { .verb = SCRIPT_END } };

    (void)state;
    documented("no answer", "failure at the timeout", "FAIL at the timeout");
    expect_script(silence, "http", false);
    documented("end before the answer", "failure", "FAIL");
    expect_script(nothing, "http", false);
    documented("nobody listens", "failure", "FAIL");
    expect(probe(format("http://127.0.0.1:%d/", peer_port()), NULL), false);
}

static void certificates_are_verified(void **state)
{
    char *maker = realpath("tests/support/make-certificates", NULL);
    const char *folder = peer_path("certificates");
    int secure = peer_port();

    (void)state;
    documented("certificate of unknown origin", "success", "FAIL; with `-k` ok");
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_status(run(NULL, (char *[]){ maker, (char *)folder, NULL }), 0);
    free(maker);
    run(NULL, (char *[]){ (char *)"chmod", (char *)"-R", (char *)"a+r", (char *)folder, NULL });
    pid_t server = peer_start("tls.log", (char *[]){ (char *)"openssl", (char *)"s_server", (char *)"-accept",
                                                     format("127.0.0.1:%d", secure), (char *)"-www", (char *)"-cert",
                                                     format("%s/good.pem", folder), (char *)"-key",
                                                     format("%s/good.key", folder), NULL });
    peer_await(format("tcp://127.0.0.1:%d", secure));
    expect(probe(format("https://127.0.0.1:%d/", secure), NULL), false);
    expect(probe("-k", format("https://127.0.0.1:%d/", secure), NULL), true);
    peer_stop(server, SIGKILL);
}

/* --- tcpSocket and grpc -------------------------------------------------------------------------- */

static void a_connection_is_enough(void **state)
{
    const struct script_step polite[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
    const struct script_step rude[] = { { .verb = SCRIPT_END } };

    (void)state;
    documented("tcp: somebody listens", "success", "ok");
    expect_script(polite, "tcp", true);
    documented("tcp: somebody listens and hangs up", "success", "ok");
    expect_script(rude, "tcp", true);
    documented("tcp: nobody listens", "failure", "FAIL");
    expect(probe(format("tcp://127.0.0.1:%d", peer_port()), NULL), false);
}

/* The port that the server printed. */
static int await_port(const char *log)
{
    int number = 0;

    for (int64_t end = run_now_ms() + 30000; number == 0 && run_now_ms() < end; poll(NULL, 0, 20)) {
        char *text = peer_read(log), *found = strstr(text, "port ");
        number = found && strchr(found, '\n') ? atoi(found + 5) : 0;
        free(text);
    }
    assert_int_not_equal(number, 0);
    return number;
}

static void expect_grpc(int number, const char *situation, const char *service, bool healthy)
{
    documented(format("grpc: %s", situation), healthy ? "success" : "failure", healthy ? "ok" : "FAIL");
    expect(probe(format("grpc://127.0.0.1:%d/%s", number, service), NULL), healthy);
}

static void only_serving_is_healthy(void **state)
{
    const char *program = peer_path("grpc-server");

    (void)state;
    run(NULL, (char *[]){ (char *)"install", (char *)"-m", (char *)"755", (char *)"tests/support/grpc-server",
                          (char *)program, NULL });
    pid_t server = peer_start("grpc.log", (char *[]){ (char *)program, (char *)"127.0.0.1:0", NULL });
    int number = await_port("grpc.log");
    expect_grpc(number, "SERVING", "", true);
    expect_grpc(number, "NOT_SERVING", "not_serving", false);
    expect_grpc(number, "UNKNOWN", "unknown", false);
    expect_grpc(number, "a service that the server does not know", "no.such", false);
    expect_grpc(number, "no health service", "code-UNIMPLEMENTED", false);
    documented("grpc: no answer", "failure at the timeout", "FAIL at the timeout");
    const struct run_result *result = probe("-t", "400ms", format("grpc://127.0.0.1:%d/slow", number), NULL);
    expect(result, false);
    assert_took(result, 400, 400 + GRACE_MS);
    peer_stop(server, SIGKILL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_decide),
        cmocka_unit_test(odd_answers_are_judged_alike),
        cmocka_unit_test(a_host_header_is_sent),
        cmocka_unit_test(no_body_is_in_the_message),
        cmocka_unit_test(redirects_are_answers_unless_followed),
        cmocka_unit_test(the_headers_are_enough),
        cmocka_unit_test(no_answer_is_a_failure),
        cmocka_unit_test(certificates_are_verified),
        cmocka_unit_test(a_connection_is_enough),
        cmocka_unit_test(only_serving_is_healthy),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
