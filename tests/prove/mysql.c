/*
 * What the probe of MySQL makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/mysql.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { SIZE = HEADER + 8, LOGIN_SIZE = 2 * HEADER + 5 };

/*
 * PROVES   A greeting of MySQL is healthy where it is the first packet, of protocol 10, and its version ends in it.
 *          Nothing behind it is read, and what comes later changes no verdict.
 * FOR      answers of up to 12 bytes, in any two parts
 * ASSUMES  an answer is judged where a byte of it has come: system/healthcheck/test_services_hostile.c:
 *          an_end_before_the_first_answer_is_unhealthy
 * BREAKS   healthcheck/probes/mysql.c: memchr(payload, '\0', size); => memchr(payload, '\0', size + 1);
 * BREAKS   healthcheck/probes/mysql.c: if (bytes[3] != 0 || payload[0] => if (payload[0]
 * BREAKS   healthcheck/probes/mysql.c: if (size < 3) return REPLY_BAD; =>
 * WITH     --unwind 9 --unwindset memcmp.0:7,strlen.0:35
 * SLOW
 */
void proof_greeting(void)
{
    uint8_t room[SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(mysql_judge_greeting, room, SIZE, &length, &healthy);

    if (!healthy)
        return;
    prove(length > HEADER + 1 && bytes[3] == 0 && bytes[HEADER] == PROTOCOL, "it is a greeting");
    prove(bytes[0] <= length - HEADER && memchr(bytes + HEADER, 0, bytes[0]), "its version ends");
}

/*
 * PROVES   An answer to a login is found behind the packet that only announces it, and is no error where it is
 *          healthy.
 * FOR      answers of up to 13 bytes, in any two parts
 * BREAKS   healthcheck/probes/mysql.c: (*payload)[1] != FAST_OK) => (*payload)[1] == FAST_OK)
 * BREAKS   healthcheck/probes/mysql.c: if (reply == REPLY_COMPLETE && payload[0] == ERROR_PACKET) => if (reply ==
 *          REPLY_COMPLETE && payload[1] == ERROR_PACKET)
 * WITH     --unwind 5 --unwindset strlen.0:35
 */
void proof_login(void)
{
    uint8_t room[LOGIN_SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(mysql_judge_login, room, LOGIN_SIZE, &length, &healthy);

    if (!healthy)
        return;
    bool announced = bytes[0] == 2 && bytes[HEADER] == MORE_PACKET && bytes[HEADER + 1] == FAST_OK;
    prove(bytes[announced ? 2 * HEADER + 2 : HEADER] != ERROR_PACKET, "no error is healthy");
}
