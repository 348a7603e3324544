/*
 * The answer to a gRPC call, and the verdict on it. Pure.
 *
 * Over HTTP/2 an answer is made of headers with the HTTP status and the content-type, of data with the message, and of
 * trailers with the grpc-status. An answer without a message may have the grpc-status in its headers.
 */
#ifndef HEALTHCHECK_GRPC_ANSWER_H
#define HEALTHCHECK_GRPC_ANSWER_H

#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GRPC_HEADERS_MAX = 65536, /* bytes of all names and values of headers and trailers */
    GRPC_MESSAGE_MAX = 4096,  /* bytes of a message: a good one has 7 */
    /* values of `status` that are none of gRPC */
    GRPC_NO_STATUS = -1,  /* none has come */
    GRPC_BAD_STATUS = -2, /* it is not a number */
};

/* What has come so far. The caller sets `ended` and `reset`, the functions below all else. */
struct grpc_answer {
    int http_status;     /* 0: none has come */
    bool is_grpc;        /* the content-type says so */
    int status;          /* the grpc-status, or one of the above */
    bool ended;          /* the server has ended the stream as it should */
    const char *reset;   /* the name of the error by which the stream was reset, or NULL */
    const char *fault;   /* why reading was given up, or NULL */
    size_t header_bytes; /* of all headers and trailers */
    size_t length;       /* of the message */
    uint8_t message[GRPC_MESSAGE_MAX];
};

/* Makes *ANSWER one of which nothing has come. */
void grpc_answer_init(struct grpc_answer *answer);

/* Takes a header or trailer. LAST: its block ends the answer. False, with `fault`, beyond GRPC_HEADERS_MAX. */
bool grpc_answer_header(struct grpc_answer *answer, struct span name, struct span value, bool last);

/* Takes LENGTH bytes of the message. False, with `fault`, beyond GRPC_MESSAGE_MAX. */
bool grpc_answer_data(struct grpc_answer *answer, const uint8_t *bytes, size_t length);

/* Writes the verdict on an answer of which no more will come, and its reason, to *RESULT. */
void grpc_answer_judge(const struct grpc_answer *answer, struct result *result);

#endif
