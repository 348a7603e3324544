/*
 * A call over HTTP/2 (RFC 9113): one request and its answer, over a connection of its own. gRPC and HTTP share it.
 *
 * nghttp2 makes the frames and takes them apart, but it does no I/O. Here its frames are sent, and what was read is
 * given to it. What it finds in there goes on to the caller's struct http2_reader. All memory is a pool (pool.h).
 */
#ifndef HEALTHCHECK_HTTP2_SESSION_H
#define HEALTHCHECK_HTTP2_SESSION_H

#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct http2_fields;
struct nghttp2_session;

enum {
    HTTP2_HEADERS_MAX = 65536,        /* bytes of header fields, as http2_fields_size counts, that are sent and taken */
    HTTP2_READ_SIZE = 4096,           /* bytes that are read at once */
    HTTP2_WRITE_SIZE = 2048,          /* bytes that are sent at once: most requests are not longer */
    HTTP2_RECEIVED_MAX = 1024 * 1024, /* bytes that a server may send without an answer, unless `most` says more */
    HTTP2_GREETING_SIZE = 4,
};

/* What becomes of an answer. A function returns false where nothing more is wanted of it: the call is then over. */
struct http2_reader {
    /* A header field. LAST: the answer ends with the block it is in. */
    bool (*header)(void *state, struct span name, struct span value, bool last);
    bool (*headers_end)(void *state); /* a block of fields is complete; NULL: nobody asks */
    bool (*data)(void *state, const uint8_t *bytes, size_t length);
    const char *doubt; /* stands behind "server does not speak HTTP/2", such as ": is it gRPC?" */
    const char *tls;   /* the scheme that says the same with TLS */
};

/* Everybody may read it. The caller writes `paused` and `most`. */
struct http2 {
    struct conn *conn;
    struct result *result;
    const struct http2_reader *reader;
    void *state; /* the reader's own */
    void *pool;  /* all memory of the call, this struct too */
    struct nghttp2_session *session;
    struct span message;                /* what is left to be sent of the request's body */
    struct span unsent;                 /* and of the frame that the library gave last */
    bool paused;                        /* ends http2_run, which may be called again */
    bool stopped;                       /* the reader wants no more */
    bool ended;                         /* the answer is complete */
    bool closed;                        /* it is, or no more of it will come */
    bool settled;                       /* the server speaks HTTP/2: it has sent its SETTINGS */
    const char *reset;                  /* the name of the error by which the server reset the stream, or NULL */
    const char *goaway;                 /* or by which it goes away (GOAWAY) */
    size_t received, most;              /* bytes so far, and how many there may be */
    char greeting[HTTP2_GREETING_SIZE]; /* the first of them, which tell HTTP/1 and TLS apart */
};

/*
 * Begins a call over CONN, which need not be connected yet. The caller keeps what the arguments point to, and ends the
 * call by http2_delete. NULL where there is no memory.
 */
struct http2 *http2_new(struct conn *conn, struct result *result, const struct http2_reader *reader, void *state);
void http2_delete(struct http2 *http2);

/*
 * Makes the request: its fields, which are copied, and its body, which is not. False with the reason in the result, as
 * where they have more than HTTP2_HEADERS_MAX bytes.
 */
bool http2_request(struct http2 *http2, const struct http2_fields *fields, struct span message);

/*
 * Has the connection send what comes first as soon as it stands (conn_open_with): what is in OPENING, and behind it as
 * many frames as have room. To be called before it is connected, and not with TLS. OPENING has to live until http2_run.
 */
void http2_open_with(struct http2 *http2, struct text *opening);

/*
 * Sends and reads until the call is over (`stopped`, `closed`) or `paused`. False with the reason in the result where
 * the connection or the server fails before.
 */
bool http2_run(struct http2 *http2);

/* Writes why the answer is not there although the call is over, or, with WHEN " before its end", not all. Always false.
 */
bool http2_fail_reset(struct http2 *http2, const char *when);

#endif
