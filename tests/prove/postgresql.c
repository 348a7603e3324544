/*
 * What the probe of PostgreSQL makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/postgresql.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { SIZE = HEADER + 4, TLS_SIZE = HEADER + 2 };

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
    prove(message.size + 4 == reply_be(bytes + 1, 4), "and as long as it says");
}

/*
 * PROVES   A message of PostgreSQL is taken where all of it has come, by its type and its length; nothing behind it is
 *          read, and what is of another protocol is refused by its first byte.
 * FOR      answers of up to 9 bytes
 * BREAKS   healthcheck/probes/postgresql.c: return length < size + 1 ? => return length < size ?
 * BREAKS   healthcheck/probes/postgresql.c: || size < 4 || size > MESSAGE_MAX) => || size > MESSAGE_MAX)
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
