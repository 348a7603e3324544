/* HTTP/2 for probes/http.c: the same request, and an answer that looks like one of HTTP/1.1. */
#ifndef HEALTHCHECK_PROBES_HTTP2_H
#define HEALTHCHECK_PROBES_HTTP2_H

#include "healthcheck/http/response.h"
#include "healthcheck/probes/probe.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stdint.h>

struct http2;

/* The answer to one request. `call` belongs to the caller, the rest to the functions below. */
struct http2_answer {
    struct http2 *call; /* NULL: HTTP/2 is not spoken */
    struct http_response *response;
    bool wants_body;   /* else the end of the head is all that is waited for */
    bool begun;        /* the :status of this block was there */
    bool complete;     /* the head is */
    const char *why;   /* what is wrong with it, a static string, or NULL */
    struct text *body; /* where the body goes; NULL: to `early` */
    struct text early; /* what came of it together with the head */
    uint16_t lines;    /* of trailers so far */
    uint32_t bytes;
};

/*
 * Connects to TARGET, unless that is done, sends REQUEST, which is one of HTTP/1.1, by HTTP/2, and reads the head of
 * the answer into *RESPONSE, which the caller has begun. WANTS_BODY: probe_http2_body follows. False with the reason in
 * *probe->result. The caller ends it by probe_http2_end, also then.
 */
bool probe_http2_ask(struct probe *probe, const struct target *target, const struct text *request,
                     struct http_response *response, bool wants_body, struct http2_answer *answer);

/* Reads the body into OUT, as much as has room. False with the reason in the probe's result. */
bool probe_http2_body(struct http2_answer *answer, struct text *out);

/*
 * Connects as probe_reach does, unless that is done. Without TLS the first frames of CALL are sent as soon as the
 * connection is there, from OPENING, an empty text that has to live as long as the call.
 */
bool probe_http2_reach(struct probe *probe, const struct target *target, struct http2 *call, struct text *opening);

/* Gives the memory back. Nothing happens where there is no call. */
void probe_http2_end(struct http2_answer *answer);

#endif
