/*
 * What a server of FastCGI answers: records, whose contents are together what a CGI program writes (RFC 3875, 6):
 * header lines, an empty line, the body. Pure.
 */
#ifndef HEALTHCHECK_PROBES_FASTCGI_H
#define HEALTHCHECK_PROBES_FASTCGI_H

#include "healthcheck/probes/dialogue.h"
#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stddef.h>
#include <stdint.h>

enum {
    FCGI_VERSION = 1,
    FCGI_REQUEST = 1, /* the number of our request */
    FCGI_HEADER = 8,  /* bytes of a record's head: version, type, request (2), length (2), padding, reserved */
    /* types of records that a server sends */
    FCGI_END = 3,
    FCGI_OUTPUT = 6,
    FCGI_ERRORS = 7,
    FCGI_END_SIZE = 8,   /* bytes of FCGI_END: the program's status (4), the protocol's status, reserved (3) */
    FCGI_OVERLOADED = 2, /* a status of the protocol */
    FCGI_STATUS_OK = 200,
};

/* An answer as it comes. */
struct fcgi_answer {
    struct text output; /* what the program wrote; when it is full, nobody needs more, and the answer is complete */
    /* the parser's own */
    uint8_t head[FCGI_HEADER]; /* of this record */
    uint8_t end[FCGI_END_SIZE];
    size_t at;     /* bytes of this record so far */
    uint32_t rest; /* bytes so far that are no output; a server could send them without end */
};

/* Begins an answer. The output goes to the SIZE bytes at BUFFER, which are the caller's. */
void fcgi_begin(struct fcgi_answer *answer, char *buffer, size_t size);

/* Takes the next LENGTH bytes. Those behind the end are ignored. Not to be called again after another reply than
 * REPLY_PARTIAL. */
enum reply fcgi_feed(struct fcgi_answer *answer, const uint8_t *bytes, size_t length);

/* What the program wrote. */
struct fcgi_page {
    unsigned status; /* 100-999; 200 where there is no `Status:` */
    struct span body;
};

/*
 * Takes apart what ANSWER, which is complete, brought. REPLY_COMPLETE: *PAGE is set; or its status is 0 and *RESULT
 * says why the server has not run anything. REPLY_BAD where it is not what a CGI program writes.
 */
enum reply fcgi_conclude(const struct fcgi_answer *answer, struct fcgi_page *page, struct result *result);

#endif
