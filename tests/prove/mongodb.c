/*
 * The members of a document of BSON, whatever bytes a server sends.
 */
#include "healthcheck/probes/mongodb.c"

#include "healthcheck/target/span.c"
#include "prove/answers.h"

enum { MEMBER_SIZE = 10 };

/*
 * PROVES   A member of a document, with its name and its value, is within the bytes that it is taken from, and
 *          something is taken wherever there is one: so every walk over members ends.
 * FOR      any 1 to 10 bytes
 * BREAKS   healthcheck/probes/mongodb.c: if (member->size > bson_left(bson)) return false; =>
 * BREAKS   healthcheck/probes/mongodb.c: (size_t)(nul - bson->at) + 1 : TOO_LONG; => (size_t)(nul - bson->at) + 2 :
 *          TOO_LONG;
 * WITH     --unwind 11
 */
void proof_member(void)
{
    uint8_t bytes[MEMBER_SIZE];
    struct bson bson = { bytes, bytes + MEMBER_SIZE };
    struct member member;
    size_t from = nondet_size();

    assume(from < MEMBER_SIZE);
    bson.at += from;
    const uint8_t *before = bson.at;
    if (!take_member(&bson, &member))
        return;
    prove(bson.at >= before + 2 && bson.at <= bson.end && bson.end == bytes + MEMBER_SIZE, "something is taken");
    prove(member.name == (const char *)before + 1 && member.value[-1] == '\0', "the name is a string");
    prove(member.value + member.size == bson.at, "the value is all there");
}
