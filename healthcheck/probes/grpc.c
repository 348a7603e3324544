/*
 * grpc, grpcs, grpc+unix: a call of grpc.health.v1.Health/Check over HTTP/2.
 *
 * nghttp2 makes the frames and takes them apart, but it does no I/O. Here its frames are sent (flush), and what was
 * read is given to it (feed). It calls the on_ functions for what it has found in there, which collect the answer.
 */
#include "healthcheck/grpc/answer.h"
#include "healthcheck/grpc/health.h"
#include "healthcheck/grpc/pool.h"
#include "healthcheck/http/request.h"
#include "healthcheck/probes/probe.h"
#include "pith/duration.h"
#include "pith/version.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <string.h>

enum {
    READ_SIZE = 4096,
    WRITE_SIZE = 2048,   /* bytes that are sent at once: most calls, from the preface to the message, are not longer */
    VALUES_SIZE = 16384, /* bytes of header values that are made here */
    OWN_HEADERS_MAX = 9, /* headers that are not the user's */
    SETTINGS_COUNT = 2,
    GREETING_SIZE = 4,
    RECEIVED_MAX = 1024 * 1024 /* bytes that a server may send without an answer */
};

/* One call of Health/Check. */
struct call {
    struct conn *conn;
    struct result *result;
    nghttp2_session *session;
    struct span request; /* what is left to be sent of the message */
    struct grpc_answer answer;
    bool closed;                  /* the answer is complete, or the stream was reset */
    bool settled;                 /* the server speaks HTTP/2: it has sent its SETTINGS */
    const char *goaway;           /* the name of the error by which the server goes away (GOAWAY), or NULL */
    size_t received;              /* bytes so far */
    char greeting[GREETING_SIZE]; /* the first of them, which tell HTTP/1 and TLS apart */
};

/* The headers of the call. */
struct headers {
    size_t count;
    nghttp2_nv fields[OWN_HEADERS_MAX + HEADERS_MAX];
    struct text values; /* over `bytes`: the values that are made here */
    char bytes[VALUES_SIZE];
};

/* --- what the library calls -------------------------------------------------------------------- */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t value_length, uint8_t flags, void *call_)
{
    struct call *call = call_;
    bool last = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

    (void)session, (void)flags;
    return grpc_answer_header(&call->answer, (struct span){ (const char *)name, name_length },
                              (struct span){ (const char *)value, value_length }, last)
               ? 0
               : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length,
                   void *call_)
{
    struct call *call = call_;

    (void)session, (void)flags, (void)stream;
    conn_phase(call->conn, "waiting for the grpc-status");
    return grpc_answer_data(&call->answer, bytes, length) ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *call_)
{
    struct call *call = call_;

    (void)session;
    if (frame->hd.type == NGHTTP2_SETTINGS)
        call->settled = true;
    else if (frame->hd.type == NGHTTP2_GOAWAY)
        call->goaway = nghttp2_http2_strerror(frame->goaway.error_code);
    else if ((frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
             (frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
        call->answer.ended = call->closed = true;
    return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *call_)
{
    struct call *call = call_;

    (void)session, (void)stream;
    call->closed = true;
    call->answer.reset = nghttp2_http2_strerror(error);
    return 0;
}

static nghttp2_ssize on_read(nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t size, uint32_t *flags,
                             nghttp2_data_source *source, void *call_)
{
    struct call *call = call_;
    size_t n = call->request.length < size ? call->request.length : size;

    (void)session, (void)stream, (void)source;
    memcpy(bytes, call->request.at, n);
    call->request.at += n;
    call->request.length -= n;
    if (call->request.length == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (nghttp2_ssize)n;
}

/* Makes a session, whose memory is in POOL and is given back with it. NULL where the pool is too small. */
static nghttp2_session *session_new(struct call *call, void *pool)
{
    nghttp2_mem memory = { pool, pool_malloc, pool_free, pool_calloc, pool_realloc };
    nghttp2_session_callbacks *callbacks;
    nghttp2_session *session = NULL;

    if (nghttp2_session_callbacks_new(&callbacks) != 0)
        return NULL;
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_session_client_new3(&session, callbacks, call, NULL, &memory);
    nghttp2_session_callbacks_del(callbacks);
    return session;
}

/* --- the request ------------------------------------------------------------------------------- */

/* Adds a header. The library copies it, and makes its name lower-case. */
static void put_grpc_field(struct headers *headers, struct span name, struct span value)
{
    headers->fields[headers->count++] = (nghttp2_nv){ .name = (uint8_t *)(uintptr_t)name.at,
                                                      .namelen = name.length,
                                                      .value = (uint8_t *)(uintptr_t)value.at,
                                                      .valuelen = value.length };
}

static void put_header(struct headers *headers, const char *name, const char *value)
{
    put_grpc_field(headers, span_of(name), span_of(value));
}

/* Adds a header whose value is what was appended to headers->values from FROM on. */
static void put_value(struct headers *headers, const char *name, size_t from)
{
    put_grpc_field(headers, span_of(name), (struct span){ headers->bytes + from, headers->values.length - from });
}

/* Whether a user's header is left out: it would change what the call is, or is not for HTTP/2 (RFC 9113, 8.2.2). */
static bool is_reserved(struct span name)
{
    static const char *const reserved[] = { "Host",       "Content-Type", "Content-Length",   "TE",
                                            "Connection", "Keep-Alive",   "Proxy-Connection", "Transfer-Encoding",
                                            "Upgrade" };

    const struct span prefix = { LITERAL("grpc-") };

    for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++)
        if (span_is(name, reserved[i]))
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
        put_grpc_field(headers, span_of(":authority"), header_value(host));
        return;
    }
    http_put_host(target, &headers->values);
    put_value(headers, ":authority", from);
}

static void put_grpc_headers(struct headers *headers, const struct call *call, const struct target *target,
                             const struct request_conf *conf)
{
    put_pseudo_headers(headers, conf, target);
    put_header(headers, "te", "trailers");
    put_header(headers, "content-type", "application/grpc");
    size_t from = headers->values.length;
    grpc_put_timeout(&headers->values, call->conn->deadline - time_now());
    put_value(headers, "grpc-timeout", from);
    if (!header_find(conf, "User-Agent"))
        put_header(headers, "user-agent", "pith-healthcheck/" PITH_VERSION);
    from = headers->values.length;
    if (!header_find(conf, "Authorization") && http_put_credentials(conf, target, &headers->values))
        put_value(headers, "authorization", from);
    for (size_t i = 0; i < conf->header_count; i++)
        if (!is_reserved(header_name(conf->headers[i])))
            put_grpc_field(headers, header_name(conf->headers[i]), header_value(conf->headers[i]));
}

static bool submit(struct call *call, const struct target *target, const struct request_conf *conf)
{
    static const nghttp2_settings_entry settings[SETTINGS_COUNT] = {
        { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
        { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, GRPC_HEADERS_MAX },
    };
    const nghttp2_data_provider2 provider = { .read_callback = on_read };
    struct headers headers;

    headers.count = 0;
    headers.values = (struct text){ headers.bytes, sizeof headers.bytes, 0 };
    put_grpc_headers(&headers, call, target, conf);
    if (headers.values.length > headers.values.size)
        return result_fail(call->result, "name or credentials too long", NULL);
    if (nghttp2_submit_settings(call->session, NGHTTP2_FLAG_NONE, settings, SETTINGS_COUNT) != 0 ||
        nghttp2_submit_request2(call->session, NULL, headers.fields, headers.count, &provider, NULL) < 0)
        return result_fail(call->result, "out of memory", NULL);
    return true;
}

/* --- the conversation -------------------------------------------------------------------------- */

/*
 * Writes bytes. That the server has closed the connection is no failure here: it may have said why, which is read next.
 */
static bool write_bytes(struct call *call, const uint8_t *bytes, size_t length)
{
    struct conn *conn = call->conn;

    return conn_write_all(conn, bytes, length) || conn->error == EPIPE || conn->error == ECONNRESET ||
           conn_explain(conn, call->result);
}

/* Sends all frames that the library has, several at once where they fit. */
static bool flush(struct call *call)
{
    uint8_t bytes[WRITE_SIZE];
    const uint8_t *frame;
    size_t length = 0;
    nghttp2_ssize n;

    while ((n = nghttp2_session_mem_send2(call->session, &frame)) > 0) {
        if ((size_t)n > sizeof bytes - length) {
            if (!write_bytes(call, bytes, length))
                return false;
            length = 0;
        }
        if ((size_t)n > sizeof bytes) {
            if (!write_bytes(call, frame, (size_t)n))
                return false;
            continue;
        }
        memcpy(bytes + length, frame, (size_t)n);
        length += (size_t)n;
    }
    if (n < 0)
        return result_fail(call->result, "out of memory", NULL);
    return length == 0 || write_bytes(call, bytes, length);
}

static bool is_greeting(const struct call *call, const char *bytes, size_t length)
{
    return call->received >= length && memcmp(call->greeting, bytes, length) == 0;
}

/* Says what the server speaks in place of HTTP/2, as far as its first bytes tell. Always false. */
static bool fail_protocol(struct call *call)
{
    const char *why = call->settled ? "server broke the rules of HTTP/2" : "server does not speak HTTP/2: is it gRPC?";

    if (is_greeting(call, LITERAL("HTTP")))
        why = "server speaks HTTP/1, not HTTP/2: is it gRPC?";
    else if (is_greeting(call, LITERAL("\x15\x03")))
        why = "server does not speak plain HTTP/2: is it TLS (grpcs)?";
    return result_fail(call->result, why, NULL);
}

static bool fail_read(struct call *call, ssize_t n)
{
    if (call->goaway && (n == 0 || call->conn->error == ECONNRESET))
        return result_fail(call->result, "server is going away (", call->goaway, ")", NULL);
    if (call->received > 0 && !call->settled && (n == 0 || call->conn->error == ECONNRESET))
        return fail_protocol(call);
    return conn_explain_end(call->conn, n, call->result);
}

/* Keeps the first bytes that the server sends. */
static void grpc_greet(struct call *call, const uint8_t *bytes, size_t length)
{
    if (call->received == 0)
        conn_time(call->conn, call->result, TIME_FIRST_BYTE);
    for (size_t i = 0; i < length && call->received + i < GREETING_SIZE; i++)
        call->greeting[call->received + i] = (char)bytes[i];
    call->received += length;
}

/* Reads once, and gives what has come to the library. */
static bool feed(struct call *call)
{
    uint8_t bytes[READ_SIZE];
    ssize_t n = conn_read(call->conn, bytes, sizeof bytes);

    if (n <= 0)
        return fail_read(call, n);
    grpc_greet(call, bytes, (size_t)n);
    nghttp2_ssize taken = nghttp2_session_mem_recv2(call->session, bytes, (size_t)n);
    call->closed = call->closed || call->answer.fault;
    if (call->closed)
        return true;
    if (taken == NGHTTP2_ERR_NOMEM || call->received > RECEIVED_MAX)
        return result_fail(call->result, "server sent too much without an answer", NULL);
    return taken >= 0 || fail_protocol(call);
}

static void grpc_converse(struct call *call)
{
    conn_phase(call->conn, "waiting for the answer");
    while (!call->closed) {
        if (!flush(call))
            return;
        if (call->closed)
            break;
        if (!nghttp2_session_want_read(call->session)) {
            fail_protocol(call);
            return;
        }
        if (!feed(call))
            return;
    }
    if (call->goaway && call->answer.http_status == 0)
        result_fail(call->result, "server is going away (", call->goaway, ")", NULL);
    else
        grpc_answer_judge(&call->answer, call->result);
}

/* Makes the message. The path of the URL is the name of the service. */
static void build_request(const struct target *target, struct text *request)
{
    char decoded[TARGET_LENGTH_MAX];
    struct text service = { decoded, sizeof decoded, 0 };

    span_decode(target_path_name(target), &service);
    grpc_put_request(request, decoded, text_kept(&service));
}

void probe_grpc(struct probe *probe)
{
    char bytes[TARGET_LENGTH_MAX + 16];
    struct text request = { bytes, sizeof bytes, 0 };
    struct call call;

    build_request(probe->target, &request);
    call.conn = &probe->conn;
    call.result = probe->result;
    call.request = (struct span){ bytes, text_kept(&request) };
    call.closed = call.settled = false;
    call.goaway = NULL;
    call.received = 0;
    grpc_answer_init(&call.answer);
    void *pool = pool_new();
    call.session = pool ? session_new(&call, pool) : NULL;
    if (!call.session)
        result_fail(probe->result, "out of memory", NULL);
    else if (submit(&call, probe->target, &probe->conf->request))
        grpc_converse(&call);
    if (pool)
        pool_delete(pool);
}
