/*
 * fcgi: FastCGI, as php-fpm speaks it. The probe asks for php-fpm's ping page (ping.path in its configuration), which
 * is answered by "pong" without running a script. Where the user says what a page has to be like (-s, -b, --json), any
 * other may be asked for, such as php-fpm's status page (pm.status_path), and is judged as an answer of HTTP.
 */
#include "healthcheck/probes/fastcgi.h"

#include "healthcheck/http/body.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/sys/memory.h"

#include <string.h>

enum {
    BEGIN_REQUEST = 1, /* types of records that we send */
    PARAMS = 4,
    STDIN = 5,
    RESPONDER = 1,
    PONG_MAX = 2048,                                 /* bytes of an answer that are looked at for a pong */
    PAGE_MAX = HTTP_HEADER_BYTES_MAX + BODY_MAX + 1, /* a byte more than the body tells whether that is longer */
    PATH_MAX_LENGTH = 1024,
};

enum reply fcgi_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    char collected[PONG_MAX];
    struct fcgi_answer answer;
    struct fcgi_page page = { 0 };

    fcgi_begin(&answer, collected, sizeof collected);
    enum reply reply = fcgi_feed(&answer, bytes, length);
    if (reply == REPLY_COMPLETE)
        reply = fcgi_conclude(&answer, &page, result);
    if (reply != REPLY_COMPLETE || page.status == 0)
        return reply;
    if (page.status != FCGI_STATUS_OK || !span_equal(page.body, (struct span){ LITERAL("pong") }))
        return reply_number(result, "no pong but status", page.status, NULL);
    result_ok(result, "pong", NULL);
    return REPLY_COMPLETE;
}

static void put_record(struct text *out, uint8_t type, const char *content, size_t size)
{
    const char header[FCGI_HEADER] = { FCGI_VERSION, (char)type, 0, FCGI_REQUEST, (char)(size >> 8), (char)size, 0, 0 };

    text_bytes(out, header, sizeof header);
    text_bytes(out, content, size);
}

/* Appends the length of a name or value: one byte, or four, whose highest bit is set. */
static void put_length(struct text *out, size_t length)
{
    if (length > 127) {
        text_char(out, (char)0x80);
        text_char(out, 0);
        text_char(out, (char)(length >> 8));
    }
    text_char(out, (char)length);
}

static void put_fcgi_parameter(struct text *out, const char *name, struct span value)
{
    put_length(out, strlen(name));
    put_length(out, value.length);
    text_string(out, name);
    text_bytes(out, value.at, value.length);
}

/*
 * The file to run, SCRIPT_FILENAME. php-fpm finds its ping page by SCRIPT_NAME, but wants a file to be named, too. It
 * never runs a file whose name has ".." in it, whatever its document root and extensions are. So no URL can make it run
 * a script.
 */
static const struct span no_script = { LITERAL("/..") };

/* QUERY has no words but those that kinds.def lists, which php-fpm's status page knows. */
static void put_request(struct text *out, struct span path, struct span query)
{
    struct span uri = { path.at, path.length + (query.length > 0 ? 1 + query.length : 0) };
    static const char begin[] = { 0, RESPONDER, 0, 0, 0, 0, 0, 0 };
    char bytes[3 * PATH_MAX_LENGTH];
    struct text parameters = { bytes, sizeof bytes, 0 };

    put_fcgi_parameter(&parameters, "REQUEST_METHOD", (struct span){ LITERAL("GET") });
    put_fcgi_parameter(&parameters, "SCRIPT_NAME", path);
    put_fcgi_parameter(&parameters, "SCRIPT_FILENAME", no_script);
    put_fcgi_parameter(&parameters, "REQUEST_URI", uri);
    put_fcgi_parameter(&parameters, "QUERY_STRING", query);
    put_record(out, BEGIN_REQUEST, begin, sizeof begin);
    put_record(out, PARAMS, bytes, text_kept(&parameters));
    put_record(out, PARAMS, LITERAL(""));
    put_record(out, STDIN, LITERAL(""));
}

const char *fcgi_check(struct target *target, struct span *what)
{
    if (!target->query.at || target->path.length > 1)
        return NULL;
    *what = (struct span){ target->query.at - 1, target->query.length + 1 };
    return "needs the path of a page in front of it";
}

/* Whether the user says what a page has to be like. Else it is a pong that is waited for. */
static bool wants_page(const struct matchers *matchers)
{
    return matchers->range_count > 0 || matchers_any(matchers);
}

/* Judges the first bytes alone. */
static enum reply judge_beginning(const uint8_t *bytes, size_t length, struct result *result)
{
    (void)length;
    result_ok(result, "answers", NULL);
    return bytes[0] == FCGI_VERSION ? REPLY_COMPLETE : REPLY_BAD;
}

static bool is_no_fcgi(struct probe *probe)
{
    return result_fail(probe->result, "does not speak ", probe->target->kind->scheme, NULL);
}

/* Reads what follows the bytes that DIALOGUE has of the answer. */
static bool read_page(struct dialogue *dialogue, struct fcgi_answer *answer)
{
    struct conn *conn = &dialogue->probe->conn;
    enum reply reply = fcgi_feed(answer, dialogue->bytes, dialogue->length);

    conn_phase(conn, "reading the page");
    while (reply == REPLY_PARTIAL) {
        ssize_t n = conn_read(conn, dialogue->bytes, ANSWER_MAX);
        if (n <= 0)
            return conn_explain_end(conn, n, dialogue->probe->result);
        reply = fcgi_feed(answer, dialogue->bytes, (size_t)n);
    }
    return reply == REPLY_COMPLETE ? true : is_no_fcgi(dialogue->probe);
}

/* Judges the body, behind which there is room for a NUL. */
static bool judge_page_body(struct probe *probe, char *body, size_t length)
{
    bool cut = length > BODY_MAX;

    length = cut ? BODY_MAX : length;
    body[length] = '\0';
    conn_phase(&probe->conn, "matching the body");
    return matchers_hold(&probe->conf->matchers, body, length, cut, probe->result);
}

static void judge_page(struct probe *probe, const struct fcgi_answer *answer)
{
    const struct matchers *matchers = &probe->conf->matchers;
    struct fcgi_page page;

    if (fcgi_conclude(answer, &page, probe->result) != REPLY_COMPLETE) {
        is_no_fcgi(probe);
        return;
    }
    if (page.status == 0)
        return;
    bool wanted = matchers_want(matchers, (int)page.status);
    char *body = answer->output.start + (page.body.at - answer->output.start);
    probe->result->status = (int)page.status;
    if (wanted && matchers_any(matchers) && !judge_page_body(probe, body, page.body.length))
        return;
    struct text reason = result_begin(probe->result);
    text_number(&reason, page.status);
    if (!wanted)
        matchers_put_wanted(matchers, &reason);
    result_end(probe->result, &reason, wanted);
}

/* Asks for a page, all of which is read, so that the server has nothing left to say. */
static void ask_for_page(struct dialogue *dialogue, const struct text *request)
{
    struct fcgi_answer answer;
    char *buffer = memory_get(PAGE_MAX + 1);

    if (!buffer) {
        result_fail(dialogue->probe->result, "out of memory", NULL);
        return;
    }
    fcgi_begin(&answer, buffer, PAGE_MAX);
    conn_phase(&dialogue->probe->conn, "waiting for the page");
    if (dialogue_ask(dialogue, request->start, request->length, judge_beginning) && read_page(dialogue, &answer))
        judge_page(dialogue->probe, &answer);
    memory_free(buffer, PAGE_MAX + 1);
}

void probe_fcgi(struct probe *probe)
{
    struct span path = probe->target->path.length > 1 ? probe->target->path : (struct span){ LITERAL("/ping") };
    char bytes[4 * PATH_MAX_LENGTH];
    struct text request = { bytes, sizeof bytes, 0 };
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    if (path.length > PATH_MAX_LENGTH) {
        result_fail(probe->result, "the path is longer than 1024 bytes", NULL);
        return;
    }
    put_request(&request, path, probe->target->query);
    if (wants_page(&probe->conf->matchers)) {
        ask_for_page(&dialogue, &request);
        return;
    }
    conn_phase(&probe->conn, "waiting for the pong");
    dialogue_ask(&dialogue, bytes, request.length, fcgi_judge);
}
