/* What servers do to an HTTP/1.1 probe, row by row, over TCP and over a Unix socket, and the deadline that always
 * holds. */
#include "support/listener.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/test.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGS_MAX = 4, SOON_MS = 3000, MEMORY_KIB = 8192, INSTRUMENTED_KIB = 65536 };

/* clang-format off */
#define READ { .verb = SCRIPT_READ }
#define SEND(string) { .verb = SCRIPT_SEND, .bytes = string, .length = sizeof(string) - 1 }
#define REPEAT(string) { .verb = SCRIPT_REPEAT, .bytes = string, .length = sizeof(string) - 1 }
#define DRIP(string, time) { .verb = SCRIPT_DRIP, .bytes = string, .length = sizeof(string) - 1, .ms = time }
#define PAUSE(time) { .verb = SCRIPT_PAUSE, .ms = time }
#define HOLD { .verb = SCRIPT_HOLD }
#define RESET { .verb = SCRIPT_RESET }
#define NONE { 0 }
#define ARGS(...) { __VA_ARGS__ }
#define ROW(what, verdict, says, timeout, args, ...) { what, verdict, says, timeout, args, { __VA_ARGS__ } }
/* clang-format on */
#define HEAD         "HTTP/1.1 200 OK\r\n"
#define LETTERS_32   "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LETTERS_256  LETTERS_32 LETTERS_32 LETTERS_32 LETTERS_32 LETTERS_32 LETTERS_32 LETTERS_32 LETTERS_32
#define LETTERS_2048 LETTERS_256 LETTERS_256 LETTERS_256 LETTERS_256 LETTERS_256 LETTERS_256 LETTERS_256 LETTERS_256
#define BODY         "-b", "hello"

enum verdict { U, H };

struct row {
    const char *what;
    enum verdict verdict;
    const char *says;    /* what the line must hold */
    const char *timeout; /* the probe runs into its deadline; NULL: it must not */
    const char *args[ARGS_MAX];
    struct script_step steps[SCRIPT_STEPS_MAX];
};

static const struct row rows[] = {
    /* status lines */
    ROW("no reason phrase", H, "200 in", NULL, NONE, READ, SEND("HTTP/1.1 200\r\n\r\n")),
    ROW("LF only", H, "200 in", NULL, NONE, READ, SEND("HTTP/1.1 200 OK\nServer: x\n\n")),
    ROW("HTTP/1.0", H, "200 in", NULL, NONE, READ, SEND("HTTP/1.0 200 OK\r\n\r\n")),
    ROW("one leading CRLF", H, "200 in", NULL, NONE, READ, SEND("\r\nHTTP/1.1 200 OK\r\n\r\n")),
    ROW("HTTP/2.0", U, "not HTTP/1.x", NULL, NONE, READ, SEND("HTTP/2.0 200 OK\r\n\r\n")),
    ROW("ICY", U, "not HTTP/1.x", NULL, NONE, READ, SEND("ICY 200 OK\r\n\r\n")),
    ROW("lower case", U, "not HTTP/1.x", NULL, NONE, READ, SEND("http/1.1 200 OK\r\n\r\n")),
    ROW("HTTP/0.9", U, "not HTTP/1.x", NULL, NONE, READ, SEND("<html>welcome</html>")),
    ROW("two digits", U, "three digits", NULL, NONE, READ, SEND("HTTP/1.1 20 OK\r\n\r\n")),
    ROW("four digits", U, "three digits", NULL, NONE, READ, SEND("HTTP/1.1 2000 OK\r\n\r\n")),
    ROW("2xx", U, "three digits", NULL, NONE, READ, SEND("HTTP/1.1 2xx OK\r\n\r\n")),
    ROW("-200", U, "three digits", NULL, NONE, READ, SEND("HTTP/1.1 -200 OK\r\n\r\n")),
    ROW("the code in two segments", U, "503, wanted", NULL, NONE, READ, SEND("HTTP/1.1 5"), PAUSE(60),
        SEND("03 Sorry\r\n\r\n")),
    ROW("the code in two segments, healthy", H, "200 in", NULL, NONE, READ, SEND("HTTP/1.1 20"), PAUSE(60),
        SEND("0 OK\r"), PAUSE(60), SEND("\n\r\n")),
    ROW("a third digit that never comes", U, "timed out after 500ms reading the status line", "500ms", NONE, READ,
        SEND("HTTP/1.1 20"), HOLD),
    /* ends */
    ROW("EOF inside the status line", U, "connection closed while reading the status line", NULL, NONE, READ,
        SEND("HTTP/1.1 2")),
    ROW("EOF before any byte", U, "connection closed while waiting for the status line", NULL, NONE, READ),
    ROW("EOF inside the headers", U, "connection closed while reading the headers", NULL, NONE, READ,
        SEND(HEAD "Server: x\r\n")),
    ROW("RST after the request", U, "connection reset", NULL, NONE, READ, RESET),
    ROW("RST before the request", U, "connection ", NULL, NONE, RESET),
    ROW("FIN before the request", U, "connection ", NULL, NONE, PAUSE(1)),
    /* TLS on a plain port */
    ROW("TLS alert", U, "the answer is not HTTP: is it TLS? (https://)", NULL, NONE, READ,
        SEND("\x15\x03\x01\x00\x02\x02\x46")),
    ROW("TLS handshake record", U, "the answer is not HTTP: is it TLS? (https://)", NULL, NONE, READ,
        SEND("\x16\x03\x03\x00\x2a\x02\x00\x00\x26")),
    /* interim responses */
    ROW("100, 102, 103 and then 200", H, "200 in", NULL, NONE, READ,
        SEND("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 P\r\nX: y\r\n\r\n"), PAUSE(30),
        SEND("HTTP/1.1 103 Hints\r\n\r\n" HEAD "\r\n")),
    ROW("1xx without end", U, "interim", NULL, NONE, READ, REPEAT("HTTP/1.1 102 Processing\r\n\r\n")),
    ROW("101", U, "101, wanted", NULL, NONE, READ, SEND("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
        HOLD),
    ROW("304 that is not in the list", U, "304, wanted 200-299", NULL, ARGS("-s", "200-299"), READ,
        SEND("HTTP/1.1 304 Not Modified\r\n\r\n"), HOLD),
    /* no body to wait for */
    ROW("204 has no body", U, "does not contain", NULL, ARGS(BODY), READ,
        SEND("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"), HOLD),
    ROW("304 has no body", U, "does not contain", NULL, ARGS(BODY), READ,
        SEND("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"), HOLD),
    ROW("HEAD has no body", H, "200 in", NULL, ARGS("-m", "HEAD"), READ, SEND(HEAD "Content-Length: 1000\r\n\r\n"),
        HOLD),
    ROW("204, healthy at once", H, "204 in", NULL, NONE, READ, SEND("HTTP/1.1 204 No Content\r\n\r\n"), HOLD),
    /* redirects */
    ROW("a redirect is an answer", H, "302 in", NULL, NONE, READ,
        SEND("HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n\r\n")),
    ROW("a redirect loop", U, "more than 10 redirects", NULL, ARGS("--follow"), READ,
        SEND("HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n")),
    ROW("a redirect to another host", U, "redirect to another host", NULL, ARGS("--follow"), READ,
        SEND("HTTP/1.1 301 Moved\r\nLocation: http://example.com/\r\n\r\n")),
    ROW("a redirect with a CR", U, "CR stands without its LF", NULL, ARGS("--follow"), READ,
        SEND("HTTP/1.1 301 Moved\r\nLocation: /a\rb\r\n\r\n")),
    ROW("a redirect with a line in it", U, "malformed", NULL, ARGS("--follow"), READ,
        SEND("HTTP/1.1 301 Moved\r\nLocation: /a\r\n b\r\n\r\n")),
    ROW("a redirect to a socket", U, "another scheme", NULL, ARGS("--follow"), READ,
        SEND("HTTP/1.1 301 Moved\r\nLocation: unix:/run/docker.sock\r\n\r\n")),
    ROW("a redirect that is too long", U, "redirect to a URL that is too long", NULL, ARGS("--follow"), READ,
        SEND("HTTP/1.1 301 Moved\r\nLocation: /"), SEND(LETTERS_2048), SEND(LETTERS_2048), SEND(LETTERS_2048),
        SEND(LETTERS_2048), SEND("\r\n\r\n")),
    ROW("a redirect without Location", H, "301 in", NULL, ARGS("--follow"), READ, SEND("HTTP/1.1 301 Moved\r\n\r\n")),
    /* headers */
    ROW("obs-fold", H, "200 in", NULL, ARGS(BODY), READ, SEND(HEAD "X: a\r\n folded\r\nContent-Length: 5\r\n\r\nhello"),
        HOLD),
    ROW("a space before the colon", U, "before its colon", NULL, NONE, READ, SEND(HEAD "Server : x\r\n\r\n")),
    ROW("NUL in a header", U, "NUL", NULL, NONE, READ, SEND(HEAD "Server: a\0b\r\n\r\n")),
    ROW("a line without a colon", U, "no colon", NULL, NONE, READ, SEND(HEAD "Server\r\n\r\n")),
    ROW("a header line without end", U, "longer than 64 KiB", NULL, NONE, READ, SEND(HEAD "X: "),
        REPEAT("xxxxxxxxxxxxxxxx")),
    ROW("header lines without end", U, "256 header lines", NULL, NONE, READ, SEND(HEAD), REPEAT("X: y\r\n")),
    ROW("a status line without end", U, "longer than 64 KiB", NULL, NONE, READ, SEND("HTTP/1.1 200 "),
        REPEAT("xxxxxxxxxxxxxxxx")),
    ROW("a folded header without end", U, "256 header lines", NULL, NONE, READ, SEND(HEAD "X: y\r\n"),
        REPEAT(" z\r\n")),
    /* slow */
    ROW("a slow status line", U, "timed out after 1s reading the status line", "1s", NONE, READ,
        DRIP("HTTP/1.1 200 OK\r\n\r\n", 900)),
    ROW("slow headers", U, "timed out after 1s reading the headers", "1s", NONE, READ, SEND(HEAD),
        DRIP("Server: nginx\r\n\r\n", 900)),
    ROW("a slow body", U, "timed out after 1s reading the body", "1s", ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 5\r\n\r\n"), DRIP("hello", 900)),
    ROW("quick drops without end", U, "timed out after 400ms reading the body", "400ms", ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n"),
        DRIP("1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n1\r\nx\r\n", 30)),
    ROW("silence", U, "timed out after 400ms waiting for the status line", "400ms", NONE, READ, HOLD),
    ROW("silence before the request is read", U, "timed out after 400ms waiting for the status line", "400ms", NONE,
        HOLD),
    /* the end of the answer */
    ROW("kept open after the head", H, "200 in", NULL, NONE, READ, SEND(HEAD "Content-Length: 1000000\r\n\r\n"), HOLD),
    ROW("kept open after a counted body", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 5\r\n\r\nhello"), HOLD),
    ROW("kept open after the last chunk", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), HOLD),
    ROW("a body without end that nobody needs", H, "200 in", NULL, NONE, READ, SEND(HEAD "\r\n"),
        REPEAT("xxxxxxxxxxxxxxxx")),
    ROW("a body without end that is searched", U, "does not contain 'hello' in its first MiB", NULL, ARGS(BODY), READ,
        SEND(HEAD "\r\n"), REPEAT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")),
    ROW("a JSON body without end", U, "too long to be read as JSON", NULL, ARGS("--json", "a=1"), READ,
        SEND(HEAD "\r\n"), REPEAT(" ")),
    ROW("a slow expression", U, "timed out after 500ms matching the body", "500ms",
        ARGS("--body-regex", "((a|aa){1,100}){1,3}b$"), READ, SEND(HEAD "\r\n"),
        REPEAT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")),
    /* lengths */
    ROW("a body that is too short", U, "closed inside the body", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 50\r\n\r\nhello")),
    ROW("bytes in excess", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 5\r\n\r\nhelloHTTP/1.1 500 No\r\n\r\n")),
    ROW("bytes in excess do not match", U, "does not contain", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 3\r\n\r\nabchello")),
    ROW("lengths that differ", U, "differs", NULL, NONE, READ,
        SEND(HEAD "Content-Length: 5\r\nContent-Length: 6\r\n\r\n")),
    ROW("lengths that agree", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello"), HOLD),
    ROW("a negative length", U, "not a number", NULL, NONE, READ, SEND(HEAD "Content-Length: -5\r\n\r\n")),
    ROW("a length with a sign", U, "not a number", NULL, NONE, READ, SEND(HEAD "Content-Length: +5\r\n\r\n")),
    ROW("a length that overflows", U, "too large", NULL, NONE, READ,
        SEND(HEAD "Content-Length: 18446744073709551617\r\n\r\n")),
    ROW("chunked beats a length", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"), HOLD),
    /* chunks */
    ROW("chunk extensions and trailers", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0;x\r\nTrailer: y\r\n\r\n"), HOLD),
    ROW("a bad chunk size", U, "chunk's size", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n")),
    ROW("a chunk of 2^64 bytes", U, "chunk is too large", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nhello\r\n0\r\n\r\n")),
    ROW("EOF before the last chunk", U, "closed inside the body", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")),
    ROW("trailers without end", U, "64 KiB", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: "), REPEAT("xxxxxxxxxxxxxxxx")),
    ROW("a chunk's size without end", U, "size line is longer than 64 KiB", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n"), REPEAT("0000000000000000")),
    ROW("a chunk's extension without end", U, "size line is longer than 64 KiB", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5;"), REPEAT("xxxxxxxxxxxxxxxx")),
    ROW("small chunks with large extensions", U, "framing of the chunks is longer than 8 MiB", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n"), REPEAT("1;" LETTERS_2048 "\r\nx\r\n")),
    ROW("gzip that nobody asked for", U, "gzip", NULL, ARGS(BODY), READ,
        SEND(HEAD "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08hello")),
    ROW("gzip without a matcher", H, "200 in", NULL, NONE, READ,
        SEND(HEAD "Content-Encoding: gzip\r\n\r\n\x1f\x8b\x08")),
    /* matches */
    ROW("a match that straddles two reads", H, "200 in", NULL, ARGS(BODY), READ, SEND(HEAD "\r\n...hel"), PAUSE(60),
        SEND("lo...")),
    ROW("a match that straddles two chunks", H, "200 in", NULL, ARGS(BODY), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n"), PAUSE(60), SEND("2\r\nlo\r\n0\r\n\r\n")),
    ROW("an expression that straddles two chunks", H, "200 in", NULL, ARGS("--body-regex", "^h[el]+o$"), READ,
        SEND(HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nx\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), HOLD),
    ROW("a text behind a NUL", H, "200 in", NULL, ARGS(BODY), READ, SEND(HEAD "Content-Length: 9\r\n\r\na\nb\0hello"),
        HOLD),
    ROW("an expression behind a NUL", U, "does not match", NULL, ARGS("--body-regex", "hello"), READ,
        SEND(HEAD "Content-Length: 9\r\n\r\na\nb\0hello"), HOLD),
    ROW("an expression at a line", H, "200 in", NULL, ARGS("--body-regex", "^b$"), READ,
        SEND(HEAD "Content-Length: 9\r\n\r\na\nb\nhello"), HOLD),
    ROW("no line in an expression's dot", U, "does not match", NULL, ARGS("--body-regex", "a.b"), READ,
        SEND(HEAD "Content-Length: 9\r\n\r\na\nb\nhello"), HOLD),
    ROW("JSON with garbage behind it", U, "not JSON", NULL, ARGS("--json", "a=1"), READ,
        SEND(HEAD "Content-Length: 9\r\n\r\n{\"a\":1}xx"), HOLD),
    ROW("JSON that is cut off", U, "not JSON", NULL, ARGS("--json", "a=1"), READ,
        SEND(HEAD "Content-Length: 6\r\n\r\n{\"a\":1}"), HOLD),
    ROW("a body with ESC in it", U, "JSON: a is not '2'", NULL, ARGS("--json", "a=2"), READ,
        SEND(HEAD "\r\n{\"a\":\"\\u001b[31m\"}")),
    ROW("NUL, ESC and invalid UTF-8 in the status line", U, "500, wanted 200-399", NULL, NONE, READ,
        SEND("HTTP/1.1 500 \x1b[31m\xff\xfe\r\n\r\n")),
    ROW("an early answer", U, "413, wanted", NULL, NONE, SEND("HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\n"),
        HOLD),
};

static bool is_utf8_without_controls(const char *line)
{
    for (; *line && *line != '\n'; line++)
        if ((unsigned char)*line < ' ' || (unsigned char)*line >= 0x7f)
            return false;
    return line[0] == '\n' && line[1] == '\0';
}

static int64_t bound_of(const struct row *row)
{
    if (!row->timeout)
        return SOON_MS;
    return (strstr(row->timeout, "ms") ? atoi(row->timeout) : 1000 * atoi(row->timeout)) + GRACE_MS;
}

/* One line that says so, in little memory, no later than the deadline, and from a healthy server at once. */
static void assert_row(const struct row *row, const char *url)
{
    const struct run_result *result =
        probe("-t", row->timeout ? row->timeout : "5s", url, row->args[0], row->args[1], row->args[2], NULL);

    if (result->status != (row->verdict == H ? 0 : 1))
        fail_msg("%s: status %d: %s%s", row->what, result->status, result->out, result->err);
    if (row->says && !strstr(result->out, row->says))
        fail_msg("%s: '%s' is not in %s", row->what, row->says, result->out);
    if (strncmp(result->out, row->verdict == H ? "ok    " : "FAIL  ", 6) != 0 || !is_utf8_without_controls(result->out))
        fail_msg("%s: a bad line: %s", row->what, result->out);
    assert_string_equal(result->err, "");
    if (result->usage.ru_maxrss > (getenv("PITH_INSTRUMENTED") ? INSTRUMENTED_KIB : MEMORY_KIB))
        fail_msg("%s: took %ld KiB", row->what, result->usage.ru_maxrss);
    if (result->ms - result->stall_ms > bound_of(row))
        fail_msg("%s: took %lld ms", row->what, (long long)result->ms);
}

static struct script_server server;

static void tcp_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        script_start(&server, "127.0.0.1", rows[i].steps);
        assert_row(&rows[i], format("http://127.0.0.1:%u/", server.port));
        script_stop(&server);
    }
}

static void unix_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (strstr(rows[i].what, "RST")) /* there is none on a Unix socket */
            continue;
        script_start_unix(&server, rows[i].steps);
        assert_row(&rows[i], peer_socket_url("http+unix", server.path));
        script_stop(&server);
    }
}

/* A long request that the server never reads: the answer that came early counts. */
static void an_early_answer_beats_a_request_that_is_not_sent(void **state)
{
    static const struct script_step early[] = { SEND("HTTP/1.1 503 Busy\r\n\r\n"), HOLD, { .verb = SCRIPT_END } };
    char *header = malloc(131072 - 64);

    (void)state;
    memset(header, 'x', 131072 - 64);
    memcpy(header, "X-Long: ", 8);
    header[131072 - 65] = '\0';
    script_start(&server, "127.0.0.1", early);
    const char *url = format("http://127.0.0.1:%u/", server.port);
    const struct run_result *result = probe("-t", "2s", url, "-H", header, "-H", header, "-H", header, "-H", header,
                                            "-H", header, "-H", header, "-H", header, "-H", header, NULL);
    assert_status(result, 1);
    assert_says(result, "503, wanted");
    assert_took(result, 0, SOON_MS);
    script_stop(&server);
    free(header);
}

static void localhost_is_both_families(void **state)
{
    static const struct script_step good[] = { READ, SEND(HEAD "\r\n"), { .verb = SCRIPT_END } };
    static const char *const addresses[] = { "127.0.0.1", "::1" };

    (void)state;
    for (size_t i = 0; i < COUNT(addresses); i++) {
        script_start(&server, addresses[i], good);
        assert_status(probe(format("http://localhost:%u/", server.port), NULL), 0);
        assert_status(probe(format(":%u", server.port), NULL), 0);
        assert_status(probe(format("tcp://localhost:%u", server.port), NULL), 0);
        const char *peer = format(i == 0 ? "      127.0.0.1:%u  " : "      [::1]:%u  ", server.port);
        assert_says(probe("-v", format("tcp://localhost:%u", server.port), NULL), peer);
        assert_status(probe(i == 0 ? "-4" : "-6", format(":%u", server.port), NULL), 0);
        assert_status(probe(i == 0 ? "-6" : "-4", format(":%u", server.port), NULL), 1);
        script_stop(&server);
    }
}

static void a_closed_port_is_refused_on_both_families(void **state)
{
    (void)state;
    const struct run_result *result = probe(format("tcp://localhost:%u", script_free_port("127.0.0.1")), NULL);
    assert_status(result, 1);
    assert_says(result, "connection refused (127.0.0.1, ::1)");
}

static void a_connect_that_nobody_answers_ends_at_the_deadline(void **state)
{
    struct full_port full = listener_fill();

    (void)state;
    const struct run_result *result = probe("-t", "400ms", format("tcp://127.0.0.1:%d", full.port), NULL);
    assert_status(result, 1);
    assert_says(result, "timed out after 400ms connecting (127.0.0.1)");
    assert_took(result, 400, 400 + GRACE_MS);
    listener_drain(&full);
}

static bool is_connecting(void *port)
{
    char wanted[32], line[256];
    FILE *sockets = fopen("/proc/net/tcp", "r");
    bool found = false;

    snprintf(wanted, sizeof wanted, "0100007F:%04X 02 ", *(int *)port);
    while (!found && fgets(line, sizeof line, sockets))
        found = strstr(line, wanted) != NULL;
    fclose(sockets);
    return found;
}

/* The kernel asks once more after a second. */
static void a_connection_that_takes_a_moment_is_taken(void **state)
{
    struct full_port full = listener_fill();
    char *const argv[] = { (char *)(uintptr_t)probe_binary(), format("tcp://127.0.0.1:%d", full.port),
                           (char *)(uintptr_t) "-t15s", NULL };
    static struct run_result result;
    struct run_child child;

    (void)state;
    for (size_t i = 1; i < COUNT(full.fillers); i++) /* those that the backlog has no room for */
        close(full.fillers[i]);
    run_start(&child, NULL, argv);
    await(is_connecting, &full.port, "a connect to the full port");
    int filler = accept(full.fd, NULL, NULL);
    run_finish(&child, &result);
    assert_status(&result, 0);
    assert_says(&result, "connected in ");
    close(filler);
    close(full.fillers[0]);
    close(full.fd);
}

/* Each piece comes soon, the last one too late. */
static void a_short_deadline_holds_over_several_waits(void **state)
{
    static const struct script_step late[] = { READ,         PAUSE(15), SEND("HTTP/1.1"), PAUSE(15),
                                               SEND(" 200"), PAUSE(15), SEND("\r\n\r\n"), { .verb = SCRIPT_END } };

    (void)state;
    script_start(&server, "127.0.0.1", late);
    const struct run_result *result = probe("-t", "25ms", format("http://127.0.0.1:%u/", server.port), NULL);
    if (result->stall_ms < 10) { /* else the last piece may have been there when the probe could look */
        assert_status(result, 1);
        assert_says(result, "timed out after 25ms reading the status line");
    }
    script_stop(&server);
}

/* A Unix socket whose backlog is full: connect(2) waits there. */
struct full_socket {
    int fd, filler;
    struct sockaddr_un address;
    const char *target;
};

static struct full_socket fill_socket(void)
{
    struct full_socket full = { .fd = socket(AF_UNIX, SOCK_STREAM, 0),
                                .filler = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0),
                                .address.sun_family = AF_UNIX };
    const struct sockaddr *address = (const struct sockaddr *)&full.address;

    snprintf(full.address.sun_path, sizeof full.address.sun_path, "/tmp/pith-backlog-%s", scratch_word());
    unlink(full.address.sun_path);
    assert_int_equal(bind(full.fd, address, sizeof full.address), 0);
    assert_int_equal(listen(full.fd, 0), 0);
    assert_int_equal(connect(full.filler, address, sizeof full.address), 0);
    full.target = format("unix://%s", full.address.sun_path);
    return full;
}

static void close_socket(const struct full_socket *full)
{
    close(full->filler);
    close(full->fd);
    unlink(full->address.sun_path);
}

static void a_full_backlog_of_a_unix_socket_ends_at_the_deadline(void **state)
{
    struct full_socket full = fill_socket();
    const struct run_result *result = probe("-t", "400ms", full.target, NULL);

    (void)state;
    assert_status(result, 1);
    assert_says(result, "timed out after 400ms connecting");
    assert_took(result, 400, 400 + GRACE_MS);
    close_socket(&full);
}

/* Once it is connected there is little time left, and no answer comes. */
static void what_a_full_backlog_has_delayed_ends_at_the_deadline_too(void **state)
{
    struct full_socket full = fill_socket();
    char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t) "-t200ms",
                           (char *)(uintptr_t)format("http+unix://%%2Ftmp%%2Fpith-backlog-%s/", scratch_word()), NULL };
    static struct run_result result;
    struct run_child child;

    (void)state;
    run_start(&child, NULL, argv);
    await_state(child.pid, 'S');
    usleep(185 * 1000);
    int filler = accept(full.fd, NULL, NULL); /* makes room: the probe is connected */
    run_finish(&child, &result);
    assert_says(&result, "timed out after 200ms ");
    assert_took(&result, 200, 200 + GRACE_MS);
    close(filler);
    close_socket(&full);
}

/* Being stopped interrupts connect(2) where it has a timeout (signal(7)). */
static void a_probe_that_was_stopped_goes_on_connecting(void **state)
{
    struct full_socket full = fill_socket();
    char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)(uintptr_t) "-t", (char *)(uintptr_t) "1s",
                           (char *)(uintptr_t)full.target, NULL };
    static struct run_result result;
    struct run_child child;

    (void)state;
    run_start(&child, NULL, argv);
    await_state(child.pid, 'S');
    kill(child.pid, SIGSTOP);
    await_state(child.pid, 'T');
    kill(child.pid, SIGCONT);
    run_finish(&child, &result);
    assert_status(&result, 1);
    assert_says(&result, "timed out after 1s connecting");
    assert_took(&result, 1000, 1000 + GRACE_MS);
    close_socket(&full);
}

/* Accepted only by the backlog: a connection, but no answer. */
static void a_server_that_never_accepts_answers_nothing(void **state)
{
    int port, fd = listener_open(8, &port);

    (void)state;
    assert_status(probe(format("tcp://127.0.0.1:%d", port), NULL), 0);
    const struct run_result *result = probe("-t", "300ms", format("http://127.0.0.1:%d", port), NULL);
    assert_status(result, 1);
    assert_says(result, "timed out after 300ms waiting for the status line");
    assert_took(result, 300, 300 + GRACE_MS);
    close(fd);
}

/* Listens at an abstract name, or at a path: a descriptor. */
static int listen_at(const char *name, size_t length)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    memcpy(address.sun_path, name, length);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)), 0);
    assert_int_equal(listen(fd, 8), 0);
    return fd;
}

/* The names of the abstract sockets are not strings: a NUL behind one would make it another. */
static void an_abstract_socket_is_found_by_its_name_and_no_other(void **state)
{
    const char *name = format("pith-abstract-%s", scratch_word()), *wanted = format("@%s", name);
    int fd = listen_at(format("%c%s", '\0', name), strlen(name) + 1);

    (void)state;
    assert_says(probe(format("unix://%s", wanted), NULL), format("ok    unix://%s  connected", wanted));
    assert_says(probe("-t", "200ms", format("http+unix://%%40%s/", name), NULL), "timed out after 200ms waiting");
    assert_status(probe(format("unix://%s0", wanted), NULL), 1);
    assert_status(probe(format("unix://@%.*s", (int)strlen(name) - 1, name), NULL), 1);
    assert_status(probe(format("unix:///%s", name), NULL), 1);
    close(fd);
    assert_status(probe(format("unix://%s", wanted), NULL), 1);
}

/* sun_path has 108 bytes, and a path one NUL. */
static void the_longest_names_of_sockets_are_connected_to(void **state)
{
    char name[109] = "", path[109];
    int length = snprintf(path, sizeof path, "/tmp/pith-longest-%s-", scratch_word());

    (void)state;
    memset(name + 1, 'n', 106);
    memset(path + length, 'p', 107 - (size_t)length);
    path[107] = '\0';
    int abstract = listen_at(name, 107), file = listen_at(path, 108);
    assert_status(probe(format("unix://@%s", name + 1), NULL), 0);
    assert_status(probe(format("unix://%s", path), NULL), 0);
    assert_complains(probe(format("unix://@%sn", name + 1), NULL), "is longer than a socket's path can be");
    assert_complains(probe(format("unix://%sp", path), NULL), "is longer than a socket's path can be");
    close(abstract);
    close(file);
    unlink(path);
}

/* In a network where the only port to connect from is the one to connect to, which is closed. */
static void a_probe_that_meets_itself_is_unhealthy(void **state)
{
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0) {
        if (unshare(CLONE_NEWNET) != 0 || system("ip link set lo up && "
                                                 "echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range") != 0)
            _exit(2);
        const struct run_result *result = probe("tcp://127.0.0.1:40000", NULL);
        _exit(result->status != 1 || !strstr(result->out, "the socket was connected to itself"));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcp_rows),
        cmocka_unit_test(unix_rows),
        cmocka_unit_test(an_early_answer_beats_a_request_that_is_not_sent),
        cmocka_unit_test(localhost_is_both_families),
        cmocka_unit_test(a_closed_port_is_refused_on_both_families),
        cmocka_unit_test(a_connect_that_nobody_answers_ends_at_the_deadline),
        cmocka_unit_test(a_connection_that_takes_a_moment_is_taken),
        cmocka_unit_test(a_short_deadline_holds_over_several_waits),
        cmocka_unit_test(a_full_backlog_of_a_unix_socket_ends_at_the_deadline),
        cmocka_unit_test(what_a_full_backlog_has_delayed_ends_at_the_deadline_too),
        cmocka_unit_test(a_probe_that_was_stopped_goes_on_connecting),
        cmocka_unit_test(a_server_that_never_accepts_answers_nothing),
        cmocka_unit_test(an_abstract_socket_is_found_by_its_name_and_no_other),
        cmocka_unit_test(the_longest_names_of_sockets_are_connected_to),
        cmocka_unit_test(a_probe_that_meets_itself_is_unhealthy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
