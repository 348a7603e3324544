/* Collects the answer to a gRPC call, and judges it. */
#include "healthcheck/grpc/answer.h"

#include "healthcheck/grpc/health.h"

#include <limits.h>
#include <string.h>

void grpc_answer_init(struct grpc_answer *answer)
{
    answer->http_status = 0;
    answer->is_grpc = false;
    answer->status = GRPC_NO_STATUS;
    answer->ended = false;
    answer->reset = NULL;
    answer->fault = NULL;
    answer->header_bytes = 0;
    answer->length = 0;
}

/* Whether a content-type is gRPC's: `application/grpc`, `application/grpc+proto`, `application/grpc;...`. */
static bool is_grpc_type(struct span type)
{
    static const char wanted[] = "application/grpc";
    const size_t length = sizeof wanted - 1;

    return type.length >= length && span_is((struct span){ type.at, length }, wanted) &&
           (type.length == length || strchr("+; ", type.at[length]));
}

static int parse_status(struct span digits)
{
    enum { DIGITS_MAX = 9 };
    unsigned number;

    return digits.length <= DIGITS_MAX && span_number(digits, INT_MAX, &number) ? (int)number : GRPC_BAD_STATUS;
}

bool grpc_answer_header(struct grpc_answer *answer, struct span name, struct span value, bool last)
{
    answer->header_bytes += name.length + value.length;
    if (span_is(name, ":status"))
        answer->http_status = parse_status(value);
    else if (span_is(name, "content-type"))
        answer->is_grpc = is_grpc_type(value);
    else if (span_is(name, "grpc-status") && last)
        answer->status = parse_status(value);
    if (answer->header_bytes > GRPC_HEADERS_MAX)
        answer->fault = "headers longer than 64 KiB";
    return !answer->fault;
}

bool grpc_answer_data(struct grpc_answer *answer, const uint8_t *bytes, size_t length)
{
    if (length > GRPC_MESSAGE_MAX - answer->length) {
        answer->fault = "answer is no HealthCheckResponse: it is longer than 4 KiB";
        return false;
    }
    memcpy(answer->message + answer->length, bytes, length);
    answer->length += length;
    return true;
}

/* Writes the verdict on a call that has failed, such as `NOT_FOUND: server does not know that service`. */
static void fail_with_status(uint32_t status, struct result *result)
{
    static const struct {
        const char *code, *meaning;
    } meanings[] = {
        { "NOT_FOUND", ": server does not know that service" },
        { "UNIMPLEMENTED", ": server has no health service" },
    };
    struct text reason = result_begin(result);
    const char *name = grpc_code_name(status);

    text_string(&reason, name ? name : "grpc-status ");
    if (!name)
        text_number(&reason, status);
    for (size_t i = 0; name && i < sizeof meanings / sizeof meanings[0]; i++)
        if (strcmp(name, meanings[i].code) == 0)
            text_string(&reason, meanings[i].meaning);
    result_end(result, &reason, false);
}

static void fail_with_number(const char *before, uint32_t number, const char *after, struct result *result)
{
    char digits[NUMBER_SIZE];

    result_fail(result, before, number_string(digits, number), after, NULL);
}

/* Writes the verdict on what is no answer of gRPC at all. False where it is one. */
static bool is_foreign(const struct grpc_answer *answer, struct result *result)
{
    if (answer->http_status <= 0)
        result_fail(result, "server reset the stream (", answer->reset ? answer->reset : "no answer", ")", NULL);
    else if (answer->http_status != 200)
        fail_with_number("HTTP status ", (uint32_t)answer->http_status, ", wanted 200: is it gRPC?", result);
    else if (!answer->is_grpc)
        result_fail(result, "content-type is not application/grpc: is it gRPC?", NULL);
    else
        return false;
    return true;
}

/* Writes the verdict on an answer that does not end with a grpc-status. False where it does. */
static bool lacks_end(const struct grpc_answer *answer, struct result *result)
{
    if (answer->fault)
        result_fail(result, answer->fault, NULL);
    else if (!answer->ended)
        result_fail(result, "server reset the stream before its end (", answer->reset ? answer->reset : "?", ")", NULL);
    else if (answer->status == GRPC_NO_STATUS)
        result_fail(result, "answer ends without a grpc-status", NULL);
    else if (answer->status == GRPC_BAD_STATUS)
        result_fail(result, "grpc-status is not a number", NULL);
    else
        return false;
    return true;
}

static void judge_message(const struct grpc_answer *answer, struct result *result)
{
    static const char *const faults[] = {
        [GRPC_EMPTY] = "answer lacks a message",
        [GRPC_COMPRESSED] = "answer is compressed, which was not asked for",
        [GRPC_BAD] = "answer is no HealthCheckResponse",
    };
    uint32_t status;
    enum grpc_verdict verdict = grpc_parse_response(answer->message, answer->length, &status);

    if (verdict != GRPC_GOOD)
        result_fail(result, faults[verdict], NULL);
    else if (status == HEALTH_SERVING)
        result_ok(result, health_status_name(status), NULL);
    else if (health_status_name(status))
        result_fail(result, health_status_name(status), NULL);
    else
        fail_with_number("unknown health status ", status, "", result);
}

void grpc_answer_judge(const struct grpc_answer *answer, struct result *result)
{
    if (is_foreign(answer, result) || lacks_end(answer, result))
        return;
    if (answer->status > 0)
        fail_with_status((uint32_t)answer->status, result);
    else
        judge_message(answer, result);
}
