/*
 * Answers of MongoDB, read member by member.
 */
#include "healthcheck/probes/mongodb.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { DOCUMENT_SIZE = 10 };

/* What proof_member shows of take_member; a member is `ok` or another. */
static bool contract_take_member(struct bson *bson, struct member *member)
{
    size_t taken = nondet_size();

    prove(bson->at < bson->end, "there is something to take");
    if (nondet_bool())
        return false;
    assume(taken >= 2 && taken <= bson_left(bson));
    bson->at += taken;
    return true;
}

static bool last_ok; /* what the last `ok` of the document was */

static void contract_heed_member(const struct member *member, struct hello *hello)
{
    if (nondet_bool())
        return; /* it is another */
    hello->has_ok = true;
    hello->ok = last_ok = nondet_bool();
}

static void read_any(size_t size)
{
    uint8_t room[DOCUMENT_SIZE];
    struct hello hello = { .ok = false };
    const uint8_t *document = room + DOCUMENT_SIZE - size;

    bool good = read_hello(document, size, &hello);
    prove(implies(good, reply_le(document, 4) == size && room[DOCUMENT_SIZE - 1] == '\0'), "it is all of a document");
    prove(implies(good, hello.has_ok && hello.ok == last_ok && size > DOCUMENT_MIN), "which has an `ok`");
}

/*
 * PROVES   An answer of MongoDB is read to the end of its document and no further; without `ok` it is none.
 * FOR      documents of 5 to 10 bytes, whatever their members are
 * CUTS     healthcheck/probes/mongodb.c: take_member: prove/mongodb.c: proof_member
 * CUTS     healthcheck/probes/mongodb.c: heed_member: unit/test_hc_services.c: a_whole_answer_is_judged
 * BREAKS   healthcheck/probes/mongodb.c: if (reply_le(document, 4) != size || *bson.end != '\0') => if (*bson.end
 *          != '\0')
 * BREAKS   healthcheck/probes/mongodb.c: { document + 4, document + size - 1 }; => { document + 4, document + size };
 * WITH     --no-conversion-check --unwind 7 --unwindset read_hello.0:4
 */
void proof_document(void)
{
    for (size_t size = DOCUMENT_MIN; size <= DOCUMENT_SIZE; size++)
        read_any(size);
}
