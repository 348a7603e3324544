/* The body of an HTTP/1.x response: counted, chunked (RFC 9112, 7.1), or up to the end of the connection. Pure. */
#ifndef HEALTHCHECK_HTTP_BODY_H
#define HEALTHCHECK_HTTP_BODY_H

#include "healthcheck/http/response.h"
#include "pith/text.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes around the chunks of a body: chunks of a byte each need five. */
enum { HTTP_FRAMING_MAX = 8 * 1024 * 1024 };

struct http_body {
    struct text *out; /* where the decoded bytes go; when it is full the body is as good as complete */
    const char *why;  /* with HTTP_BAD */
    uint64_t left;    /* of the counted body, or of the chunk */
    uint8_t state;    /* enum in http_body.c */
    uint8_t digits;   /* of the chunk's size; elsewhere 1 behind a CR */
    uint16_t lines;   /* of trailers */
    uint32_t bytes;   /* of this chunk's size line, or of all trailers */
    uint32_t framing; /* bytes of all that is not the body itself */
};

/* For the body that follows RESPONSE. Already complete where it is empty: call http_body_feed with no bytes to see. */
void http_body_init(struct http_body *body, const struct http_response *response, struct text *out);

/* Takes bytes; those behind the body's end are left alone. */
enum http_progress http_body_feed(struct http_body *body, const char *bytes, size_t length);

/* What the end of the connection means now: complete, or bad. */
enum http_progress http_body_end(struct http_body *body);

#endif
