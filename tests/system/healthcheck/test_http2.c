/* --http2 against nghttpd, nginx and node, and against what no real server would send. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <signal.h>
#include <unistd.h>

#define BYTES(string) string, sizeof string - 1

static const char note[] = "by HTTP/1.1, as the server did not choose HTTP/2 (ALPN)\n";
static pid_t server;
static int plain, secure, older; /* ports; `older` speaks HTTP/1.1 over TLS */

static int stop(void **state)
{
    (void)state;
    if (server > 0)
        peer_stop(server, SIGKILL);
    server = 0;
    return 0;
}

/* The same with what a healthcheck is told beside the target. */
static void expect(int status, const char *says, const char *target, const char *option, const char *option2)
{
    const struct run_result *result = peer_probe("--http2", "-v", target, option, option2, NULL);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("%s: wanted %d and '%s', got %d: %s%s", target, status, says, result->status, result->out,
                 result->err);
}

static const char *plainly(const char *path)
{
    return peer_text("http://127.0.0.1:%d%s", plain, path);
}

static const char *securely(const char *path)
{
    return peer_text("https://localhost:%d%s", secure, path);
}

static void await(const char *target)
{
    assert_status(peer_probe("--http2", "-k", "--wait=60s", "--interval=50ms", "-s100-999", target, NULL), 0);
}

/* --- real servers ------------------------------------------------------------------------------ */

static pid_t start_nghttpd(int port, bool tls)
{
    peer_shell(
        "mkdir -p www && echo '{\"status\":\"UP\"}' >www/health && head -c 3000000 /dev/zero | tr '\\0' a >www/big");
    return tls ? peer_start("nghttpd.log", (char *[]){ (char *)"nghttpd", (char *)"-vd", (char *)peer_path("www"),
                                                       (char *)peer_text("%d", port), (char *)tls_file("good.key"),
                                                       (char *)tls_file("good.pem"), NULL })
               : peer_start("nghttpd.log", (char *[]){ (char *)"nghttpd", (char *)"--no-tls", (char *)"-vd",
                                                       (char *)peer_path("www"), (char *)peer_text("%d", port), NULL });
}

/* The server, which logs what it is asked, has been asked by all of FIELDS. */
static void expect_asked(const char *const fields[])
{
    char *log = peer_read("nghttpd.log");

    for (; *fields; fields++)
        if (!strstr(log, *fields))
            fail_msg("no '%s' in:\n%s", *fields, log);
    free(log);
}

static void a_request_has_all_that_its_protocol_asks_for(void **state)
{
    const char *http[] = { ":method: HEAD", ":path: /health?a=b", ":scheme: http\n", ":authority: 127.0.0.1:", NULL };
    const char *https[] = { ":scheme: https\n", ":authority: localhost:", NULL };
    const char *grpc[] = { ":method: POST",
                           ":path: /grpc.health.v1.Health/Check",
                           "content-type: application/grpc\n",
                           "te: trailers\n",
                           "grpc-timeout: ",
                           "user-agent: pith-healthcheck/",
                           NULL };

    (void)state;
    plain = peer_port();
    server = start_nghttpd(plain, false);
    await(plainly("/health"));
    assert_status(peer_probe("--http2", "-mHEAD", plainly("/health?a=b"), NULL), 0);
    expect_asked(http);
    assert_status(peer_probe(peer_text("grpc://127.0.0.1:%d", plain), NULL), 1);
    expect_asked(grpc);
    stop(state);
    secure = peer_port();
    server = start_nghttpd(secure, true);
    await(securely("/health"));
    expect_asked(https);
}

static void nghttpd_by_prior_knowledge(void **state)
{
    (void)state;
    plain = peer_port();
    server = start_nghttpd(plain, false);
    await(plainly("/health"));
    expect(0, "  200 in ", plainly("/health"), NULL, NULL);
    expect(0, "first byte", plainly("/health"), "--json", "status=UP");
    expect(0, "  200 in ", plainly("/health"), "--body-regex", "\"(UP|OK)\"");
    expect(1, "  JSON: status is not 'DOWN'\n", plainly("/health"), "--json", "status=DOWN");
    expect(1, "  404, wanted 200-399\n", plainly("/none"), NULL, NULL);
    expect(0, "  404 in ", plainly("/none"), "-s404", NULL);
    expect(0, "  200 in ", plainly("/big"), "-mHEAD", NULL);
    expect(0, "  200 in ", plainly("/big"), "-baaaa", "-t9s");
    expect(1, "  the body does not contain 'b' in its first MiB\n", plainly("/big"), "-bb", "-t9s");
    expect(1, " more than 1ms\n", plainly("/big"), "-baaaa", "--max-latency=1ms");
    assert_status(peer_probe("--http2", plainly("/health"), plainly("/big"), plainly("/health"), NULL), 0);
    assert_status(peer_probe("--http2", "--any", plainly("/none"), plainly("/health"), NULL), 0);
    const struct run_result *held =
        peer_probe("--http2", "--hold=300ms", "-i50ms", "--hold-state", peer_directory(), plainly("/health"), NULL);
    assert_status(held, 0);
    held = peer_probe("--http2", "--hold=300ms", "-i50ms", "--hold-state", peer_directory(), plainly("/health"), NULL);
    assert_status(held, 0);
    assert_says(held, " tries, ");
    peer_expect(plainly("/health"), 1, "  the answer is not HTTP/1.x: is it HTTP/2 (--http2)?\n");
}

static void nghttpd_by_tls(void **state)
{
    (void)state;
    secure = peer_port();
    server = start_nghttpd(secure, true);
    await(securely("/health"));
    expect(0, "  200 in ", securely("/health"), "--cacert", tls_file("ca.pem"));
    expect(0, "  200 in ", securely("/health"), "-k", "-bUP");
    expect(1, "  certificate comes from an unknown CA", securely("/health"), "--cacert", tls_file("stranger.pem"));
    expect(0, "  200 in ", peer_text("tls://localhost:%d", secure), "-k", securely("/health"));
}

static void start_nginx(void)
{
    plain = peer_port();
    secure = peer_port();
    older = peer_port();
    peer_shell("rm -f nginx.sock nginxs.sock");
    peer_write("nginx.conf",
               "daemon off; pid nginx.pid; worker_processes 1; error_log stderr info; events {}\n"
               "http { " PEER_NGINX_FOLDERS "ssl_certificate %s; ssl_certificate_key %s;\n"
               "server { listen 127.0.0.1:%d ssl; access_log off; return 302 https://localhost:%d/; }\n"
               "log_format p '$server_protocol $request_method $request_uri'; access_log access.log p;\n"
               "server { listen 127.0.0.1:%d http2; listen unix:%s http2; listen 127.0.0.1:%d ssl http2;\n"
               "listen unix:%s ssl http2;\n"
               "location / { return 200 pong; } location /gone { return 503; }\n"
               "location /here { return 302 /there; } location /round { return 302 /round; }\n"
               "location /away { return 302 http://example.com/; } } }\n",
               tls_file("good.pem"), tls_file("good.key"), older, secure, plain, peer_path("nginx.sock"), secure,
               peer_path("nginxs.sock"));
    server = peer_start("nginx.log",
                        (char *[]){ (char *)"/usr/sbin/nginx", (char *)"-p", (char *)peer_directory(), (char *)"-c",
                                    (char *)peer_path("nginx.conf"), (char *)"-e", (char *)"stderr", NULL });
    await(plainly("/"));
}

static void nginx_over_tcp_tls_and_unix_sockets(void **state)
{
    static const char *const faults[] = { "[error]", "[crit]", "[alert]", "PRI * HTTP/2.0", NULL };

    (void)state;
    start_nginx();
    expect(0, "  200 in ", plainly("/"), "-bpong", NULL);
    expect(0, "  200 in ", securely("/"), "-bpong", "-k");
    expect(0, "  200 in ", peer_text("http+unix://%s/a", peer_encoded("nginx.sock")), "-bpong", NULL);
    expect(0, "  200 in ", peer_text("https+unix://%s/b", peer_encoded("nginxs.sock")), "-bpong", "-k");
    expect(1, "  503, wanted 200-399\n", plainly("/gone"), NULL, NULL);
    expect(0, "  302 in ", plainly("/here"), NULL, NULL);
    expect(0, "  200 after 1 redirect in ", plainly("/here"), "--follow", "-bpong");
    expect(1, "  more than 10 redirects\n", plainly("/round"), "--follow", NULL);
    expect(1, "  redirect to another host\n", plainly("/away"), "--follow", NULL);
    for (int i = 0; i < 20; i++)
        expect(0, "  200 in ", plainly("/"), NULL, NULL);
    assert_false(peer_complains("nginx.log", 0, faults));
    char *log = peer_read("access.log");
    assert_has(log, "HTTP/2.0 GET /there\n");
    assert_has(log, "HTTP/2.0 GET /b\n");
    assert_lacks(log, "HTTP/1");
    free(log);
}

static const char *const node_program =
    "const h = require('http2'), fs = require('fs'), [, , port, key, cert] = process.argv\n"
    "const answer = (q, s) => {\n"
    "  if (q.url === '/slow') return setTimeout(() => s.end('late'), 5000)\n"
    "  if (q.url === '/stuck') { s.write('part'); return }\n"
    "  if (q.url === '/hints') s.writeEarlyHints({ link: '</a>; rel=preload' })\n"
    "  if (q.url === '/gzip') s.setHeader('content-encoding', 'gzip')\n"
    "  if (q.url === '/trailers') s.addTrailers({ 'x-end': 'yes' })\n"
    "  if (q.url === '/reset') return s.stream.close(h.constants.NGHTTP2_ENHANCE_YOUR_CALM)\n"
    "  s.setHeader('content-type', 'application/json')\n"
    "  s.end(JSON.stringify({ version: q.httpVersion, method: q.method, url: q.url, headers: q.headers }))\n"
    "}\n"
    "const server = key ? h.createSecureServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert), allowHTTP1: "
    "true "
    "}, answer) : h.createServer(answer)\n"
    "server.listen(+port, '127.0.0.1')\n";

static void start_node(int port, bool tls)
{
    peer_write("server.js", "%s", node_program);
    server = peer_start("node.log",
                        (char *[]){ (char *)"node", (char *)peer_path("server.js"), (char *)peer_text("%d", port),
                                    tls ? (char *)tls_file("good.key") : NULL, (char *)tls_file("good.pem"), NULL });
}

static void the_note_of_http1_is_about_the_last_answer(void **state)
{
    const char *target;

    (void)state;
    start_nginx();
    target = peer_text("https://localhost:%d/", older);
    expect(0, note, target, "-k", NULL);
    const struct run_result *result = peer_probe("--http2", "-kv", "--follow", target, NULL);
    assert_status(result, 0);
    assert_says(result, "  200 after 1 redirect in ");
    assert_says_not(result, note);
}

static void node_is_told_what_it_is_told_by_http1(void **state)
{
    (void)state;
    plain = peer_port();
    start_node(plain, false);
    await(plainly("/"));
    const struct run_result *result = peer_probe(
        "--http2", "-H", "X-Probe:  some value ", "-H", "Connection: close", "-H", "TE: gzip", "-H", "Cookie: a=b",
        "-H", "Accept:", "--user=name:secret", "--json=version=2.0", "--json=method=GET", "--json=url=/a%20b?c=d",
        "--json=headers[\":scheme\"]=http", "--json=headers[\"x-probe\"]=some value", "--json=headers.cookie=a=b",
        "--json=headers.authorization=Basic bmFtZTpzZWNyZXQ=", plainly("/a%20b?c=d"), NULL);
    assert_status(result, 0);
    expect(0, "200", plainly("/"), "--json", peer_text("headers[\":authority\"]=127.0.0.1:%d", plain));
    expect(1, "there is no headers.connection", plainly("/"), "-HConnection: close", "--json=headers.connection=close");
    expect(1, "there is no headers.te", plainly("/"), "-HTE: gzip", "--json=headers.te=gzip");
    expect(1, "there is no headers.accept", plainly("/"), "-HAccept:", "--json=headers.accept=x");
    expect(0, "200", plainly("/"), "-HHost: app.example", "--json=headers[\":authority\"]=app.example");
    expect(0, "200", plainly("/"), "-mOPTIONS", "--json=method=OPTIONS");
    char long_header[5000] = "-HX-Long: ";
    memset(long_header + 10, 'v', 4500);
    expect(0, "200", plainly("/"), long_header, "-bvvvvvvvvvvvvvvvvvvvv");
    assert_lacks(peer_probe("--http2", "--user=name:secret", plainly("/slow"), "-t200ms", NULL)->out, "secret");
}

static void node_answers_as_http2_can(void **state)
{
    (void)state;
    plain = peer_port();
    start_node(plain, false);
    await(plainly("/"));
    expect(0, "  200 in ", plainly("/hints"), "--json", "url=/hints");
    expect(0, "  200 in ", plainly("/trailers"), "--json", "url=/trailers");
    expect(0, "  200 in ", plainly("/gzip"), NULL, NULL);
    expect(1, "  the body is encoded (such as gzip) and cannot be searched\n", plainly("/gzip"), "-bx", NULL);
    expect(0, "  200 in ", plainly("/stuck"), NULL, NULL);
    expect(1, "  timed out after 300ms reading the body\n", plainly("/stuck"), "-bx", "-t300ms");
    expect(1, "  timed out after 300ms waiting for the answer\n", plainly("/slow"), "-t300ms", NULL);
    expect(1, "  server reset the stream (ENHANCE_YOUR_CALM)\n", plainly("/reset"), NULL, NULL);
}

static void with_tls_the_server_chooses(void **state)
{
    (void)state;
    secure = peer_port();
    start_node(secure, true);
    await(securely("/"));
    expect(0, "  200 in ", securely("/"), "-k", "--json=version=2.0");
    assert_says_not(peer_probe("--http2", "-kv", securely("/"), NULL), note);
    assert_status(peer_probe("-k", "--json=version=1.1", securely("/"), NULL), 0);
    secure = tls_serve("good", "-alpn", "http/1.1", NULL);
    expect(0, note, securely("/"), "-k", "-bs_server");
    tls_stop(state);
    secure = tls_serve("good", NULL);
    expect(0, note, securely("/"), "-k", NULL);
    tls_stop(state);
}

/* --- a server that sends what it is told to -------------------------------------------------------- */

/* Frames: length, type, flags, stream. Fields without compression: `\x88` is :status 200. */
#define SETTINGS         "\0\0\0\4\0\0\0\0\0"
#define HEADERS          "\0\0\1\1\4\0\0\0\1\x88"
#define HEADERS_AND_END  "\0\0\1\1\5\0\0\0\1\x88"
#define BLOCK(n, fields) "\0\0" n "\1\4\0\0\0\1" fields
#define INTERIM                                                                                                        \
    BLOCK("\5", "\x08\3"                                                                                               \
                "103")
#define FOUR(piece)  piece piece piece piece
#define DATA         "\0\0\2\0\0\0\0\0\1ok"
#define DATA_AND_END "\0\0\2\0\1\0\0\0\1ok"
#define TRAILERS     "\0\0\5\1\5\0\0\0\1\0\1a\1b"
#define GOAWAY(last) "\0\0\x08\7\0\0\0\0\0\0\0\0" last "\0\0\0\0"
#define RST          "\0\0\4\3\0\0\0\0\1\0\0\0\x07"
#define PING         "\0\0\x08\6\0\0\0\0\0pingping"
#define PUSH         "\0\0\5\5\4\0\0\0\1\0\0\0\2\x82"
#define ACKNOWLEDGED "\0\0\0\4\1\0\0\0\0"
#define RULES        "  server broke the rules of HTTP/2\n"
#define HEALTHY      "  200 in "

static const struct {
    const char *bytes;
    size_t length;
    const char *matcher;
    int status;
    const char *says;
} answers[] = {
    { BYTES(SETTINGS HEADERS_AND_END), NULL, 0, HEALTHY },
    { BYTES(SETTINGS HEADERS), NULL, 0, HEALTHY },
    { BYTES(SETTINGS PING HEADERS_AND_END), NULL, 0, HEALTHY },
    { BYTES(SETTINGS "\0\0\1\1\5\0\0\0\1\x8d"), NULL, 1, "  404, wanted 200-399\n" },
    { BYTES(SETTINGS HEADERS DATA_AND_END), "-bok", 0, HEALTHY },
    { BYTES(SETTINGS HEADERS DATA DATA TRAILERS), "-bokok", 0, HEALTHY },
    { BYTES(SETTINGS HEADERS DATA_AND_END DATA), "-bok", 0, HEALTHY },
    { BYTES(SETTINGS HEADERS_AND_END), "-bok", 1, "  the body does not contain 'ok'\n" },
    { BYTES(SETTINGS HEADERS DATA), "-bok", 1, "  connection closed while reading the body\n" },
    { BYTES("\0\0\6\4\0\0\0\0\0\0\4\0\0\0\0" HEADERS_AND_END), NULL, 0, HEALTHY }, /* a window of 0 */
    { BYTES(SETTINGS FOUR(FOUR(INTERIM)) HEADERS_AND_END), NULL, 0, HEALTHY },
    { BYTES(SETTINGS FOUR(FOUR(INTERIM)) INTERIM HEADERS_AND_END), NULL, 1,
      "  more than 16 interim (1xx) responses\n" },
    { BYTES(SETTINGS BLOCK("\5", "\x08\3"
                                 "101")),
      NULL, 1, RULES },
    { BYTES(SETTINGS BLOCK("\5", "\0\1a\1b")), NULL, 1, RULES },         /* no :status */
    { BYTES(SETTINGS BLOCK("\2", "\x88\x88")), NULL, 1, RULES },         /* twice */
    { BYTES(SETTINGS BLOCK("\7", "\x88\0\1a\1b\x88")), NULL, 1, RULES }, /* behind another field */
    { BYTES(SETTINGS BLOCK("\4", "\x08\2"
                                 "20")),
      NULL, 1, RULES },
    { BYTES(SETTINGS BLOCK("\5", "\x08\3"
                                 "2xx")),
      NULL, 1, RULES },
    { BYTES(SETTINGS BLOCK("\x0c", "\x88\0\6:other\1b")), NULL, 1, RULES },
    { BYTES(SETTINGS BLOCK("\6", "\x88\0\1A\1b")), NULL, 1, RULES },  /* a capital */
    { BYTES(SETTINGS BLOCK("\6", "\x88\0\1a\1\0")), NULL, 1, RULES }, /* a NUL */
    { BYTES(SETTINGS BLOCK("\7", "\x88\0\1a\2\r\n")), NULL, 1, RULES },
    { BYTES(SETTINGS BLOCK("\x13", "\x88\0\x0a"
                                   "connection\5close")),
      NULL, 1, RULES },
    { BYTES(SETTINGS "\0\0\2\1\5\0\0\0\1\xff\xff"), NULL, 1, RULES }, /* no HPACK */
    { BYTES(SETTINGS DATA HEADERS_AND_END), NULL, 1, RULES },
    { BYTES(SETTINGS PUSH HEADERS_AND_END), NULL, 0, HEALTHY }, /* it may not know yet that it must not */
    { BYTES(SETTINGS ACKNOWLEDGED PUSH HEADERS_AND_END), NULL, 1, RULES },
    { BYTES(SETTINGS "\0\x40\1\0\0\0\0\0\0x"), NULL, 1, RULES },       /* a frame of more than 16 KiB */
    { BYTES(SETTINGS "\0\0\1\x09\4\0\0\0\1\x88"), NULL, 1, RULES },    /* CONTINUATION of nothing */
    { BYTES(SETTINGS "\0\0\1\1\0\0\0\0\1\x88" PING), NULL, 1, RULES }, /* PING inside of a block */
    { BYTES(SETTINGS BLOCK("\5", "\x88\x0f\x0d\1"
                                 "5") DATA_AND_END),
      "-bok", 1, RULES }, /* a length that is wrong */
    { BYTES(SETTINGS BLOCK("\5", "\x88\x0f\x0d\1"
                                 "1") DATA_AND_END),
      "-bok", 1, RULES },
    { BYTES(SETTINGS BLOCK("\5", "\x88\x0f\x0d\1"
                                 "9") DATA),
      NULL, 0, HEALTHY },
    { BYTES(SETTINGS RST), NULL, 1, "  server reset the stream (REFUSED_STREAM)\n" },
    { BYTES(SETTINGS HEADERS RST), NULL, 0, HEALTHY },
    { BYTES(SETTINGS HEADERS DATA RST), "-bok", 1, "  server reset the stream before its end (REFUSED_STREAM)\n" },
    { BYTES(SETTINGS GOAWAY("\0")), NULL, 1, "  server is going away (NO_ERROR)\n" },
    { BYTES(SETTINGS GOAWAY("\1")), NULL, 1, "  server is going away (NO_ERROR)\n" },
    { BYTES(SETTINGS GOAWAY("\1") HEADERS_AND_END), NULL, 0, HEALTHY },
    { BYTES(SETTINGS HEADERS GOAWAY("\1")), "-bok", 1, "  server is going away (NO_ERROR)\n" },
    { BYTES(HEADERS_AND_END), NULL, 1, "  server does not speak HTTP/2\n" },
    { BYTES("HTTP/1.1 400 Bad Request\r\n\r\n"), NULL, 1, "  server speaks HTTP/1, not HTTP/2\n" },
    { BYTES("\x15\x03\x03\0\2\2\x16"), NULL, 1, "  server does not speak plain HTTP/2: is it TLS? (https://)\n" },
    { BYTES("220 mail ESMTP\r\n"), NULL, 1, "  server does not speak HTTP/2\n" },
    { BYTES(""), NULL, 1, "  connection closed while waiting for the answer\n" },
};

/* Probes a server that reads the request, does STEP and then THEN. */
static const struct run_result *probe_script(struct script_step step, enum script_verb then, const char *matcher)
{
    struct script_server peer;
    const struct script_step steps[] = { { .verb = SCRIPT_READ }, step, { .verb = then }, { .verb = SCRIPT_END } };

    script_start(&peer, "127.0.0.1", steps);
    const struct run_result *result =
        probe("--http2", "-t1s", format("http://127.0.0.1:%d/", peer.port), matcher, NULL);
    script_stop(&peer);
    assert_took(result, 0, 1000 + GRACE_MS);
    assert_count(result->out, "\n", 1);
    return result;
}

static void expect_answer(const struct run_result *result, size_t i, const char *how)
{
    if (result->status != answers[i].status || !strstr(result->out, answers[i].says))
        fail_msg("answer %zu %s: wanted %d and '%s', got %d: %s%s", i, how, answers[i].status, answers[i].says,
                 result->status, result->out, result->err);
}

/* Whether the verdict is there before the connection ends. */
static bool is_told_at_once(size_t i)
{
    static const char *const at_its_end[] = { "closed", "does not speak ", "going away" };
    bool at_once = answers[i].length > 0;

    for (size_t j = 0; j < COUNT(at_its_end); j++)
        at_once = at_once && !strstr(answers[i].says, at_its_end[j]);
    return at_once;
}

static void each_answer_has_its_verdict(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct script_step step = { SCRIPT_SEND, answers[i].bytes, answers[i].length, 0 };
        expect_answer(probe_script(step, SCRIPT_END, answers[i].matcher), i, "whole");
    }
}

/* Also where it comes byte by byte, and nothing behind it. */
static void no_verdict_waits_for_the_end_of_the_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct script_step step = { SCRIPT_SEND, answers[i].bytes, answers[i].length, 1 };
        if (!is_told_at_once(i))
            continue;
        expect_answer(probe_script(step, SCRIPT_HOLD, answers[i].matcher), i, "held");
        step.verb = SCRIPT_DRIP;
        expect_answer(probe_script(step, SCRIPT_HOLD, answers[i].matcher), i, "byte by byte");
    }
}

static void silence_ends_at_the_deadline(void **state)
{
    (void)state;
    assert_says(probe_script((struct script_step){ SCRIPT_SEND, BYTES(SETTINGS), 0 }, SCRIPT_HOLD, NULL),
                "  timed out after 1s waiting for the answer\n");
    assert_says(probe_script((struct script_step){ SCRIPT_SEND, BYTES(SETTINGS HEADERS), 0 }, SCRIPT_HOLD, "-bx"),
                "  timed out after 1s reading the body\n");
    assert_says(
        probe_script((struct script_step){ SCRIPT_DRIP, BYTES(SETTINGS FOUR(FOUR(PING))), 50 }, SCRIPT_HOLD, NULL),
        "  timed out after 1s waiting for the answer\n");
}

/* Whatever ends first: the deadline, the bytes, or a server that does not take our answers to it any more. */
static void expect_flood(const char *bytes, size_t length, const char *matcher, const char *says)
{
    const struct run_result *result =
        probe_script((struct script_step){ SCRIPT_REPEAT, bytes, length, 0 }, SCRIPT_END, matcher);

    assert_status(result, 1);
    assert_says(result, says);
    assert_in_range(result->usage.ru_maxrss, 1, 5 * 1024);
}

static void floods_are_bounded_in_time_and_memory(void **state)
{
    (void)state;
    expect_flood(BYTES(SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS SETTINGS), NULL, "FAIL ");
    expect_flood(BYTES(SETTINGS PING PING), NULL, "FAIL ");
    expect_flood(BYTES(SETTINGS "\0\0\4\x08\0\0\0\0\1\0\0\0\1"), NULL, "FAIL "); /* windows */
    expect_flood(BYTES(SETTINGS "\0\0\0\x0f\0\0\0\0\0"), NULL, "  server sent too much without an answer\n");
    expect_flood(BYTES(SETTINGS INTERIM INTERIM), NULL, "  more than 16 interim (1xx) responses\n");
}

/* SETTINGS and HEADERS, and then FRAME without end. */
static void expect_endless(const char *start, size_t start_length, const char *frame, size_t length, size_t times,
                           const char *matcher, const char *says)
{
    size_t total = start_length;
    char *bytes = malloc(start_length + times * length);

    assert_non_null(bytes);
    memcpy(bytes, start, start_length);
    for (; times > 0; times--, total += length)
        memcpy(bytes + total, frame, length);
    const struct run_result *result =
        probe_script((struct script_step){ SCRIPT_SEND, bytes, total, 0 }, SCRIPT_HOLD, matcher);
    assert_status(result, 1);
    assert_says(result, says);
    assert_in_range(result->usage.ru_maxrss, 1, 5 * 1024);
    free(bytes);
}

static void headers_without_end_are_given_up(void **state)
{
    static char block[9 + 16000];

    (void)state;
    memcpy(block, "\0\x3e\x80\x09\0\0\0\0\1", 9); /* CONTINUATION of 16,000 bytes */
    for (size_t i = 9; i < sizeof block; i += 5)
        memcpy(block + i, "\0\1a\1b", 5);
    expect_endless(BYTES(SETTINGS "\0\0\1\1\0\0\0\0\1\x88"), block, sizeof block, 20, NULL,
                   "  more than 256 header lines\n");
    expect_endless(BYTES(SETTINGS "\0\0\1\1\0\0\0\0\1\x88"), BYTES("\0\0\0\x09\0\0\0\0\1"), 100000, NULL, RULES);
}

/* A header of 3,900 bytes that is put into the table once and then named by one byte each. */
static void headers_that_unpack_to_much_are_given_up(void **state)
{
    static char bytes[8192];
    const size_t value = 3900, block = 1 + 1 + 1 + 2 + 3 + value + 100;
    size_t n = 0;

    (void)state;
    memcpy(bytes, SETTINGS, 9);
    memcpy(bytes + 9, (char[]){ 0, (char)(block >> 8), (char)(block & 0xff), 1, 4, 0, 0, 0, 1 }, 9);
    n = 18;
    memcpy(bytes + n, "\x88\x40\2xx\x7f\xbd\x1d", 8);
    n += 8;
    memset(bytes + n, 'v', value);
    n += value;
    memset(bytes + n, '\xbe', 100);
    n += 100;
    const struct run_result *result = probe_script((struct script_step){ SCRIPT_SEND, bytes, n, 0 }, SCRIPT_HOLD, NULL);
    assert_status(result, 1);
    assert_says(result, "  the header block is longer than 64 KiB\n");
}

static void as_many_headers_as_http1_may_have_are_good(void **state)
{
    static char bytes[9 + 9 + 1 + 5 * 257];

    (void)state;
    for (size_t lines = 256; lines <= 257; lines++) {
        size_t block = 1 + 5 * lines;
        memcpy(bytes, SETTINGS, 9);
        memcpy(bytes + 9, (char[]){ 0, (char)(block >> 8), (char)(block & 0xff), 1, 5, 0, 0, 0, 1, (char)0x88 }, 10);
        for (size_t i = 0; i < lines; i++)
            memcpy(bytes + 19 + 5 * i, "\0\1a\1b", 5);
        const struct run_result *result =
            probe_script((struct script_step){ SCRIPT_SEND, bytes, 18 + block, 0 }, SCRIPT_HOLD, NULL);
        assert_says(result, lines == 256 ? HEALTHY : "  more than 256 header lines\n");
    }
}

static void trailers_and_framing_are_bounded(void **state)
{
    static char trailers[9 + 5 * 300];

    (void)state;
    memcpy(trailers, (char[]){ 0, 1500 >> 8, (char)(1500 & 0xff), 1, 5, 0, 0, 0, 1 }, 9);
    for (size_t i = 9; i < sizeof trailers; i += 5)
        memcpy(trailers + i, "\0\1a\1b", 5);
    expect_endless(BYTES(SETTINGS HEADERS DATA), trailers, sizeof trailers, 1, "-bok",
                   "  more than 256 trailer lines\n");
    expect_endless(BYTES(SETTINGS HEADERS), BYTES("\0\0\0\0\0\0\0\0\1"), 100000, "-bok", "FAIL ");
}

/* --- options ----------------------------------------------------------------------------------- */

static void without_a_target_of_http_it_is_a_usage_error(void **state)
{
    (void)state;
    assert_complains(probe("--http2", "tcp://127.0.0.1:1", "grpc://127.0.0.1:1", NULL),
                     "healthcheck: --http2: there is no target of HTTP\n");
    assert_complains(probe("--http2", "redis://127.0.0.1", NULL), "there is no target of HTTP\n");
    assert_complains(probe("--http2", "fcgi://127.0.0.1:1", NULL), "there is no target of HTTP\n");
    probe_variables[0] = "HEALTHCHECK_HTTP2=1";
    assert_status(probe("file:///", NULL), 0);
    probe_variables[0] = NULL;
}

/* The library sends no block of fields that is longer. */
static void a_request_that_is_too_long_is_told(void **state)
{
    static char header[3 + 65536] = "-HX:";

    (void)state;
    memset(header + 4, 'v', 65000);
    assert_says(probe_script((struct script_step){ .verb = SCRIPT_SEND, .bytes = BYTES(SETTINGS HEADERS_AND_END) },
                             SCRIPT_END, header),
                HEALTHY);
    memset(header + 4, 'v', sizeof header - 5);
    assert_says(probe_script((struct script_step){ .verb = SCRIPT_SEND, .bytes = BYTES(SETTINGS HEADERS_AND_END) },
                             SCRIPT_END, header),
                "  the request's headers are longer than 64 KiB\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_request_has_all_that_its_protocol_asks_for, stop),
        cmocka_unit_test_teardown(nghttpd_by_prior_knowledge, stop),
        cmocka_unit_test_teardown(nghttpd_by_tls, stop),
        cmocka_unit_test_teardown(nginx_over_tcp_tls_and_unix_sockets, stop),
        cmocka_unit_test_teardown(the_note_of_http1_is_about_the_last_answer, stop),
        cmocka_unit_test_teardown(node_is_told_what_it_is_told_by_http1, stop),
        cmocka_unit_test_teardown(node_answers_as_http2_can, stop),
        cmocka_unit_test_teardown(with_tls_the_server_chooses, stop),
        cmocka_unit_test(each_answer_has_its_verdict),
        cmocka_unit_test(no_verdict_waits_for_the_end_of_the_connection),
        cmocka_unit_test(silence_ends_at_the_deadline),
        cmocka_unit_test(floods_are_bounded_in_time_and_memory),
        cmocka_unit_test(headers_without_end_are_given_up),
        cmocka_unit_test(headers_that_unpack_to_much_are_given_up),
        cmocka_unit_test(as_many_headers_as_http1_may_have_are_good),
        cmocka_unit_test(trailers_and_framing_are_bounded),
        cmocka_unit_test(a_request_that_is_too_long_is_told),
        cmocka_unit_test(without_a_target_of_http_it_is_a_usage_error),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
