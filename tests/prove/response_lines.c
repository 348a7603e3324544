/*
 * The beginning of a line of an HTTP response, in any state that the parser's invariant allows.
 */
#include "prove/response.h"

/* What take_list may do; but for what is named here it changes nothing. */
static enum http_progress contract_take_list(struct http_response *response)
{
    uint64_t length;

    prove(response->header != OTHER && response->header != LOCATION, "there is a list");
    prove(is_kept(response) && response->captured.length <= HTTP_VALUE_MAX, "all of it is kept");
    if (nondet_bool())
        return response_bad(response, "any reason");
    if (response->header == CONTENT_LENGTH) {
        assume(length <= INT64_MAX);
        response->length = length;
        response->has_length = true;
        return HTTP_PARTIAL;
    }
    response->chunked = response->chunked || (response->header == TRANSFER_ENCODING && nondet_bool());
    response->coded = response->coded || nondet_bool();
    return HTTP_PARTIAL;
}

/*
 * PROVES   The first byte of each line leads to a state of the invariant, or to a refusal with its reason: a header's
 *          value is judged where it ends, a line that goes on is joined, and the empty line ends the head, or an
 *          interim response.
 * FOR      every state and byte; a Location of up to 24 bytes, and up to two blanks at the end of a value
 * CUTS     healthcheck/http/response.c: take_list: unit/test_hc_http.c: heads_are_read_wherever_a_segment_ends
 * BREAKS   healthcheck/http/response.c: if (interim == HTTP_INTERIM_MAX) => if (interim > HTTP_INTERIM_MAX)
 * BREAKS   healthcheck/http/response.c: if (c != '\n' && ++response->lines > HTTP_HEADER_LINES_MAX) => if (c !=
 *          '\n' && ++response->lines > HTTP_HEADER_LINES_MAX + 1)
 * BREAKS   healthcheck/http/response.c: return value->length > value->size ? => return value->length > value->size
 *          + 1 ?
 * BREAKS   healthcheck/http/response.c: response->location = *value; => response->location.length = value->length;
 *          response->location.size++;
 * WITH     --unwind 21 --unwindset end_header.0:4
 * SLOW
 */
void proof_line_start(void)
{
    for (unsigned header = OTHER; header <= LOCATION; header++)
        take_any(LINE_START, (enum header)header);
}
