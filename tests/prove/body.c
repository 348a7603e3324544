/*
 * The decoder of bodies, fed one byte or piece in any state that its invariant allows.
 */
#include "prove/body.h"

enum { ROOM = 4, PIECE = 4 };

/*
 * PROVES   Each byte of the framing of chunks leads to a state of the invariant, to the end, or to a refusal with
 *          its reason: a chunk is below 2^60 bytes, a line, its trailers and the framing as a whole keep to their
 *          limits.
 * FOR      every state and byte
 * BREAKS   healthcheck/http/body.c: CHUNK_DIGITS_MAX = 15 => CHUNK_DIGITS_MAX = 17
 * BREAKS   healthcheck/http/body.c: ++body->lines > HTTP_HEADER_LINES_MAX => ++body->lines > HTTP_HEADER_LINES_MAX
 *          + 1
 * BREAKS   healthcheck/http/body.c: ++body->framing > HTTP_FRAMING_MAX => ++body->framing > HTTP_FRAMING_MAX + 1
 * WITH     --unwind 2
 */
void proof_framing(void)
{
    struct http_body body = any_body(NULL);
    char byte;

    assume(!is_data(&body) && body.state != DONE);
    enum http_progress progress = body_take(&body, byte);
    if (progress == HTTP_PARTIAL)
        prove(invariant(&body) && body.state != DONE, "the invariant still holds");
    else if (progress == HTTP_COMPLETE)
        prove(body.state == DONE, "the end is the end");
    else
        prove(body.why != NULL, "a refusal has its reason");
}

/*
 * PROVES   Of the body itself no byte is lost, and none is taken twice or from behind its end.
 * FOR      every state that takes data; pieces of up to 4 bytes, of which 4 have room
 * BREAKS   healthcheck/http/body.c: body->state != UNTIL_END && body->left < length ? => body->state == COUNTED &&
 *          body->left < length ?
 * BREAKS   healthcheck/http/body.c: body->left -= n; => body->left -= n - (n > 2);
 * WITH     --unwind 6
 */
void proof_data(void)
{
    char room[ROOM], bytes[PIECE];
    struct text out = { room, ROOM, 0 };
    struct http_body before = any_body(&out), body = before;
    size_t length = nondet_size(), at;

    assume(is_data(&body) && length > 0 && length <= PIECE);
    size_t n = take_data(&body, bytes, length);
    prove(n > 0 && n <= length && out.length == n, "something is taken, and no more than there is");
    prove(implies(before.state != UNTIL_END, n <= before.left), "nothing from behind the end");
    prove(n == length || n == before.left, "as much as belongs to it");
    assume(at < n);
    prove(room[at] == bytes[at], "as it came");
    prove(implies(before.state != UNTIL_END, body.left == before.left - n), "what is left is counted");
    prove((body.state == before.state) == (before.state == UNTIL_END || body.left > 0), "it ends with its last byte");
    prove(invariant(&body), "the invariant still holds");
}
