/*
 * The head of an HTTP/1.x response (RFC 9112): status line and headers. Pure.
 *
 * The caller feeds bytes, in pieces of any size. The answer is that more must come, that the head is complete, or that
 * it is bad. Lines may end with LF alone.
 */
#ifndef HEALTHCHECK_HTTP_RESPONSE_H
#define HEALTHCHECK_HTTP_RESPONSE_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Limits; what reaches one is good. A folded header has as many lines as it stands on. */
enum {
    HTTP_HEADER_BYTES_MAX = 65536, /* bytes of the status line, and of all header lines together */
    HTTP_HEADER_LINES_MAX = 256,
    HTTP_INTERIM_MAX = 16, /* 1xx responses in front of the final one */
    HTTP_VALUE_MAX = 128,  /* bytes of a Content-Length, Transfer-Encoding or Content-Encoding */
};

enum http_progress {
    HTTP_PARTIAL,  /* all is well so far, and more must come */
    HTTP_COMPLETE, /* it is all there */
    HTTP_BAD,      /* it is malformed or beyond a limit: `why` says so */
};

struct http_response {
    /* the result, with HTTP_COMPLETE */
    int status;      /* 101, or 200-999 */
    bool chunked;    /* the body is in chunks; a length does not count then */
    bool has_length; /* there is a Content-Length, `length` */
    bool coded;      /* the body has a coding that is not decoded here, such as gzip */
    uint64_t length;
    bool has_location;    /* there is a Location, `location` */
    struct text location; /* as it stands there; where length > size, it was cut */
    const char *why;      /* with HTTP_BAD: what is wrong, a static string */
    /* the parser's own */
    uint8_t state;              /* enum state of response.c */
    uint8_t header;             /* which header this line is: enum header of response.c */
    bool carriage_return;       /* the last byte was a CR */
    bool blank_seen;            /* the empty line that may stand in front of a status line has come */
    uint16_t at;                /* bytes of the status line that have come, or of the header's name */
    uint16_t lines;             /* of headers so far */
    uint16_t interim;           /* interim responses so far */
    uint32_t bytes;             /* of the status line so far, or of all header lines */
    char name[20];              /* of the header, in lower case */
    char value[HTTP_VALUE_MAX]; /* of the header, where it is kept */
    struct text captured;       /* over `value` or `location` */
};

/* Begins a head. The value of a Location goes to LOCATION, which has SIZE bytes and is the caller's; 0: nobody asks. */
void http_response_init(struct http_response *response, char *location, size_t size);

/*
 * Takes bytes up to the empty line that ends the head of the final response; interim responses (1xx) are skipped. *USED
 * says how many of the LENGTH bytes that were: what follows them is the body. Not to be called again after
 * HTTP_COMPLETE or HTTP_BAD.
 */
enum http_progress http_response_feed(struct http_response *response, const char *bytes, size_t length, size_t *used);

/* What the parser waits for, for messages: "waiting for the status line", "reading the headers". */
const char *http_response_phase(const struct http_response *response);

#endif
