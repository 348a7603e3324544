/*
 * What the probe of memcached makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/memcached.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { PACKET_SIZE = PACKET_HEAD + 2 };

/*
 * PROVES   A packet of memcached is healthy where it is whole, answers what was asked, and has the status 0.
 *          Nothing behind it is read, and what comes later changes no verdict.
 * FOR      answers of up to 26 bytes, in any two parts
 * BREAKS   healthcheck/probes/memcached.c: if (length < PACKET_HEAD + body->length) => if (length < PACKET_HEAD)
 * BREAKS   healthcheck/probes/memcached.c: (length > 1 && bytes[1] != opcode)) => false)
 * BREAKS   healthcheck/probes/memcached.c: if (status == 0) result_ok( => if (status < 256) result_ok(
 * WITH     --unwind 6 --unwindset strlen.0:35,strchr.0:35
 */
void proof_packet(void)
{
    uint8_t room[PACKET_SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(memcached_judge_login, room, PACKET_SIZE, &length, &healthy);

    if (healthy)
        prove(length >= PACKET_HEAD && bytes[0] == ANSWER && bytes[1] == OPCODE_LOGIN && bytes[6] == 0 && bytes[7] == 0,
              "the login is good");
    bytes = judge_any(memcached_judge_version, room, PACKET_SIZE, &length, &healthy);
    if (healthy)
        prove(length >= PACKET_HEAD + (size_t)bytes[PACKET_BODY + 3] && bytes[1] == OPCODE_VERSION,
              "all of it is there");
}
