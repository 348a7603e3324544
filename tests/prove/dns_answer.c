/*
 * The reader of DNS messages, whatever bytes a server sends.
 */
#include "healthcheck/probes/dnswire.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { QUESTION = 5, RECORD = 11, SIZE = DNS_HEAD + QUESTION + 2 * RECORD + 2 }; /* with names of a byte */

static bool contract_read_name(struct reader *reader, struct dns_name *name)
{
    size_t at = nondet_size();

    prove(reader->at <= reader->length, "a name is read from within");
    if (nondet_bool())
        return false;
    assume(at > reader->at && at <= reader->length);
    reader->at = at;
    return true;
}

static bool contract_is_same_name(const struct dns_name *a, const struct dns_name *b)
{
    return nondet_bool();
}

/*
 * PROVES   An answer is taken apart within its bytes. It is to the question by its id and its flags, and no more
 *          records are counted than it has.
 * FOR      messages of 41 bytes, and any names in them
 * CUTS     healthcheck/probes/dnswire.c: read_name: prove/dns.c: proof_read_name
 * CUTS     healthcheck/probes/dnswire.c: is_same_name: prove/dns.c: proof_same
 * BREAKS   healthcheck/probes/dnswire.c: if (reader->length - reader->at < data) return false; =>
 * BREAKS   healthcheck/probes/dnswire.c: || reader->length - reader->at < BEFORE_DATA) => || reader->length -
 *          reader->at < 2)
 * BREAKS   healthcheck/probes/dnswire.c: || get16(head) != question->id || => ||
 * WITH     --no-conversion-check --unwind 5
 */
void proof_answer(void)
{
    uint8_t bytes[SIZE];
    struct dns_question question;
    struct dns_answer answer;
    enum dns_message message = dns_answer_read(&question, bytes, SIZE, &answer);

    if (message == DNS_FOREIGN)
        return;
    prove(get16(bytes) == question.id && bytes[2] & IS_ANSWER, "it is to the question");
    if (message != DNS_ANSWER)
        return;
    prove(answer.rcode <= 15 && answer.records <= get16(bytes + ANSWERS_AT), "it is as it says");
    prove(DNS_HEAD + QUESTION + answer.records * RECORD <= SIZE, "no record is counted that is not there");
    prove(implies(answer.truncated, answer.records == 0), "of a cut one nothing is counted");
}
