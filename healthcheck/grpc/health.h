/* The messages of gRPC's health protocol, grpc.health.v1. Pure. */
#ifndef HEALTHCHECK_GRPC_HEALTH_H
#define HEALTHCHECK_GRPC_HEALTH_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* HealthCheckResponse.ServingStatus; servers may send others. */
enum serving_status { HEALTH_UNKNOWN, HEALTH_SERVING, HEALTH_NOT_SERVING, HEALTH_SERVICE_UNKNOWN };

/* Puts a HealthCheckRequest for SERVICE (may be empty) as gRPC frames it: a flag, a length, a protobuf message. */
void grpc_put_request(struct text *out, const char *service, size_t length);

/* What is wrong with a response, or not. */
enum grpc_verdict {
    GRPC_GOOD,
    GRPC_EMPTY,      /* there is none */
    GRPC_COMPRESSED, /* which nobody asked for */
    GRPC_BAD,        /* no frame with a HealthCheckResponse, or not that alone */
};

/* Takes the framed HealthCheckResponse apart; *STATUS is set where it is GRPC_GOOD. Unknown fields are skipped. */
enum grpc_verdict grpc_parse_response(const uint8_t *bytes, size_t length, uint32_t *status);

/* `NOT_SERVING`; NULL for a status that the protocol does not know. */
const char *health_status_name(uint32_t status);

/* `DEADLINE_EXCEEDED`: a grpc-status by its name; NULL for one that gRPC does not know. */
const char *grpc_code_name(uint32_t code);

/* Puts NS as a grpc-timeout: at most eight digits and a unit, never 0. */
void grpc_put_timeout(struct text *out, int64_t ns);

#endif
