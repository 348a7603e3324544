/*
 * The decoder of bodies, fed the same bytes in one piece and in two, in any state that its invariant allows. As each
 * piece leads to such a state, what holds for two pieces holds for any number of them.
 */
#include "prove/body.h"

enum { FED = 3 };

/* In one piece, and in two, the first of FIRST bytes. */
static void feed_any(size_t first)
{
    char room[FED], other_room[FED], bytes[FED];
    size_t size = nondet_size(), at = nondet_size();
    struct text out = { room, size, 0 }, other_out = { other_room, size, 0 };
    struct http_body one = any_body(&out), other = one;

    assume(size <= FED);
    other.out = &other_out;
    enum http_progress whole = http_body_feed(&one, bytes, FED), parts = http_body_feed(&other, bytes, first);
    if (parts == HTTP_PARTIAL)
        parts = http_body_feed(&other, bytes + first, FED - first);
    prove(whole == parts, "both end, or do not");
    prove(text_kept(&out) == text_kept(&other_out), "as much of the body is kept");
    prove(implies(at < text_kept(&out), room[at] == other_room[at]), "and it is the same");
    prove(implies(whole == HTTP_BAD, one.why == other.why), "a refusal has the same reason");
    prove(implies(whole == HTTP_PARTIAL, one.state == other.state && one.left == other.left &&
                                             one.digits == other.digits && one.lines == other.lines &&
                                             one.bytes == other.bytes && one.framing == other.framing),
          "all that counts is the same");
    prove(implies(whole == HTTP_PARTIAL, invariant(&one)), "the invariant still holds");
}

/*
 * PROVES   What comes in two pieces is decoded as what comes in one: to the same body, the same state, the same end,
 *          and the same reason for a refusal.
 * FOR      every state, and 3 bytes divided anywhere; room for up to 3 bytes of the body
 * BREAKS   healthcheck/http/body.c: if (body->state == DONE || (progress == HTTP_PARTIAL && body->out->length >=
 *          body->out->size)) => if (body->state == DONE)
 * BREAKS   healthcheck/http/body.c: if (body->left == 0) body->state = => if (body->left < n) body->state =
 * BREAKS   healthcheck/http/body.c: body->left -= n; => body->left--;
 * WITH     --unwind 5 --object-bits 10
 * SLOW
 */
void proof_parts(void)
{
    for (size_t first = 1; first < FED; first++)
        feed_any(first);
}
