/*
 * The numbers and codings in headers of HTTP responses.
 */
#include "prove/libc.h"
#include "prove/response.h"

enum { DIGITS = 4, CODING = 8 };

/* What may change by a number or a coding. */
static void any_codings(struct http_response *response)
{
    response->has_length = nondet_bool();
    response->chunked = nondet_bool();
    response->coded = nondet_bool();
    assume(implies(response->has_length, response->length <= INT64_MAX));
}

/*
 * PROVES   A number of a Content-Length is the length, or is refused with its reason: where it is no number, is above
 *          every length, or is another than one that came before.
 * FOR      numbers of up to 4 bytes, behind any length
 * BREAKS   healthcheck/http/response.c: response->has_length = true; response->length = value; =>
 *          response->has_length = true;
 * BREAKS   healthcheck/http/response.c: if (response->has_length && response->length != value) => if (false)
 * BREAKS   healthcheck/http/response.c: if (n == 0) return response_bad(response, "Content-Length is not a number");
 *          for => for
 * WITH     --unwind 6
 */
void proof_length(void)
{
    struct http_response before, after;
    char digits[DIGITS];
    size_t n = nondet_size();
    uint64_t number = 0;
    bool good = n > 0;

    assume(n <= DIGITS);
    any_codings(&before);
    after = before;
    enum http_progress progress = take_length(&after, digits, n);
    for (size_t i = 0; i < n; i++) {
        good = good && is_digit(digits[i]);
        number = good ? number * 10 + (uint64_t)(digits[i] - '0') : 0;
    }
    good = good && implies(before.has_length, before.length == number);
    prove(progress == (good ? HTTP_PARTIAL : HTTP_BAD) && implies(!good, after.why), "it is a number, or refused");
    prove(implies(good, after.has_length && after.length == number), "it is the length");
    prove(implies(!good, after.has_length == before.has_length), "what is refused is none");
    prove(after.chunked == before.chunked && after.coded == before.coded, "nothing else changes");
}

/*
 * PROVES   `chunked` is the last transfer coding, and is there once; any other coding is noticed, but for `identity`.
 * FOR      codings of up to 8 bytes, behind any others
 * ASSUMES  no NUL is in a header: unit/test_hc_http.c: bad_heads_are_told_wherever_a_segment_ends
 * BREAKS   healthcheck/http/response.c: if (transfer && response->chunked) => if (false)
 * BREAKS   healthcheck/http/response.c: if (transfer && is_word(coding, n, "chunked")) => if (is_word(coding, n,
 *          "chunked"))
 * BREAKS   healthcheck/http/response.c: return word[n] == '\0'; => return true;
 * WITH     --unwind 10
 */
void proof_coding(void)
{
    struct http_response before, after;
    char coding[CODING];
    size_t n = nondet_size();
    struct span any = { coding, n };

    assume(n <= CODING && !memchr(coding, 0, n));
    any_codings(&before);
    after = before;
    enum http_progress progress = take_coding(&after, coding, n);
    bool transfer = before.header == TRANSFER_ENCODING, none = n == 0 || span_is(any, "identity");
    bool chunked = transfer && span_is(any, "chunked"), bad = !none && transfer && before.chunked;
    prove(progress == (bad ? HTTP_BAD : HTTP_PARTIAL) && implies(bad, after.why), "nothing is behind chunked");
    prove(after.chunked == (before.chunked || (chunked && !bad)), "chunked is noticed");
    prove(after.coded == (before.coded || (!none && !chunked && !bad)), "so is another");
    prove(after.has_length == before.has_length && after.length == before.length, "no length changes");
}
