/*
 * What the probe of Kafka makes of an answer, whatever bytes a server sends.
 */
#include "healthcheck/probes/kafka.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { SIZE = HEAD + API + 1 };

/*
 * PROVES   An answer of Kafka is healthy where its length is that of the APIs that it counts, one at least, and it
 *          has no error. Nothing behind it is read, and what comes later changes no verdict.
 * FOR      answers of up to 21 bytes, in any two parts
 * BREAKS   healthcheck/probes/kafka.c: if (length < LENGTH + size) return REPLY_PARTIAL; =>
 * BREAKS   healthcheck/probes/kafka.c: apis == 0 || apis > ANSWER_MAX || => apis > ANSWER_MAX ||
 * BREAKS   healthcheck/probes/kafka.c: unsigned error = reply_be(bytes + HEAD - 6, 2); => unsigned error =
 *          reply_be(bytes + HEAD - 6, 1);
 * WITH     --unwind 6 --unwindset memcmp.0:6,strlen.0:22
 */
void proof_versions(void)
{
    uint8_t room[SIZE];
    size_t length;
    bool healthy;
    const uint8_t *bytes = judge_any(kafka_judge, room, SIZE, &length, &healthy);

    if (!healthy)
        return;
    prove(length >= HEAD + API && bytes[HEAD - 1] > 0, "an API is there");
    prove(bytes[3] == HEAD - LENGTH + API * bytes[HEAD - 1] && length >= 4u + bytes[3], "and as many as are counted");
    prove(bytes[HEAD - 6] == 0 && bytes[HEAD - 5] == 0, "there is no error");
}
