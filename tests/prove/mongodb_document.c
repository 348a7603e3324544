/*
 * Answers of MongoDB, read member by member.
 */
#include "healthcheck/probes/mongodb.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { DOCUMENT_SIZE = 10, MESSAGE_SIZE = DOCUMENT + DOCUMENT_MIN + CHECKSUM + 1 };

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

/* What proof_document shows of read_hello. */
static bool was_read, was_ok;
static const uint8_t *read_at;
static size_t read_size;

static bool contract_read_hello(const uint8_t *document, size_t size, struct hello *hello)
{
    read_at = document;
    read_size = size;
    prove(size >= DOCUMENT_MIN, "there is room for a document");
    hello->ok = was_ok = nondet_bool();
    return was_read = nondet_bool();
}

/*
 * PROVES   A server of MongoDB is healthy where its message is whole, answers ours, and has a document in it by which
 *          `ok` is 1. Of the message the document alone is read, and no checksum.
 * FOR      answers of up to 31 bytes, whatever their document is
 * CUTS     healthcheck/probes/mongodb.c: read_hello: prove/mongodb_document.c: proof_document
 * BREAKS   healthcheck/probes/mongodb.c: if (size < DOCUMENT + DOCUMENT_MIN + CHECKSUM || => if (size < DOCUMENT +
 *          CHECKSUM ||
 * BREAKS   healthcheck/probes/mongodb.c: if (length < size) return REPLY_PARTIAL; =>
 * BREAKS   healthcheck/probes/mongodb.c: size -= bytes[FLAGS] & HAS_CHECKSUM ? CHECKSUM : 0; =>
 * BREAKS   healthcheck/probes/mongodb.c: if (!hello->ok && hello->code == 0) => if (hello->code == 0)
 * WITH     --no-conversion-check --unwind 5
 */
void proof_verdict(void)
{
    uint8_t room[MESSAGE_SIZE];
    size_t length = nondet_size();
    struct result result;

    assume(length >= 1 && length <= MESSAGE_SIZE);
    const uint8_t *bytes = room + MESSAGE_SIZE - length;
    enum reply reply = mongodb_judge(bytes, length, &result);
    prove((reply == REPLY_COMPLETE) == (verdicts == 1), "a verdict comes with a whole answer, and with no other");
    if (reply != REPLY_COMPLETE)
        return;
    prove(was_read && result.healthy == was_ok, "by the document");
    size_t size = reply_le(bytes, 4), checksum = bytes[16] % 2 ? 4 : 0;
    prove(size <= length && read_at == bytes + 21 && read_size + 21 + checksum == size, "which is read, and no more");
    prove(bytes[8] == 'P' && bytes[9] == 'I' && bytes[10] == 'T' && bytes[11] == 'H', "it answers our message");
    prove(bytes[12] == 0xdd && bytes[13] == 7 && bytes[14] + bytes[15] + bytes[20] == 0, "by a document");
}
