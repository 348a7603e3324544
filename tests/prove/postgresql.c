/*
 * What the probe of PostgreSQL makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/postgresql.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { SIZE = HEADER + 4, TLS_SIZE = HEADER + 2, ANSWER_SIZE = 2 * HEADER + 4 };

/* LENGTH is one number for cbmc, so that it has few places to look at. */
static void take_any(size_t length)
{
    uint8_t room[SIZE];
    const uint8_t *bytes = room + SIZE - length;
    struct message message;
    enum reply reply = next_message(bytes, length, &message);

    prove(implies(length > 0 && bytes[0] != '\0' && !strchr("ESRKZNv", bytes[0]), reply == REPLY_BAD),
          "others are none");
    if (reply != REPLY_COMPLETE)
        return;
    prove(length >= HEADER && message.type == (char)bytes[0] && message.type, "it has its type");
    prove(message.body == bytes + HEADER && message.size <= length - HEADER, "its body is all there");
    prove(implies(!message.old, message.size + 4 == reply_be(bytes + 1, 4)), "and as long as it says,");
    prove(implies(message.old, message.type == 'E' && message.size > 0 && message.body[message.size - 1] == '\0'),
          "or, of an old error, up to its NUL");
}

/*
 * PROVES   A message of PostgreSQL is taken where all of it has come, by its type and its length, or an old error by
 *          its NUL; nothing behind it is read, and what is of another protocol is refused by its first byte.
 * FOR      answers of up to 9 bytes
 * BREAKS   healthcheck/probes/postgresql.c: return length < size + 1 ? => return length < size ?
 * BREAKS   healthcheck/probes/postgresql.c: || size < 4 || size > MESSAGE_MAX) => || size > MESSAGE_MAX)
 * BREAKS   healthcheck/probes/postgresql.c: bytes[end] != '\0' || end < HEADER => bytes[end] != '\0'
 * WITH     --no-conversion-check --unwind 11 --unwindset strchr.0:9,reply_be.0:5
 */
void proof_message(void)
{
    for (size_t length = 0; length <= SIZE; length++)
        take_any(length);
}

/* An answer whose first byte is E is another proof's. */
static enum reply contract_postgresql_judge_login(const uint8_t *bytes, size_t length, struct result *result)
{
    prove(bytes[0] == 'E', "only an error is judged as one");
    result->healthy = false;
    return REPLY_COMPLETE;
}

/*
 * PROVES   TLS is offered by the one byte S, behind which nothing has come.
 * FOR      answers of 1 to 7 bytes
 * CUTS     healthcheck/probes/postgresql.c: postgresql_judge_login: unit/test_hc_services.c: a_whole_answer_is_judged
 * BREAKS   healthcheck/probes/postgresql.c: else if (length > 1) => else if (length > 2)
 * BREAKS   healthcheck/probes/postgresql.c: if (bytes[0] != 'S' && bytes[0] != 'N') return REPLY_BAD; =>
 * WITH     --no-conversion-check --unwind 9
 */
void proof_tls(void)
{
    uint8_t bytes[TLS_SIZE];
    size_t length = nondet_size();
    struct result result;

    assume(length >= 1 && length <= TLS_SIZE);
    if (postgresql_judge_tls(bytes, length, &result) == REPLY_COMPLETE && result.healthy)
        prove(bytes[0] == 'S' && length == 1, "it is offered, and nothing came in front of it");
}

/* What proof_message shows of next_message. It notes the last message that was taken, and whether there was a request.
 */
static const uint8_t *behind; /* the last byte of the answer */
static char last_type;
static bool last_asks;
static unsigned errors; /* that were judged */

static enum reply contract_next_message(const uint8_t *bytes, size_t length, struct message *message)
{
    prove(bytes + length == behind, "the rest of the answer is looked at");
    prove(last_type != 'E' && last_type != 'Z' && !last_asks, "and nothing behind what ends it");
    if (length < HEADER || nondet_bool())
        return nondet_bool() ? REPLY_PARTIAL : REPLY_BAD;
    *message = (struct message){ (char)bytes[0], bytes + HEADER, nondet_size(), bytes[0] == 'E' && nondet_bool() };
    assume(strchr("ESRKZNv", bytes[0]) && bytes[0] != '\0' && message->size <= length - HEADER);
    last_type = message->type;
    last_asks = last_type == 'R' && message->size >= 4 && reply_be(message->body, 4) != AUTH_OK &&
                reply_be(message->body, 4) != AUTH_SASL_FINAL;
    return REPLY_COMPLETE;
}

/* An error is judged by its SQLSTATE, of which nothing is said here. */
static enum reply contract_postgresql_judge_error(const struct message *error, struct result *result)
{
    prove(error->type == 'E' && last_type == 'E', "only an error is judged as one");
    errors++;
    return nondet_bool() ? REPLY_BAD : REPLY_COMPLETE;
}

static enum reply contract_judge_refusal(const struct message *error, struct result *result)
{
    return contract_postgresql_judge_error(error, result);
}

static void judge_whole(reply_judge *judge, size_t length, bool by_login)
{
    uint8_t room[ANSWER_SIZE];
    struct result result;

    behind = room + ANSWER_SIZE;
    last_type = '\0';
    last_asks = false;
    verdicts = errors = 0;
    enum reply reply = judge(room + ANSWER_SIZE - length, length, &result);
    prove(implies(errors == 0, (reply == REPLY_COMPLETE) == (verdicts == 1)), "a verdict comes with the end alone");
    prove(implies(reply == REPLY_COMPLETE, last_type == 'E' || last_type == 'Z' || last_asks), "which has come");
    prove((errors > 0) == (last_type == 'E'), "an error is what decides, once it is there");
    if (verdicts > 0)
        prove(result.healthy == (last_type == 'Z' || !by_login), "a request lets nobody in");
}

/*
 * PROVES   A server of PostgreSQL accepts connections where it is ready or asks for a login, and lets a user in only
 *          where it is ready; an error in front of that decides, and nothing behind the end is looked at.
 * FOR      answers of 4, 9 and 14 bytes, in up to 2 messages
 * CUTS     healthcheck/probes/postgresql.c: next_message: prove/postgresql.c: proof_message
 * CUTS     healthcheck/probes/postgresql.c: postgresql_judge_error: unit/test_hc_services.c: a_whole_answer_is_judged
 * CUTS     healthcheck/probes/postgresql.c: judge_refusal: unit/test_hc_services.c: a_whole_answer_is_judged
 * BREAKS   healthcheck/probes/postgresql.c: if (last->type == 'R' && last->size < 4) return REPLY_BAD; =>
 * BREAKS   healthcheck/probes/postgresql.c: if (last->type == 'E' || last->type == 'Z' || => if (last->type == 'Z' ||
 * BREAKS   healthcheck/probes/postgresql.c: if (last.type == 'Z') result_ok( => if (last.type != 'E') result_ok(
 * WITH     --no-conversion-check --unwind 9
 * SLOW
 */
void proof_verdict(void)
{
    for (size_t length = ANSWER_SIZE % HEADER; length <= ANSWER_SIZE; length += HEADER) {
        judge_whole(postgresql_judge, length, false);
        judge_whole(postgresql_judge_login, length, true);
    }
}
