/*
 * kafka: Apache Kafka, and what speaks its protocol. A broker that answers ApiVersions without an error is healthy.
 *
 * It is the one request that needs no login, also on a listener that wants one, and the one whose first version every
 * broker since 0.10 knows. Messages are described at kafka.apache.org/protocol: a length, and then the message.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum {
    LENGTH = 4,         /* bytes of the length in front of a message */
    HEAD = LENGTH + 10, /* what an answer begins with: length, correlation id (4), error (2), count of APIs (4) */
    API = 6,            /* bytes of an API: key (2), lowest version (2), highest version (2) */
    UNKNOWN_SERVER_ERROR = 0xffff, /* -1 */
};

/* By their names in the protocol's list of errors; NULL for those that no answer to ApiVersions should have. */
static const char *kafka_error(unsigned error)
{
    switch (error) {
    case 7:
        return "request timed out";
    case 8:
        return "broker not available";
    case 29:
    case 30:
    case 31:
        return "not authorized";
    case 33:
        return "unsupported SASL mechanism";
    case 34:
        return "illegal SASL state";
    case 35:
        return "unsupported version";
    case 41:
        return "not the controller";
    case 42:
        return "invalid request";
    case 56:
        return "storage error";
    case 58:
        return "SASL authentication failed";
    case 76:
        return "unsupported compression type";
    case 89:
        return "throttling quota exceeded";
    default:
        return NULL;
    }
}

static enum reply judge_error(unsigned error, struct result *result)
{
    if (error != UNKNOWN_SERVER_ERROR)
        return reply_number(result, "error", error, kafka_error(error));
    result_fail(result, "error -1 (unknown server error)", NULL);
    return REPLY_COMPLETE;
}

enum reply kafka_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    char count[NUMBER_SIZE];

    if (length < LENGTH)
        return REPLY_PARTIAL;
    uint32_t size = reply_be(bytes, LENGTH);
    if (size < HEAD - LENGTH || size > ANSWER_MAX - LENGTH)
        return REPLY_BAD;
    if (length < LENGTH + size)
        return REPLY_PARTIAL;
    if (memcmp(bytes + LENGTH, "PITH", 4) != 0)
        return REPLY_BAD;
    unsigned error = reply_be(bytes + HEAD - 6, 2);
    uint32_t apis = reply_be(bytes + HEAD - 4, 4);
    if (error != 0)
        return judge_error(error, result);
    if (apis == 0 || apis > ANSWER_MAX || size != HEAD - LENGTH + apis * API)
        return REPLY_BAD;
    result_ok(result, number_string(count, apis), " APIs", NULL);
    return REPLY_COMPLETE;
}

void probe_kafka(struct probe *probe)
{
    /* the length; ApiVersions (18), version 0; the correlation id; who asks */
    static const char request[] = "\0\0\0\x15\0\x12\0\0PITH\0\x0bhealthcheck";
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    conn_phase(&probe->conn, "waiting for the versions of its APIs");
    dialogue_ask(&dialogue, request, sizeof request - 1, kafka_judge);
}
