/* One answer to a gRPC call, as it comes over HTTP/2, and the verdict on it. Pure. */
#ifndef HEALTHCHECK_GRPC_ANSWER_H
#define HEALTHCHECK_GRPC_ANSWER_H

#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GRPC_HEADERS_MAX = 65536, /* bytes of all names and values together */
    GRPC_MESSAGE_MAX = 4096,  /* bytes of a response: a good one has 7 */
    GRPC_NO_STATUS = -1,
    GRPC_BAD_STATUS = -2, /* it is no number */
};

/* Cleared by grpc_answer_init. */
struct grpc_answer {
    int http_status;   /* 0: no header has come */
    bool is_grpc;      /* by its content-type */
    int status;        /* grpc-status */
    bool ended;        /* by the server, and not reset */
    const char *reset; /* the error by whose name the stream was reset, or NULL */
    const char *fault; /* why reading was given up, or NULL */
    size_t header_bytes;
    size_t length; /* of the message */
    uint8_t message[GRPC_MESSAGE_MAX];
};

void grpc_answer_init(struct grpc_answer *answer);

/* A header or trailer; LAST: the block it is in ends the answer. False with one byte over GRPC_HEADERS_MAX. */
bool grpc_answer_header(struct grpc_answer *answer, struct span name, struct span value, bool last);

/* More of the message. False with one byte over GRPC_MESSAGE_MAX. */
bool grpc_answer_data(struct grpc_answer *answer, const uint8_t *bytes, size_t length);

/* The verdict on an answer that has ended, was reset or given up. */
void grpc_answer_judge(const struct grpc_answer *answer, struct result *result);

#endif
