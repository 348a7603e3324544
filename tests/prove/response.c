/*
 * The parser of HTTP responses, fed one byte or one piece in any state that its invariant allows. As each byte leads to
 * such a state, what holds for one holds for a head of any length.
 */
#include "prove/response.h"

enum { PIECE = 13 };

/*
 * PROVES   The first state satisfies the invariant.
 * FOR      any room for a Location
 * BREAKS   healthcheck/http/response.c: .location = { location, size, 0 } }; => .location = { location, size, 0 },
 *          .state = LINE_START };
 */
void proof_start(void)
{
    struct http_response response;
    size_t size = nondet_size();

    assume(size <= LOCATION_SIZE);
    http_response_init(&response, location, size);
    prove(invariant(&response), "it satisfies it");
}

/*
 * PROVES   Each byte of a status line, and of a value that nobody asks for, leads to a state of the invariant or to
 *          a refusal with its reason.
 * FOR      every state and byte
 * BREAKS   healthcheck/http/response.c: response->at == END && response->status < 100 ? => false ?
 * BREAKS   healthcheck/http/response.c: return ends_head || ++response->bytes <= HTTP_HEADER_BYTES_MAX; => return
 *          ends_head || ++response->bytes > 0;
 * WITH     --unwind 21
 */
void proof_status_line(void)
{
    take_any(BEFORE, OTHER);
    take_any(STATUS_LINE, OTHER);
    take_any(REASON, OTHER);
    take_any(VALUE, OTHER);
}

/*
 * PROVES   So does each byte of a header's name, and of a value that is kept: what is put keeps to its buffer.
 * FOR      every state and byte; a Location of up to 24 bytes
 * BREAKS   healthcheck/http/response.c: if (response->at < sizeof response->name) => if (response->at <= sizeof
 *          response->name)
 * BREAKS   healthcheck/http/response.c: response->captured = (struct text){ response->location.start,
 *          response->location.size, 0 }; => response->captured.size = response->location.size;
 * WITH     --unwind 21
 * SLOW
 */
void proof_header(void)
{
    for (unsigned header = OTHER; header <= LOCATION; header++)
        take_any(NAME, (enum header)header);
    for (unsigned header = CONTENT_LENGTH; header <= LOCATION; header++)
        take_any(VALUE, (enum header)header);
}

/* A piece of at most SIZE bytes is skipped by one parser and taken byte by byte by another. */
static void skip_any(enum state state, size_t size)
{
    enum state behind = state == BEFORE ? STATUS_LINE : state;
    struct http_response quick, slow;
    char bytes[PIECE];
    size_t length;

    any_response(&quick, state, OTHER);
    slow = quick;
    slow.captured.start = slow.value;
    assume(length <= size);
    size_t skipped = skip_char(&quick, bytes, length);
    quick.bytes += (uint32_t)skipped;
    prove(skipped <= length, "no more is taken than there is");
    prove(skipped == 0 || quick.state == behind, "the state is the one that is expected");
    for (size_t n = 0; n < size && n < skipped; n++) {
        prove(take_raw(&slow, bytes[n]) == HTTP_PARTIAL, "nothing is taken that is refused");
        prove(slow.state == behind, "each byte leads there");
        slow.state = behind;
    }
    prove(same(&quick, &slow), "all that counts is the same");
}

/*
 * PROVES   The usual status line, taken in one piece from `HTTP/1.` to its code, is judged as if its bytes were
 *          taken one by one.
 * FOR      every state before it, and pieces of up to 13 bytes
 * BREAKS   healthcheck/http/response.c: bytes[CODE] < '1' || => bytes[CODE] < '0' ||
 * WITH     --unwind 21 --unwindset skip_any.0:14
 */
void proof_usual_status(void)
{
    skip_any(BEFORE, PIECE);
}
