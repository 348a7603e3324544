/*
 * grpc, grpcs, grpc+unix: a call of grpc.health.v1.Health/Check over HTTP/2.
 *
 * http2/session.c leads the call. Here is what gRPC asks, and what becomes of the answer.
 */
#include "healthcheck/grpc/answer.h"
#include "healthcheck/grpc/health.h"
#include "healthcheck/http/request.h"
#include "healthcheck/http2/fields.h"
#include "healthcheck/http2/session.h"
#include "healthcheck/probes/http2.h"
#include "healthcheck/probes/probe.h"
#include "pith/duration.h"
#include "pith/version.h"

#include <string.h>

enum {
    MESSAGE_SIZE = TARGET_LENGTH_MAX + 16, /* bytes of the message: the name of the service is the most of it */
    VALUES_SIZE = 16384,                   /* bytes of header values that are made here */
    OWN_HEADERS_MAX = 9,                   /* headers that are not the user's */
};

_Static_assert(OWN_HEADERS_MAX + HEADERS_MAX <= HTTP2_FIELDS_MAX, "there is room for all headers");

/* The request: message, header values and first frames one behind the other, as most take a page together. */
struct headers {
    struct http2_fields fields;
    struct text values; /* over `bytes`: the message, and the values that are made here */
    char bytes[MESSAGE_SIZE + VALUES_SIZE + HTTP2_WRITE_SIZE];
};

/* One call of Health/Check. Nothing of it is touched before it is needed. */
struct call {
    struct probe *probe;
    struct headers headers;
    struct grpc_answer answer;
};

/* --- the answer -------------------------------------------------------------------------------- */

static bool take_header(void *call, struct span name, struct span value, bool last)
{
    return grpc_answer_header(&((struct call *)call)->answer, name, value, last);
}

static bool take_message(void *call_, const uint8_t *bytes, size_t length)
{
    struct call *call = call_;

    conn_phase(&call->probe->conn, "waiting for the grpc-status");
    return grpc_answer_data(&call->answer, bytes, length);
}

static const struct http2_reader grpc_reader = {
    .header = take_header, .data = take_message, .doubt = ": is it gRPC?", .tls = "grpcs"
};

/* --- the request ------------------------------------------------------------------------------- */

static void put_header(struct headers *headers, const char *name, const char *value)
{
    http2_field(&headers->fields, span_of(name), span_of(value));
}

/* Adds a header whose value is what was appended to headers->values from FROM on. */
static void put_value(struct headers *headers, const char *name, size_t from)
{
    http2_field(&headers->fields, span_of(name), (struct span){ headers->bytes + from, headers->values.length - from });
}

/* Whether a user's header is left out: it would change what the call is, or is not for HTTP/2. */
static bool is_reserved(struct span name)
{
    const struct span prefix = { LITERAL("grpc-") };

    if (http2_is_of_connection(name) || span_is(name, "Host") || span_is(name, "Content-Type") ||
        span_is(name, "Content-Length"))
        return true;
    name.length = name.length < prefix.length ? name.length : prefix.length;
    return span_same(name, prefix);
}

/* Adds the pseudo-headers, which have to come first (RFC 9113, 8.3). */
static void put_pseudo_headers(struct headers *headers, const struct request_conf *conf, const struct target *target)
{
    const char *host = header_find(conf, "Host");
    size_t from = headers->values.length;

    put_header(headers, ":method", "POST");
    put_header(headers, ":scheme", target->tls ? "https" : "http");
    put_header(headers, ":path", "/grpc.health.v1.Health/Check");
    if (host && header_value(host).length > 0) {
        http2_field(&headers->fields, span_of(":authority"), header_value(host));
        return;
    }
    http_put_host(target, &headers->values);
    put_value(headers, ":authority", from);
}

static void put_grpc_headers(struct headers *headers, int64_t deadline, const struct target *target,
                             const struct request_conf *conf)
{
    put_pseudo_headers(headers, conf, target);
    put_header(headers, "te", "trailers");
    put_header(headers, "content-type", "application/grpc");
    size_t from = headers->values.length;
    grpc_put_timeout(&headers->values, deadline - time_now());
    put_value(headers, "grpc-timeout", from);
    if (!header_find(conf, "User-Agent"))
        put_header(headers, "user-agent", "pith-healthcheck/" PITH_VERSION);
    from = headers->values.length;
    if (!header_find(conf, "Authorization") && http_put_credentials(conf, target, &headers->values))
        put_value(headers, "authorization", from);
    for (size_t i = 0; i < conf->header_count; i++)
        if (!is_reserved(header_name(conf->headers[i])))
            http2_field(&headers->fields, header_name(conf->headers[i]), header_value(conf->headers[i]));
}

/* Makes the message. The path of the URL is the name of the service. */
static void build_message(const struct target *target, struct text *message)
{
    char decoded[TARGET_LENGTH_MAX];
    struct text service = { decoded, sizeof decoded, 0 };

    span_decode(target_path_name(target), &service);
    grpc_put_request(message, decoded, text_kept(&service));
}

/* Makes the request. */
static bool submit(struct http2 *http2, const struct probe *probe, struct headers *headers)
{
    headers->fields.count = 0;
    headers->values = (struct text){ headers->bytes, MESSAGE_SIZE + VALUES_SIZE, 0 };
    build_message(probe->target, &headers->values);
    const struct span message = { headers->bytes, text_kept(&headers->values) };
    put_grpc_headers(headers, probe->conn.deadline, probe->target, &probe->conf->request);
    if (headers->values.length > headers->values.size)
        return result_fail(probe->result, "name or credentials too long", NULL);
    return http2_request(http2, &headers->fields, message);
}

/* --- the conversation -------------------------------------------------------------------------- */

static void grpc_converse(struct http2 *http2, struct call *call)
{
    struct text opening = { call->headers.bytes + call->headers.values.length, HTTP2_WRITE_SIZE, 0 };

    if (!probe_http2_reach(call->probe, call->probe->target, http2, &opening))
        return;
    conn_phase(&call->probe->conn, "waiting for the answer");
    if (!http2_run(http2))
        return;
    call->answer.ended = http2->ended;
    call->answer.reset = http2->reset;
    if (call->answer.http_status == 0 && !call->answer.ended && !call->answer.fault)
        http2_fail_reset(http2, "");
    else
        grpc_answer_judge(&call->answer, call->probe->result);
}

void probe_grpc(struct probe *probe)
{
    struct call call;

    call.probe = probe;
    grpc_answer_init(&call.answer);
    struct http2 *http2 = http2_new(&probe->conn, probe->result, &grpc_reader, &call);
    if (!http2) {
        result_fail(probe->result, "out of memory", NULL);
        return;
    }
    if (submit(http2, probe, &call.headers))
        grpc_converse(http2, &call);
    http2_delete(http2);
}
