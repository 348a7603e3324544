/* Drives nghttp2: sends its frames, gives it what was read, and says what was wrong with that. */
#include "healthcheck/http2/session.h"

#include "healthcheck/http2/fields.h"
#include "healthcheck/http2/pool.h"

#include <errno.h>
#include <nghttp2/nghttp2.h>
#include <nghttp2_callbacks.h>
#include <string.h>

enum { SETTINGS_COUNT = 2 };

/* --- what the library calls -------------------------------------------------------------------- */

/* Passes on what the reader says. What ends the call ends the library's work, too. */
static int go_on(struct http2 *http2, bool wanted)
{
    http2->stopped = http2->stopped || !wanted;
    return wanted ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
}

static bool is_last(const nghttp2_frame *frame)
{
    return frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                     const uint8_t *value, size_t value_length, uint8_t flags, void *http2_)
{
    struct http2 *http2 = http2_;

    (void)session, (void)flags;
    return go_on(http2, http2->reader->header(http2->state, (struct span){ (const char *)name, name_length },
                                              (struct span){ (const char *)value, value_length }, is_last(frame)));
}

/* A field that has a character it must not have makes the answer malformed (RFC 9113, 8.2.1): the stream is reset. */
static int on_bad_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_length,
                         const uint8_t *value, size_t value_length, uint8_t flags, void *http2)
{
    (void)session, (void)frame, (void)name, (void)name_length, (void)value, (void)value_length, (void)flags,
        (void)http2;
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *bytes, size_t length,
                   void *http2_)
{
    struct http2 *http2 = http2_;

    (void)session, (void)flags, (void)stream;
    return go_on(http2, http2->reader->data(http2->state, bytes, length));
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *http2_)
{
    struct http2 *http2 = http2_;
    bool answers = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;

    (void)session;
    if (frame->hd.type == NGHTTP2_SETTINGS)
        http2->settled = true;
    else if (frame->hd.type == NGHTTP2_GOAWAY)
        http2->goaway = nghttp2_http2_strerror(frame->goaway.error_code);
    else if (frame->hd.type == NGHTTP2_RST_STREAM)
        http2->reset = nghttp2_http2_strerror(frame->rst_stream.error_code);
    if (answers && is_last(frame))
        http2->ended = http2->closed = true;
    return frame->hd.type == NGHTTP2_HEADERS && http2->reader->headers_end
               ? go_on(http2, http2->reader->headers_end(http2->state))
               : 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *http2_)
{
    (void)session, (void)stream, (void)error;
    ((struct http2 *)http2_)->closed = true;
    return 0;
}

static nghttp2_ssize on_read(nghttp2_session *session, int32_t stream, uint8_t *bytes, size_t size, uint32_t *flags,
                             nghttp2_data_source *source, void *http2_)
{
    struct span *message = &((struct http2 *)http2_)->message;
    size_t n = message->length < size ? message->length : size;

    (void)session, (void)stream, (void)source;
    memcpy(bytes, message->at, n);
    span_drop(message, n);
    if (message->length == 0)
        *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (nghttp2_ssize)n;
}

/*
 * Makes the library's session. False where the pool is too small. The library's own nghttp2_session_callbacks_new gets
 * its memory from malloc(3), which costs five system calls and four page faults, and nothing else here needs a heap.
 */
static bool make_session(struct http2 *http2)
{
    static const struct nghttp2_session_callbacks callbacks = { .on_header_callback = on_header,
                                                                .on_invalid_header_callback = on_bad_header,
                                                                .on_data_chunk_recv_callback = on_data,
                                                                .on_frame_recv_callback = on_frame,
                                                                .on_stream_close_callback = on_close };
    nghttp2_mem memory = { http2->pool, pool_malloc, pool_free, pool_calloc, pool_realloc };

    return nghttp2_session_client_new3(&http2->session, &callbacks, http2, NULL, &memory) == 0;
}

/* --- the request ------------------------------------------------------------------------------- */

struct http2 *http2_new(struct conn *conn, struct result *result, const struct http2_reader *reader, void *state)
{
    void *pool = pool_new();
    struct http2 *http2 = pool ? pool_malloc(sizeof *http2, pool) : NULL;

    if (!http2)
        return NULL;
    *http2 = (struct http2){
        .conn = conn, .result = result, .reader = reader, .state = state, .pool = pool, .most = HTTP2_RECEIVED_MAX
    };
    if (make_session(http2))
        return http2;
    pool_delete(pool);
    return NULL;
}

void http2_delete(struct http2 *http2)
{
    pool_delete(http2->pool);
}

static bool fail_memory(struct http2 *http2)
{
    return result_fail(http2->result, "out of memory", NULL);
}

bool http2_request(struct http2 *http2, const struct http2_fields *fields, struct span message)
{
    static const nghttp2_settings_entry settings[SETTINGS_COUNT] = {
        { NGHTTP2_SETTINGS_ENABLE_PUSH, 0 },
        { NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, HTTP2_HEADERS_MAX },
    };
    const nghttp2_data_provider2 provider = { .read_callback = on_read };

    if (http2_fields_size(fields) > HTTP2_HEADERS_MAX) /* the library would send nothing, and not say so */
        return result_fail(http2->result, "the request's headers are longer than 64 KiB", NULL);
    http2->message = message;
    return (nghttp2_submit_settings(http2->session, NGHTTP2_FLAG_NONE, settings, SETTINGS_COUNT) == 0 &&
            nghttp2_submit_request2(http2->session, NULL, fields->at, fields->count,
                                    message.length > 0 ? &provider : NULL, NULL) > 0) ||
           fail_memory(http2);
}

/* --- the conversation -------------------------------------------------------------------------- */

/* Appends frames to OUT until it is full or there are none. False where the library has no memory for them. */
static bool take_frames(struct http2 *http2, struct text *out)
{
    while (out->length < out->size) {
        if (http2->unsent.length == 0) {
            const uint8_t *frame;
            nghttp2_ssize n = nghttp2_session_mem_send2(http2->session, &frame);
            if (n <= 0)
                return n == 0;
            http2->unsent = (struct span){ (const char *)frame, (size_t)n };
        }
        size_t room = out->size - out->length, n = http2->unsent.length < room ? http2->unsent.length : room;
        text_bytes(out, http2->unsent.at, n);
        span_drop(&http2->unsent, n);
    }
    return true;
}

void http2_open_with(struct http2 *http2, struct text *opening)
{
    take_frames(http2, opening); /* for want of memory there is none later on either, and http2_run says so */
    conn_open_with(http2->conn, (struct span){ opening->start, opening->length });
}

/* That the server has closed the connection is no failure here: it may have said why, which is read next. */
static bool may_go_on(struct http2 *http2, bool written)
{
    const struct conn *conn = http2->conn;

    return written || conn->error == EPIPE || conn->error == ECONNRESET || conn_explain(http2->conn, http2->result);
}

/* Sends all frames that the library has, several at once where they fit. */
static bool flush(struct http2 *http2)
{
    char bytes[HTTP2_WRITE_SIZE];
    struct text out;

    if (http2->conn->opened < http2->conn->opening.length && !may_go_on(http2, conn_send_opening(http2->conn)))
        return false;
    do {
        out = (struct text){ bytes, sizeof bytes, 0 };
        if (!take_frames(http2, &out))
            return fail_memory(http2);
        if (out.length > 0 && !may_go_on(http2, conn_write_all(http2->conn, bytes, out.length)))
            return false;
    } while (out.length == out.size);
    return true;
}

static bool greets_with(const struct http2 *http2, const char *bytes, size_t length)
{
    return http2->received >= length && memcmp(http2->greeting, bytes, length) == 0;
}

/* Says what the server speaks in place of HTTP/2, as far as its first bytes tell. Always false. */
static bool fail_protocol(struct http2 *http2)
{
    const struct http2_reader *reader = http2->reader;

    if (greets_with(http2, LITERAL("HTTP")))
        return result_fail(http2->result, "server speaks HTTP/1, not HTTP/2", reader->doubt, NULL);
    if (greets_with(http2, LITERAL("\x15\x03")))
        return result_fail(http2->result, "server does not speak plain HTTP/2: is it TLS? (", reader->tls, "://)",
                           NULL);
    if (http2->settled)
        return result_fail(http2->result, "server broke the rules of HTTP/2", NULL);
    return result_fail(http2->result, "server does not speak HTTP/2", reader->doubt, NULL);
}

static bool fail_goaway(struct http2 *http2)
{
    return result_fail(http2->result, "server is going away (", http2->goaway, ")", NULL);
}

static bool fail_read(struct http2 *http2, ssize_t n)
{
    bool gone = n == 0 || http2->conn->error == ECONNRESET;

    if (gone && http2->goaway)
        return fail_goaway(http2);
    if (gone && http2->received > 0 && !http2->settled)
        return fail_protocol(http2);
    return conn_explain_end(http2->conn, n, http2->result);
}

bool http2_fail_reset(struct http2 *http2, const char *when)
{
    if (http2->goaway)
        return fail_goaway(http2);
    return result_fail(http2->result, "server reset the stream", when, " (", http2->reset, ")", NULL);
}

/* Keeps the first bytes that the server sends. */
static void note_received(struct http2 *http2, const uint8_t *bytes, size_t length)
{
    if (http2->received == 0)
        conn_time(http2->conn, http2->result, TIME_FIRST_BYTE);
    for (size_t i = 0; i < length && http2->received + i < HTTP2_GREETING_SIZE; i++)
        http2->greeting[http2->received + i] = (char)bytes[i];
    http2->received += length;
}

static bool is_call_over(const struct http2 *http2)
{
    return http2->closed || http2->stopped || http2->paused;
}

/* Reads once, and gives what has come to the library. */
static bool feed(struct http2 *http2)
{
    uint8_t bytes[HTTP2_READ_SIZE];
    ssize_t n = conn_read(http2->conn, bytes, sizeof bytes);

    if (n <= 0)
        return fail_read(http2, n);
    note_received(http2, bytes, (size_t)n);
    nghttp2_ssize taken = nghttp2_session_mem_recv2(http2->session, bytes, (size_t)n);
    if (is_call_over(http2))
        return true;
    if (taken == NGHTTP2_ERR_NOMEM || http2->received > http2->most)
        return result_fail(http2->result, "server sent too much without an answer", NULL);
    return taken >= 0 || fail_protocol(http2);
}

/* Whether it was the library that has reset the stream, as the answer is against the rules. */
static bool is_malformed(const struct http2 *http2)
{
    return http2->closed && !http2->ended && !http2->stopped && !http2->reset && !http2->goaway;
}

bool http2_run(struct http2 *http2)
{
    http2->paused = false;
    while (!is_call_over(http2)) {
        if (!flush(http2))
            return false;
        if (is_call_over(http2))
            break;
        if (!nghttp2_session_want_read(http2->session))
            return fail_protocol(http2);
        if (!feed(http2))
            return false;
    }
    return !is_malformed(http2) || fail_protocol(http2);
}
