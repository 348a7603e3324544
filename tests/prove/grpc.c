/*
 * What the probe of gRPC makes of an answer, from whatever came before.
 */
#include "healthcheck/grpc/answer.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/memcpy.h"
#include "prove/prove.h"

static bool is_serving, told;

/* Any message. */
enum grpc_verdict grpc_parse_response(const uint8_t *bytes, size_t length, uint32_t *status)
{
    uint32_t any;
    unsigned verdict;

    assume(verdict <= GRPC_BAD);
    is_serving = verdict == GRPC_GOOD && any == HEALTH_SERVING;
    *status = any;
    return (enum grpc_verdict)verdict;
}

const char *health_status_name(uint32_t status)
{
    return status <= 3 ? "NAME" : NULL;
}

const char *grpc_code_name(uint32_t status)
{
    return status <= 16 ? "NAME" : NULL;
}

bool result_set(bool healthy, struct result *result, ...)
{
    told = true;
    return result->healthy = healthy;
}

struct text result_begin(struct result *result)
{
    return (struct text){ result->reason, sizeof result->reason, 0 };
}

bool result_end(struct result *result, const struct text *reason, bool healthy)
{
    return result_set(healthy, result, NULL);
}

static bool invariant(const struct grpc_answer *answer)
{
    return answer->length <= GRPC_MESSAGE_MAX && answer->header_bytes <= GRPC_HEADERS_MAX && answer->status >= -2 &&
           answer->http_status >= -2;
}

/*
 * PROVES   An answer is healthy only where it is one of gRPC by the status 200 and its type, came to its end with
 *          the grpc-status 0, and its message says SERVING. Every answer has a verdict.
 * FOR      every state of an answer, and every message
 * BREAKS   healthcheck/grpc/answer.c: else if (!answer->is_grpc) => else if (false)
 * BREAKS   healthcheck/grpc/answer.c: else if (!answer->ended) => else if (false)
 * BREAKS   healthcheck/grpc/answer.c: if (answer->status > 0) => if (answer->status > 1)
 * WITH     --unwind 22 --unwindset strlen.0:45,strcmp.0:15
 */
void proof_verdict(void)
{
    struct grpc_answer answer;
    struct result result;

    answer.is_grpc = nondet_bool();
    answer.ended = nondet_bool();
    answer.reset = nondet_bool() ? "NAME" : NULL;
    answer.fault = nondet_bool() ? "fault" : NULL;
    assume(invariant(&answer));
    grpc_answer_judge(&answer, &result);
    prove(told, "there is a verdict");
    prove(implies(result.healthy, answer.http_status == 200 && answer.is_grpc), "it is gRPC");
    prove(implies(result.healthy, answer.ended && !answer.fault && answer.status == 0), "it came to its end");
    prove(implies(result.healthy, is_serving), "and says so");
}
