/*
 * What the probe of AMQP makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/amqp.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { SIZE = METHOD + 7 };

/*
 * PROVES   A method of AMQP is healthy in a whole frame of class connection, and where it is not Close. Nothing
 *          behind it is read, and what comes later changes no verdict.
 * FOR      answers of up to 18 bytes, in any two parts
 * BREAKS   healthcheck/probes/amqp.c: if (length < HEADER + *size + 1) => if (length < HEADER + *size)
 * BREAKS   healthcheck/probes/amqp.c: return size < 6 ? REPLY_BAD : judge_close( => return judge_close(
 * BREAKS   healthcheck/probes/amqp.c: && reply_be(bytes + HEADER, 2) == CLASS_CONNECTION; => ;
 * WITH     --unwind 6
 */
void proof_method(void)
{
    uint8_t room[SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(amqp_judge_method, room, SIZE, &length, &healthy);

    if (!healthy)
        return;
    prove(length > METHOD && bytes[0] == METHOD_FRAME && bytes[HEADER + bytes[6]] == FRAME_END, "the frame is whole");
    prove(bytes[HEADER] == 0 && bytes[HEADER + 1] == CLASS_CONNECTION, "it is of a connection");
    prove(bytes[HEADER + 2] != 0 || bytes[HEADER + 3] != CLOSE, "it does not close it");
}
