/*
 * What the proofs of the readers of services' answers share: an answer behind which nothing may be read, and a result
 * that counts its verdicts.
 */
#ifndef PROVE_ANSWERS_H
#define PROVE_ANSWERS_H

#include "prove/libc.h"
#include "prove/prove.h"

#include "healthcheck/probes/dialogue.c"

static unsigned verdicts; /* that were given so far */

bool result_set(bool healthy, struct result *result, ...)
{
    result->healthy = healthy;
    verdicts++;
    return healthy;
}

/* In reasons alone, which nobody looks at here. */
char *number_string(char buffer[NUMBER_SIZE], uint64_t number)
{
    buffer[0] = '\0';
    return buffer;
}

/*
 * Any answer of 1 to SIZE bytes, which stand at the end of ROOM, is judged: by all of it and, as dialogue_ask does, by
 * what came of it first. A verdict is given where the reply is complete and nowhere else, and what was said of the
 * beginning is not changed by what follows.
 */
static const uint8_t *judge_any(reply_judge *judge, const uint8_t *room, size_t size, size_t *length, bool *healthy)
{
    size_t first = nondet_size();
    struct result whole = { .healthy = nondet_bool() }, part = whole;

    *length = nondet_size();
    assume(*length >= 1 && *length <= size && first >= 1 && first <= *length);
    const uint8_t *bytes = room + size - *length;
    verdicts = 0;
    enum reply reply = judge(bytes, *length, &whole);
    prove((reply == REPLY_COMPLETE) == (verdicts > 0), "a verdict comes with a complete answer, and with no other");
    prove(reply == REPLY_PARTIAL || reply == REPLY_COMPLETE || reply == REPLY_BAD, "there is a reply");
    enum reply early = judge(bytes, first, &part);
    prove(early == REPLY_PARTIAL || early == reply, "what was said of the beginning holds");
    prove(implies(early == REPLY_COMPLETE, part.healthy == whole.healthy), "and so does its verdict");
    *healthy = reply == REPLY_COMPLETE && whole.healthy;
    return bytes;
}

static bool begins(const uint8_t *bytes, size_t length, const char *word)
{
    return span_begins((struct span){ (const char *)bytes, length }, word);
}

#endif
