/*
 * What the probe of redis makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/redis.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { SIZE = 8 };

/* Whether a line ends in the bytes, and is WORD. */
static bool is_line(const uint8_t *bytes, size_t length, const char *word)
{
    size_t n = strlen(word);

    return begins(bytes, length, word) && length > n &&
           (bytes[n] == '\n' || (bytes[n] == '\r' && length > n + 1 && bytes[n + 1] == '\n'));
}

/*
 * PROVES   An answer of redis to PING is healthy by a line that is +PONG, or that begins with -NOPERM or -NOAUTH;
 *          after a login not by -NOAUTH. Nothing behind it is read, and what comes later changes no verdict.
 * FOR      answers of up to 8 bytes, in any two parts
 * ASSUMES  an answer is judged where a byte of it has come: system/healthcheck/test_services_hostile.c:
 *          an_end_before_the_first_answer_is_unhealthy
 * BREAKS   healthcheck/probes/redis.c: (begins[0] == '-' || line.length == strlen(begins)) => true
 * BREAKS   healthcheck/probes/redis.c: judge_by(pings, sizeof pings / sizeof pings[0] - 1, => judge_by(pings,
 *          sizeof pings / sizeof pings[0],
 * BREAKS   healthcheck/probes/dialogue.c: (end > bytes && end[-1] == '\r') => (end[-1] == '\r')
 * WITH     --unwind 9 --unwindset reply_word.0:9,memchr.0:9,strlen.0:10,memcmp.0:10
 * SLOW
 */
void proof_ping(void)
{
    uint8_t room[SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(redis_judge, room, SIZE, &length, &healthy);
    bool pong = is_line(bytes, length, "+PONG"), login = begins(bytes, length, "-NOAUTH");

    prove(implies(healthy, pong || login || begins(bytes, length, "-NOPERM")), "healthy is what says so");
    prove(implies(pong, healthy), "and a PONG is");
    bytes = judge_any(redis_judge_inside, room, SIZE, &length, &healthy);
    pong = is_line(bytes, length, "+PONG");
    prove(implies(healthy, pong || begins(bytes, length, "-NOPERM")), "after a login NOAUTH is no answer");
}

/*
 * PROVES   A login to redis, and its database, is there by a line that is +OK, a database also by one that begins
 *          with -NOAUTH.
 * FOR      answers of up to 8 bytes, in any two parts
 * BREAKS   healthcheck/probes/redis.c: { "+OK", true, "logged in" }, => { "+", true, "logged in" },
 * BREAKS   healthcheck/probes/redis.c: if (bytes[0] != '+' && bytes[0] != '-') return REPLY_BAD; =>
 * WITH     --unwind 9 --unwindset reply_word.0:9,memchr.0:9,strlen.0:37,memcmp.0:37
 * SLOW
 */
void proof_login(void)
{
    uint8_t room[SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(redis_judge_login, room, SIZE, &length, &healthy);

    prove(implies(healthy, is_line(bytes, length, "+OK")), "only +OK is a login");
    bytes = judge_any(redis_judge_select, room, SIZE, &length, &healthy);
    prove(implies(healthy, is_line(bytes, length, "+OK") || begins(bytes, length, "-NOAUTH")), "only +OK selects");
}
