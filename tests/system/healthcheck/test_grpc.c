/* grpc://, grpcs:// and grpc+unix:// against the real server of python3-grpcio, and what no real server would send. */
#include "support/listener.h"
#include "support/peer.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define BYTES(string) string, sizeof string - 1

/* --- the real server ----------------------------------------------------------------------------- */

static pid_t server;
static char log_name[32];

/* Where its user, nobody, may read it. */
static void copy_server(const char *path)
{
    assert_int_equal(run(NULL, (char *[]){ (char *)"install", (char *)"-m", (char *)"755",
                                           (char *)"tests/support/grpc-server", (char *)path, NULL })
                         ->status,
                     0);
}

/* The port that the server says it is bound to. */
static int await_port(void)
{
    for (int64_t end = run_now_ms() + 30000; run_now_ms() < end; poll(NULL, 0, 20)) {
        char *text = peer_read(log_name), *port = strstr(text, "port ");
        int number = port && strchr(port, '\n') ? atoi(port + 5) : 0;
        free(text);
        if (number > 0)
            return number;
    }
    fail_msg("the gRPC server does not come up");
    return 0;
}

static int start(const char *address, const char *option, const char *key)
{
    static unsigned number;
    const char *path = peer_path("grpc-server");

    copy_server(path);
    snprintf(log_name, sizeof log_name, "grpc-%u.log", number++);
    server = peer_start(log_name, (char *[]){ (char *)path, (char *)address, (char *)option, (char *)key, NULL });
    return await_port();
}

static int start_plain(void)
{
    return start("127.0.0.1:0", NULL, NULL);
}

static int start_tls(void)
{
    return start("127.0.0.1:0", tls_file("good.pem"), tls_file("good.key"));
}

static int stop(void **state)
{
    (void)state;
    if (server > 0)
        peer_stop(server, SIGKILL);
    server = 0;
    return 0;
}

static void serving_is_healthy_and_nothing_else_is(void **state)
{
    static const struct {
        const char *service, *reason;
    } unhealthy[] = {
        { "not_serving", "  NOT_SERVING\n" },
        { "unknown", "  UNKNOWN\n" },
        { "service_unknown", "  SERVICE_UNKNOWN\n" },
        { "number-77", "  unknown health status 77\n" },
        { "no.such.Service", "  NOT_FOUND: server does not know that service\n" },
        { "code-UNAVAILABLE", "  UNAVAILABLE\n" },
        { "code-DEADLINE_EXCEEDED", "  DEADLINE_EXCEEDED\n" },
        { "code-PERMISSION_DENIED", "  PERMISSION_DENIED\n" },
        { "gzip", "  answer is compressed, which was not asked for\n" },
    };
    int port = start_plain();

    (void)state;
    peer_expect(peer_text("grpc://127.0.0.1:%d", port), 0, "  SERVING in ");
    peer_expect(peer_text("grpc://localhost:%d/", port), 0, "  SERVING in ");
    peer_expect(peer_text("grpc://127.0.0.1:%d/serving", port), 0, "  SERVING in ");
    for (size_t i = 0; i < COUNT(unhealthy); i++)
        peer_expect(peer_text("grpc://127.0.0.1:%d/%s", port, unhealthy[i].service), 1, unhealthy[i].reason);
    peer_probe_often(peer_text("grpc://127.0.0.1:%d", port));
}

static void expect_logged(const char *text)
{
    char *log = peer_read(log_name);

    if (!strstr(log, text))
        fail_msg("'%s' is not in: %s", text, log);
    free(log);
}

static void names_are_decoded_and_headers_become_metadata(void **state)
{
    int port = start_plain();

    (void)state;
    peer_expect(peer_text("grpc://127.0.0.1:%d/a%%2Fb%%C3%%A4/c", port), 1, "NOT_FOUND");
    expect_logged("call 'a/b\xc3\xa4/c' ");
    peer_probe("-H", "X-Mixed-Case:  some value ", "-H", "Connection: close", "-H", "Content-Type: text/plain", "-H",
               "TE: gzip", "-H", "grpc-timeout: 1H", "--user", "me:secret", "-t", "7s",
               peer_text("grpc://127.0.0.1:%d/serving", port), NULL);
    expect_logged("call 'serving' authorization=Basic bWU6c2VjcmV0 user-agent=pith-healthcheck/");
    expect_logged(" x-mixed-case=some value left=7.0\n");
    peer_probe("-H", "User-Agent: mine", "--timeout", "3s", peer_text("grpc://127.0.0.1:%d", port), NULL);
    expect_logged("call '' user-agent=mine left=3.0\n");
}

static void long_names_and_headers_arrive(void **state)
{
    char name[7001], header[6001] = "x-long: ";
    int port = start_plain();

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memset(header + 8, 'h', sizeof header - 9);
    header[sizeof header - 1] = '\0';
    char target[8192];
    snprintf(target, sizeof target, "grpc://127.0.0.1:%d/%s", port, name);
    assert_says(peer_probe("-H", header, target, NULL), "NOT_FOUND");
    expect_logged(name);
    expect_logged(header + 8);
}

static void a_slow_server_ends_at_the_deadline(void **state)
{
    int port = start_plain();

    (void)state;
    const struct run_result *result = peer_probe("-t", "500ms", peer_text("grpc://127.0.0.1:%d/slow", port), NULL);
    assert_status(result, 1);
    /* The server was told the deadline, and may be the first to say that it is over. */
    assert_true(strstr(result->out, "  timed out after 500ms waiting for the answer\n") ||
                strstr(result->out, "  DEADLINE_EXCEEDED\n"));
    assert_took(result, 490, 500 + GRACE_MS);
}

static void a_server_without_the_health_service_is_unhealthy(void **state)
{
    (void)state;
    peer_expect(peer_text("grpc://127.0.0.1:%d", start("127.0.0.1:0", "--no-health", NULL)), 1,
                "  UNIMPLEMENTED: server has no health service\n");
}

static void a_unix_socket_is_as_good(void **state)
{
    char socket[256] = "";

    (void)state;
    start(peer_text("unix:%s", peer_path("grpc.sock")), NULL, NULL);
    for (const char *at = peer_path("grpc.sock"); *at; at++)
        strcat(socket, *at == '/' ? "%2F" : (char[]){ *at, '\0' });
    peer_expect(peer_text("grpc+unix://%s", socket), 0, "  SERVING in ");
    peer_expect(peer_text("grpc+unix://%s/not_serving", socket), 1, "  NOT_SERVING\n");
}

static void tls_verifies_and_speaks_h2(void **state)
{
    int port = start_tls();
    const char *target = peer_text("grpcs://localhost:%d/serving", port);

    (void)state;
    const struct run_result *result = peer_probe("--cacert", tls_file("ca.pem"), target, NULL);
    assert_status(result, 0);
    assert_says(result, "  SERVING in ");
    result = peer_probe("--cacert", tls_file("ca.pem"), peer_text("grpcs://127.0.0.1:%d/not_serving", port), NULL);
    assert_says(result, "  NOT_SERVING\n");
    assert_status(peer_probe("-k", target, NULL), 0);
    result = peer_probe("--cacert", tls_file("stranger.pem"), target, NULL);
    assert_status(result, 1);
    assert_says(result, "  certificate comes from an unknown CA (Test CA)\n");
}

static void the_wrong_kind_is_told(void **state)
{
    const char *target = peer_text("grpcs://localhost:%d", start_plain());

    (void)state;
    assert_says(peer_probe("-k", target, NULL), "  server does not speak TLS\n");
}

/* --- a server that sends what it is told to -------------------------------------------------------- */

struct script {
    const char *bytes;
    size_t length;
    size_t piece;   /* bytes at once, a read of the other side in between is likely; 0: all */
    bool hold;      /* leaves the connection open behind them */
    size_t repeats; /* of all of it */
};

struct scripted {
    struct script script;
    int listener;
    pthread_t thread;
};

static void *serve(void *scripted_)
{
    struct scripted *scripted = scripted_;
    const struct script *script = &scripted->script;
    size_t piece = script->piece ? script->piece : script->length;
    int fd = accept4(scripted->listener, NULL, NULL, SOCK_CLOEXEC);
    char request[4096];
    bool up = recv(fd, request, sizeof request, 0) > 0;

    for (size_t repeat = 0; up && repeat <= script->repeats; repeat++)
        for (size_t at = 0; up && at < script->length; at += piece) {
            size_t n = script->length - at < piece ? script->length - at : piece;
            up = send(fd, script->bytes + at, n, MSG_NOSIGNAL) == (ssize_t)n;
            if (script->piece)
                poll(NULL, 0, 1);
        }
    if (!script->hold)
        shutdown(fd, SHUT_WR);
    while (recv(fd, request, sizeof request, 0) > 0)
        ;
    close(fd);
    return NULL;
}

static int serve_start(struct scripted *scripted)
{
    int port;

    scripted->listener = listener_open(1, &port);
    assert_int_equal(pthread_create(&scripted->thread, NULL, serve, scripted), 0);
    return port;
}

/* Probes the server of SCRIPT for 1 s at most. */
static const struct run_result *probe_script(struct script script)
{
    struct scripted scripted = { .script = script };
    int port = serve_start(&scripted);
    const struct run_result *result = peer_probe("-t", "1s", peer_text("grpc://127.0.0.1:%d", port), NULL);

    pthread_join(scripted.thread, NULL);
    close(scripted.listener);
    assert_took(result, 0, 1000 + GRACE_MS);
    return result;
}

static void expect_script(struct script script, int status, const char *says)
{
    const struct run_result *result = probe_script(script);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("wanted %d and '%s', got %d: %s%s", status, says, result->status, result->out, result->err);
}

/* Frames: length, type, flags, stream. Headers without compression: `\x88` is :status 200. */
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define CONTENT_TYPE                                                                                                   \
    "\x0f\x10\x10"                                                                                                     \
    "application/grpc"
#define HEADERS         "\0\0\x14\1\4\0\0\0\1\x88" CONTENT_TYPE
#define MESSAGE         "\0\0\7\0\0\0\0\0\1\0\0\0\0\2\x08\1"
#define MESSAGE_AND_END "\0\0\7\0\1\0\0\0\1\0\0\0\0\2\x08\1"
#define STATUS(digit)                                                                                                  \
    "\0\x0b"                                                                                                           \
    "grpc-status\1" digit
#define TRAILERS(digit)      "\0\0\x0f\1\5\0\0\0\1" STATUS(digit)
#define TRAILERS_ONLY(digit) "\0\0\x23\1\5\0\0\0\1\x88" CONTENT_TYPE STATUS(digit)
#define HEADERS_WITH_STATUS  "\0\0\x23\1\4\0\0\0\1\x88" CONTENT_TYPE STATUS("0")
#define GOAWAY(last)         "\0\0\x08\7\0\0\0\0\0\0\0\0" last "\0\0\0\0"
#define RST                  "\0\0\4\3\0\0\0\0\1\0\0\0\x07"

static const struct {
    const char *bytes;
    size_t length;
    int status;
    const char *says;
} scripts[] = {
    { BYTES(SETTINGS HEADERS MESSAGE TRAILERS("0")), 0, "  SERVING in " },
    { BYTES(SETTINGS TRAILERS_ONLY("5")), 1, "  NOT_FOUND: server does not know that service\n" },
    { BYTES(SETTINGS TRAILERS_ONLY("0")), 1, "  answer lacks a message\n" },
    { BYTES(SETTINGS HEADERS MESSAGE TRAILERS("8")), 1, "  RESOURCE_EXHAUSTED\n" },
    { BYTES(SETTINGS HEADERS MESSAGE_AND_END), 1, "  answer ends without a grpc-status\n" },
    { BYTES(SETTINGS HEADERS_WITH_STATUS MESSAGE_AND_END), 1, "  answer ends without a grpc-status\n" },
    { BYTES(SETTINGS HEADERS MESSAGE), 1, "  connection closed while waiting for the grpc-status\n" },
    { BYTES(SETTINGS HEADERS), 1, "  connection closed while waiting for the answer\n" },
    { BYTES(SETTINGS HEADERS MESSAGE RST), 1, "  server reset the stream before its end (REFUSED_STREAM)\n" },
    { BYTES(SETTINGS RST), 1, "  server reset the stream (REFUSED_STREAM)\n" },
    { BYTES(SETTINGS GOAWAY("\0")), 1, "  server is going away (NO_ERROR)\n" },
    { BYTES(SETTINGS GOAWAY("\1")), 1, "  server is going away (NO_ERROR)\n" },
    { BYTES(SETTINGS GOAWAY("\1") HEADERS MESSAGE TRAILERS("0")), 0, "  SERVING in " },
    { BYTES(SETTINGS HEADERS MESSAGE TRAILERS("0") "garbage that is no frame"), 0, "  SERVING in " },
    { BYTES(SETTINGS HEADERS "\0\0\7\0\0\0\0\0\1\1\0\0\0\2\x08\1" TRAILERS("0")), 1, "  answer is compressed" },
    { BYTES(SETTINGS "\0\0\1\1\5\0\0\0\1\x8d"), 1, "  HTTP status 404, wanted 200: is it gRPC?\n" },
    { BYTES(SETTINGS "\0\0\1\1\5\0\0\0\1\x88"), 1, "  content-type is not application/grpc: is it gRPC?\n" },
    { BYTES(SETTINGS "\0\0\2\1\5\0\0\0\1\xff\xff"), 1, "  server broke the rules of HTTP/2\n" },
    { BYTES(SETTINGS HEADERS MESSAGE "\0\0\7\0\0\0\0\0\0\0\0\0\0\2\x08\1"), 1, "  server broke the rules of HTTP/2\n" },
    { BYTES(HEADERS MESSAGE TRAILERS("0")), 1, "  server does not speak HTTP/2: is it gRPC?\n" },
    { BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"), 1, "  server speaks HTTP/1, not HTTP/2: is it gRPC?\n" },
    { BYTES("HTTP"), 1, "  server speaks HTTP/1, not HTTP/2: is it gRPC?\n" },
    { BYTES("\x15\x03\x03\0\2\2\x16"), 1, "  server does not speak plain HTTP/2: is it TLS? (grpcs://)\n" },
    { BYTES("220 mail ESMTP\r\n"), 1, "  server does not speak HTTP/2: is it gRPC?\n" },
    { BYTES(""), 1, "  connection closed while waiting for the answer\n" },
};

static void answers_are_judged_whole_and_split_at_each_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scripts); i++)
        for (size_t piece = 0; piece < 2; piece++)
            expect_script((struct script){ scripts[i].bytes, scripts[i].length, .piece = piece }, scripts[i].status,
                          scripts[i].says);
}

static void an_answer_counts_although_the_connection_stays_open(void **state)
{
    (void)state;
    expect_script((struct script){ BYTES(SETTINGS HEADERS MESSAGE TRAILERS("0")), .hold = true }, 0, "  SERVING in ");
}

static void silence_ends_at_the_deadline(void **state)
{
    (void)state;
    expect_script((struct script){ BYTES(""), .hold = true }, 1, "  timed out after 1s waiting for the answer\n");
    expect_script((struct script){ BYTES(SETTINGS HEADERS MESSAGE), .hold = true }, 1,
                  "  timed out after 1s waiting for the grpc-status\n");
}

/* Whatever ends first: the deadline, the bytes, or a server that does not take our answers to it any more. */
static void expect_flood(const char *bytes, size_t length)
{
    const struct run_result *result = probe_script((struct script){ bytes, length, .repeats = 2000000 });

    assert_status(result, 1);
    assert_says(result, "FAIL ");
    assert_in_range(result->usage.ru_maxrss, 1, 4096);
}

static void floods_are_bounded_in_time_and_memory(void **state)
{
    (void)state;
    expect_flood(BYTES(SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS));
    expect_flood(BYTES(SETTINGS "\0\0\x08\6\0\0\0\0\0pingping\0\0\x08\6\0\0\0\0\0pingping"));
}

static void an_answer_without_end_is_given_up(void **state)
{
    static const char settings_and_ignored[] =
        SETTINGS "\0\0\x40\xff\0\0\0\0\0" /* a frame of no known type */
                 "................................................................";

    (void)state;
    expect_script((struct script){ BYTES(settings_and_ignored), .repeats = 2000000 }, 1,
                  "  server sent too much without an answer\n");
}

/* 100 times a header of 4 KiB that is put into the table once and then named by one byte each: 400 KB of headers. */
static void headers_that_unpack_to_much_are_given_up(void **state)
{
    static char bytes[8192];
    const size_t value = 3900, block = 1 + sizeof CONTENT_TYPE - 1 + 1 + 1 + 2 + 3 + value + 100;
    size_t n = 0;

    (void)state;
    memcpy(bytes, SETTINGS, 9);
    n = 9;
    memcpy(bytes + n, (char[]){ 0, (char)(block >> 8), (char)(block & 0xff), 1, 4, 0, 0, 0, 1 }, 9);
    n += 9;
    /* Literal with indexing, name "xx", value of 3900 bytes: 127 + 3773, in HPACK's integers 0x7f 0xbd 0x1d. */
    memcpy(bytes + n, "\x88" CONTENT_TYPE "\x40\2xx\x7f\xbd\x1d", sizeof CONTENT_TYPE + 7);
    n += sizeof CONTENT_TYPE + 7;
    memset(bytes + n, 'v', value);
    n += value;
    memset(bytes + n, '\xbe', 100);
    n += 100;
    expect_script((struct script){ bytes, n, .hold = true }, 1, "  headers longer than 64 KiB\n");
}

static void a_message_that_is_too_long_is_given_up(void **state)
{
    static char bytes[9 + 29 + 9 + 5000];
    size_t n = sizeof SETTINGS HEADERS - 1;

    (void)state;
    memcpy(bytes, SETTINGS HEADERS, n);
    memcpy(bytes + n, "\0\x13\x88\0\0\0\0\0\1", 9);
    expect_script((struct script){ bytes, n + 9 + 5000, .hold = true }, 1, "longer than 4 KiB\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(serving_is_healthy_and_nothing_else_is, stop),
        cmocka_unit_test_teardown(names_are_decoded_and_headers_become_metadata, stop),
        cmocka_unit_test_teardown(long_names_and_headers_arrive, stop),
        cmocka_unit_test_teardown(a_slow_server_ends_at_the_deadline, stop),
        cmocka_unit_test_teardown(a_server_without_the_health_service_is_unhealthy, stop),
        cmocka_unit_test_teardown(a_unix_socket_is_as_good, stop),
        cmocka_unit_test_teardown(tls_verifies_and_speaks_h2, stop),
        cmocka_unit_test_teardown(the_wrong_kind_is_told, stop),
        cmocka_unit_test(answers_are_judged_whole_and_split_at_each_byte),
        cmocka_unit_test(an_answer_counts_although_the_connection_stays_open),
        cmocka_unit_test(silence_ends_at_the_deadline),
        cmocka_unit_test(floods_are_bounded_in_time_and_memory),
        cmocka_unit_test(an_answer_without_end_is_given_up),
        cmocka_unit_test(headers_that_unpack_to_much_are_given_up),
        cmocka_unit_test(a_message_that_is_too_long_is_given_up),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
