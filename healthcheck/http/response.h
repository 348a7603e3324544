/* The head of an HTTP/1.x response (RFC 9112), byte by byte. Pure: bytes in; partial, complete or bad out. */
#ifndef HEALTHCHECK_HTTP_RESPONSE_H
#define HEALTHCHECK_HTTP_RESPONSE_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All limits are inclusive. The lines are those between the status line and the empty one, folded ones counted. */
enum {
    HTTP_HEADER_BYTES_MAX = 65536,
    HTTP_STATUS_LINE_MAX = 65536,
    HTTP_HEADER_LINES_MAX = 256,
    HTTP_INTERIM_MAX = 16,
    HTTP_VALUE_MAX = 128, /* bytes of a Content-Length, Transfer-Encoding or Content-Encoding */
};

enum http_progress { HTTP_PARTIAL, HTTP_COMPLETE, HTTP_BAD };

struct http_response {
    /* Known when complete. */
    int status;   /* 101 or 200-999 */
    bool chunked; /* the body is; this beats a length */
    bool has_length;
    bool coded; /* the body has a coding that is not undone here, such as gzip */
    uint64_t length;
    bool has_location;
    struct text location; /* the value as it stands there; longer than its size: it was cut */
    const char *why;      /* with HTTP_BAD: says what is wrong, a static string */
    /* The parser's own. */
    uint8_t state;        /* enum in http_response.c */
    uint8_t header;       /* which header the line is, enum in http_response.c */
    bool carriage_return; /* the last byte was one */
    bool blank_seen;      /* the empty line that may stand before a status line */
    uint16_t at;          /* bytes of the status line that were matched; of the header's name */
    uint16_t lines;
    uint16_t interim;
    uint32_t bytes;
    char name[20];
    char value[HTTP_VALUE_MAX];
    struct text captured; /* over `value` or `location` */
};

/* LOCATION, SIZE is where a Location goes; SIZE 0 where nobody asks. */
void http_response_init(struct http_response *response, char *location, size_t size);

/*
 * Takes bytes up to the empty line of the final response, 1xx responses skipped; *USED says how many. After
 * HTTP_COMPLETE or HTTP_BAD it must not be called again.
 */
enum http_progress http_response_feed(struct http_response *response, const char *bytes, size_t length, size_t *used);

/* What the parser waits for: "waiting for the status line", "reading the headers". */
const char *http_response_phase(const struct http_response *response);

#endif
