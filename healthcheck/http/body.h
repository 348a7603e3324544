/*
 * The body of an HTTP/1.x response (RFC 9112, 6): of a counted length, in chunks, or up to the end of the connection.
 *
 * The caller feeds the bytes that follow the head, in pieces of any size; the decoded body goes to a text. Pure.
 */
#ifndef HEALTHCHECK_HTTP_BODY_H
#define HEALTHCHECK_HTTP_BODY_H

#include "healthcheck/http/response.h"
#include "pith/text.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes of framing in a body, which a server could send without end. A chunk of one byte has five of them. */
enum { HTTP_FRAMING_MAX = 8 * 1024 * 1024 };

struct http_body {
    struct text *out; /* where the decoded bytes go; when it is full, nobody needs more, and the body is complete */
    const char *why;  /* with HTTP_BAD: what is wrong, a static string */
    /* the decoder's own */
    uint64_t left;    /* bytes that are left of the counted body, or of the chunk */
    uint8_t state;    /* enum state of body.c */
    uint8_t digits;   /* of the chunk's size; behind a CR, 1 */
    uint16_t lines;   /* of trailers so far */
    uint32_t bytes;   /* of this size line, or of all trailers so far */
    uint32_t framing; /* bytes of framing so far */
};

/*
 * Begins the body that follows RESPONSE, whose head is complete. OUT is the caller's. The body may be empty and so
 * complete already, which http_body_feed tells, also when it is fed no bytes.
 */
void http_body_init(struct http_body *body, const struct http_response *response, struct text *out);

/* Takes LENGTH bytes. Those behind the end of the body are ignored. */
enum http_progress http_body_feed(struct http_body *body, const char *bytes, size_t length);

/* What it means that the connection ends here: the body is complete, or bad. */
enum http_progress http_body_end(struct http_body *body);

#endif
