/*
 * How the parser of HTTP responses is fed. What it passes over in one piece counts as if it were taken byte by byte,
 * and each byte is taken once: so it makes no difference in how many pieces a response comes.
 */
#include "prove/response.h"

enum { FED = 4 };

static const char *next;        /* the byte that is to be taken */
static uint32_t counted;        /* bytes of the head by then */
static enum http_progress said; /* of the last byte */

unsigned nondet_uint(void);

/* Any number of bytes, which the caller counts. */
static size_t contract_skip_char(struct http_response *response, const char *bytes, size_t length)
{
    size_t n = nondet_size();

    prove(bytes == next && said == HTTP_PARTIAL && response->bytes == counted, "no byte is skipped twice or left out");
    assume(n <= length && n <= HTTP_HEADER_BYTES_MAX - counted);
    next += n;
    counted += (uint32_t)n;
    return n;
}

/* Any byte may be the last, or begin to count anew. */
static enum http_progress contract_take_raw(struct http_response *response, char c)
{
    prove(c == *next && said == HTTP_PARTIAL && response->bytes == counted, "nor is one taken");
    next++;
    response->bytes = counted = nondet_uint();
    assume(counted <= HTTP_HEADER_BYTES_MAX);
    said = nondet_bool() ? HTTP_PARTIAL : nondet_bool() ? HTTP_COMPLETE : HTTP_BAD;
    return said;
}

/*
 * PROVES   Each byte is skipped or taken once, in its place; none is, behind the one that ends the head or is refused.
 *          So a response that comes in pieces is judged as one that comes at once.
 * FOR      pieces of up to 4 bytes, whatever of them is skipped and wherever the head ends
 * CUTS     healthcheck/http/response.c: skip_char: prove/response_parts.c: proof_skipped
 * CUTS     healthcheck/http/response.c: take_raw: prove/response.c: proof_status_line
 * BREAKS   healthcheck/http/response.c: at += skipped; if (at < length) => if (at < length)
 * BREAKS   healthcheck/http/response.c: while (at < length && progress == HTTP_PARTIAL) => while (at < length)
 * BREAKS   healthcheck/http/response.c: response->bytes += (uint32_t)skipped; => response->bytes++;
 * WITH     --unwind 6
 */
void proof_fed(void)
{
    struct http_response response;
    char bytes[FED];
    size_t length = nondet_size(), used;

    assume(length <= FED && response.bytes <= HTTP_HEADER_BYTES_MAX);
    next = bytes;
    counted = response.bytes;
    said = HTTP_PARTIAL;
    enum http_progress progress = http_response_feed(&response, bytes, length, &used);
    prove(used == (size_t)(next - bytes) && progress == said, "what was taken is said, and what came of it");
    prove(implies(progress == HTTP_PARTIAL, used == length && response.bytes == counted),
          "all of it, where it goes on");
}

/* A piece of SIZE bytes is skipped by one parser and taken byte by byte by another. */
static void skip_any(enum state state, size_t size)
{
    struct http_response quick, slow;
    char bytes[3];

    any_response(&quick, state, OTHER);
    slow = quick;
    slow.captured.start = slow.value;
    size_t skipped = skip_char(&quick, bytes, size);
    quick.bytes += (uint32_t)skipped;
    prove(skipped <= size && quick.state == state, "no more is taken than there is");
    for (size_t n = 0; n < size && n < skipped; n++) {
        prove(take_raw(&slow, bytes[n]) == HTTP_PARTIAL, "nothing is taken that is refused");
        prove(slow.state == state, "each byte leads there");
        slow.state = state;
    }
    prove(same(&quick, &slow), "all that counts is the same");
}

/*
 * PROVES   A reason, and a value that nobody asks for, are passed over as if their bytes were taken one by one.
 * FOR      every state, and pieces of 3 bytes
 * BREAKS   healthcheck/http/response.c: && bytes[n] != '\n' && bytes[n] != '\0') => && bytes[n] != '\n')
 * BREAKS   healthcheck/http/response.c: while (n < length && n < limit && bytes[n] != '\r' => while (n < length &&
 *          bytes[n] != '\r'
 * WITH     --unwind 21
 * SLOW
 */
void proof_skipped(void)
{
    skip_any(REASON, 3);
    skip_any(VALUE, 3);
}

/*
 * PROVES   So are the letters and hyphens of a header's name.
 * FOR      every state, and pieces of 2 bytes
 * BREAKS   healthcheck/http/response.c: if ((c < 'a' || c > 'z') && => if ((c < 'a' || c > '~') &&
 * BREAKS   healthcheck/http/response.c: bytes, length < limit ? length : limit); => bytes, length);
 * WITH     --unwind 21
 * SLOW
 */
void proof_letters(void)
{
    skip_any(NAME, 2);
}
