/* The messages of gRPC's health protocol, grpc.health.v1 (doc/health-checking.md of gRPC). Pure. */
#ifndef HEALTHCHECK_GRPC_HEALTH_H
#define HEALTHCHECK_GRPC_HEALTH_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* HealthCheckResponse.ServingStatus. A server may send other numbers. */
enum serving_status { HEALTH_UNKNOWN, HEALTH_SERVING, HEALTH_NOT_SERVING, HEALTH_SERVICE_UNKNOWN };

/* Appends a HealthCheckRequest for SERVICE, LENGTH bytes or none, with gRPC's head in front of it. */
void grpc_put_request(struct text *out, const char *service, size_t length);

/* What is wrong with a response. */
enum grpc_verdict {
    GRPC_GOOD,       /* nothing */
    GRPC_EMPTY,      /* there is no message */
    GRPC_COMPRESSED, /* it is compressed, which was not asked for */
    GRPC_BAD,        /* it is not a HealthCheckResponse, or not that alone */
};

/* Parses a HealthCheckResponse with gRPC's head. Sets *STATUS with GRPC_GOOD. Unknown fields are skipped. */
enum grpc_verdict grpc_parse_response(const uint8_t *bytes, size_t length, uint32_t *status);

/* The name of a ServingStatus, such as `NOT_SERVING`; NULL where the protocol has none for it. */
const char *health_status_name(uint32_t status);

/* The name of a grpc-status, such as `DEADLINE_EXCEEDED`; NULL where gRPC has none for it. */
const char *grpc_code_name(uint32_t code);

/* Appends NS, a duration in ns, as the value of grpc-timeout: up to eight digits and a unit. It is never 0. */
void grpc_put_timeout(struct text *out, int64_t ns);

#endif
