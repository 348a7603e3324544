/*
 * HTTP over HTTP/2: by prior knowledge (RFC 9113, 3.3), or where the server has chosen it (ALPN).
 *
 * The request is taken from the one of HTTP/1.1, and the head of the answer goes through the parser of HTTP/1.1, as
 * text of that version: what is sent, what is a fault and what is too much is one and the same in both. A body that was
 * not asked for is not waited for.
 */
#include "healthcheck/probes/http2.h"

#include "healthcheck/http/body.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/http2/fields.h"
#include "healthcheck/http2/pool.h"
#include "healthcheck/http2/session.h"

#include <string.h>

enum { OWN_FIELDS_MAX = 10 }; /* fields that are not the user's */

_Static_assert(OWN_FIELDS_MAX + HEADERS_MAX <= HTTP2_FIELDS_MAX, "there is room for all fields");

/* --- the answer -------------------------------------------------------------------------------- */

static bool refuse_answer(struct http2_answer *answer, const char *why)
{
    answer->why = why;
    return false;
}

/* Gives the parser a piece of the head as HTTP/1.1 has it. */
static bool feed_head(struct http2_answer *answer, const char *bytes, size_t length)
{
    size_t used;

    switch (http_response_feed(answer->response, bytes, length, &used)) {
    case HTTP_BAD:
        return refuse_answer(answer, answer->response->why);
    case HTTP_COMPLETE:
        answer->complete = true;
        return true;
    default:
        return true;
    }
}

static bool count_trailer(struct http2_answer *answer, struct span name, struct span value)
{
    answer->bytes += (uint32_t)(name.length + value.length);
    if (++answer->lines > HTTP_HEADER_LINES_MAX)
        return refuse_answer(answer, "more than 256 trailer lines");
    return answer->bytes <= HTTP_HEADER_BYTES_MAX || refuse_answer(answer, "the trailers are longer than 64 KiB");
}

/*
 * Takes a field of the head. The library sees to it that :status comes once, in front of the others, and is three
 * digits. That it is missing the library says at the end of the block.
 */
static bool take_field(void *answer_, struct span name, struct span value, bool last)
{
    struct http2_answer *answer = answer_;

    (void)last;
    if (answer->complete)
        return count_trailer(answer, name, value);
    if (span_is(name, ":status")) {
        answer->begun = true;
        return feed_head(answer, LITERAL("HTTP/1.1 ")) && feed_head(answer, value.at, value.length) &&
               feed_head(answer, LITERAL("\n"));
    }
    return !answer->begun || (feed_head(answer, name.at, name.length) && feed_head(answer, LITERAL(":")) &&
                              feed_head(answer, value.at, value.length) && feed_head(answer, LITERAL("\n")));
}

static bool end_fields(void *answer_)
{
    struct http2_answer *answer = answer_;

    if (answer->complete)
        return true;
    answer->begun = false;
    if (!feed_head(answer, LITERAL("\n")))
        return false;
    answer->call->paused = answer->complete;
    return !answer->complete || answer->wants_body;
}

static bool take_body(void *answer_, const uint8_t *bytes, size_t length)
{
    struct http2_answer *answer = answer_;
    struct text *out = answer->body ? answer->body : &answer->early;

    text_bytes(out, (const char *)bytes, length);
    return !answer->body || out->length < out->size;
}

static const struct http2_reader http_reader = {
    .header = take_field, .headers_end = end_fields, .data = take_body, .doubt = "", .tls = "https"
};

/* --- the request ------------------------------------------------------------------------------- */

/* Takes a line off the front, without its end. */
static struct span take_request_line(struct span *rest)
{
    struct span line = span_take(rest, '\n');

    span_drop(rest, 1);
    line.length--; /* the CR */
    return line;
}

static struct span without_blanks(struct span value)
{
    while (value.length > 0 && is_blank(*value.at))
        span_drop(&value, 1);
    while (value.length > 0 && is_blank(value.at[value.length - 1]))
        value.length--;
    return value;
}

/* Takes REQUEST apart. The fields with a colon in front come first (RFC 9113, 8.3), and Host is one of them. */
static void put_fields(struct span request, const char *scheme, struct http2_fields *fields)
{
    struct span line = take_request_line(&request), authority = { NULL, 0 };
    size_t place;

    fields->count = 0;
    http2_field(fields, span_of(":method"), span_take(&line, ' '));
    span_drop(&line, 1);
    http2_field(fields, span_of(":scheme"), span_of(scheme));
    http2_field(fields, span_of(":path"), span_take(&line, ' '));
    place = fields->count++;
    while ((line = take_request_line(&request)).length > 0) {
        struct span name = span_take(&line, ':');
        span_drop(&line, 1);
        if (span_is(name, "Host"))
            authority = without_blanks(line);
        else if (!http2_is_of_connection(name))
            http2_field(fields, name, without_blanks(line));
    }
    if (authority.length == 0) {
        fields->at[place] = fields->at[--fields->count];
        return;
    }
    size_t count = fields->count;
    fields->count = place;
    http2_field(fields, span_of(":authority"), authority);
    fields->count = count;
}

static bool submit_request(struct http2_answer *answer, const struct target *target, const struct text *request)
{
    struct http2_fields fields;

    put_fields((struct span){ request->start, request->length }, target->tls ? "https" : "http", &fields);
    return http2_request(answer->call, &fields, (struct span){ NULL, 0 });
}

/* --- the conversation -------------------------------------------------------------------------- */

/* Makes the call. False where there is no memory. */
static bool begin_call(struct probe *probe, struct http2_answer *answer)
{
    answer->call = http2_new(&probe->conn, probe->result, &http_reader, answer);
    if (!answer->call)
        return false;
    answer->early = (struct text){ pool_malloc(HTTP2_READ_SIZE, answer->call->pool), HTTP2_READ_SIZE, 0 };
    return answer->early.start;
}

static bool read_head(struct probe *probe, struct http2_answer *answer)
{
    conn_phase(&probe->conn, "waiting for the answer");
    if (!http2_run(answer->call))
        return false;
    if (answer->why)
        return result_fail(probe->result, answer->why, NULL);
    return answer->complete || http2_fail_reset(answer->call, "");
}

bool probe_http2_reach(struct probe *probe, const struct target *target, struct http2 *call, struct text *opening)
{
    if (probe->conn.fd >= 0)
        return true;
    if (!target->tls && probe->conf->proxied)
        text_literal(opening, PROXY_LINE);
    if (!target->tls)
        http2_open_with(call, opening);
    return probe_reach(probe, target);
}

bool probe_http2_ask(struct probe *probe, const struct target *target, const struct text *request,
                     struct http_response *response, bool wants_body, struct http2_answer *answer)
{
    char bytes[HTTP2_WRITE_SIZE];
    struct text opening = { bytes, sizeof bytes, 0 };

    *answer = (struct http2_answer){ .response = response, .wants_body = wants_body };
    if (!begin_call(probe, answer))
        return result_fail(probe->result, "out of memory", NULL);
    return submit_request(answer, target, request) && probe_http2_reach(probe, target, answer->call, &opening) &&
           read_head(probe, answer);
}

bool probe_http2_body(struct http2_answer *answer, struct text *out)
{
    struct http2 *call = answer->call;

    text_bytes(out, answer->early.start, answer->early.length);
    answer->body = out;
    call->most += BODY_MAX + HTTP_FRAMING_MAX;
    if (!http2_run(call))
        return false;
    if (answer->why)
        return result_fail(call->result, answer->why, NULL);
    return call->ended || call->stopped || http2_fail_reset(call, " before its end");
}

void probe_http2_end(struct http2_answer *answer)
{
    if (answer->call)
        http2_delete(answer->call);
    answer->call = NULL;
}
