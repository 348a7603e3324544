/*
 * What the proofs of the parser of HTTP responses share: any state of the parser that its invariant allows. As each
 * byte leads to such a state, what holds for one holds for a head of any length.
 */
#ifndef PROVE_RESPONSE_H
#define PROVE_RESPONSE_H

#include "healthcheck/http/response.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

enum { LOCATION_SIZE = 24, BLANKS = 3, END_OF_STATUS = sizeof status_line - 1 };

static char location[LOCATION_SIZE];

/* Whether a kept value is where it has room: what is put is counted without end, but for the limit of the head. */
static bool is_kept(const struct http_response *response)
{
    const struct text *captured = &response->captured;

    return response->header == LOCATION
               ? captured->start == location && captured->size == response->location.size
               : captured->start == response->value && captured->size == sizeof response->value;
}

static bool invariant(const struct http_response *r)
{
    bool in_headers = r->state >= LINE_START, kept = in_headers && r->header != OTHER;

    return r->state <= VALUE && r->header <= LOCATION && r->location.start == location &&
           r->location.size <= LOCATION_SIZE && r->bytes <= HTTP_HEADER_BYTES_MAX &&
           r->lines <= HTTP_HEADER_LINES_MAX && r->interim <= HTTP_INTERIM_MAX && r->status >= 0 &&
           implies(r->state == BEFORE, r->at == 0 && r->status == 0 && !r->has_length && !r->chunked) &&
           implies(r->state == BEFORE, r->bytes <= 2u * r->blank_seen + r->carriage_return) &&
           implies(r->state == STATUS_LINE, r->at <= END_OF_STATUS) &&
           implies(r->state == STATUS_LINE && r->at <= 9, r->status == 0) &&
           implies(r->state == STATUS_LINE && r->at == 10, r->status <= 9) &&
           implies(r->state == STATUS_LINE && r->at == 11, r->status <= 99) &&
           implies(r->state > STATUS_LINE || (r->state == STATUS_LINE && r->at == END_OF_STATUS),
                   r->status >= 100 && r->status <= 999) &&
           implies(r->state == NAME, r->at <= NAME_SIZE) &&
           implies(r->state == VALUE || (r->state == LINE_START && r->lines > 0) || r->state == NAME, r->lines > 0) &&
           implies(r->state <= REASON, r->header == OTHER) && implies(r->lines == 0, r->header == OTHER) &&
           implies(kept, is_kept(r) && r->captured.length <= r->bytes) &&
           implies(r->has_length, r->length <= INT64_MAX);
}

/* Any state of the parser, of which the two numbers that its branches go by are given. */
static void any_response(struct http_response *response, enum state state, enum header header)
{
    struct http_response any;

    *response = any;
    response->state = state;
    response->header = header;
    response->chunked = nondet_bool();
    response->has_length = nondet_bool();
    response->coded = nondet_bool();
    response->has_location = nondet_bool();
    response->carriage_return = nondet_bool();
    response->blank_seen = nondet_bool();
    response->location.start = location;
    response->captured.start = header == LOCATION ? location : response->value;
    response->captured.size = header == LOCATION ? response->location.size : sizeof response->value;
    assume(invariant(response));
}

/* Whether both parsers are in the same state: all that a later byte, or the reader of the result, looks at. */
static bool same(const struct http_response *a, const struct http_response *b)
{
    bool kept = a->state >= LINE_START && a->lines > 0 && a->header != OTHER;
    size_t i, k;

    assume(i < NAME_SIZE && k < HTTP_VALUE_MAX);
    return a->state == b->state && a->bytes == b->bytes && a->lines == b->lines && a->interim == b->interim &&
           a->status == b->status && a->carriage_return == b->carriage_return && a->blank_seen == b->blank_seen &&
           a->chunked == b->chunked && a->coded == b->coded && a->has_length == b->has_length &&
           a->has_location == b->has_location && a->header == b->header &&
           implies(a->has_length, a->length == b->length) &&
           implies(a->has_location, a->location.length == b->location.length) &&
           implies(a->state == NAME || a->state == STATUS_LINE, a->at == b->at) &&
           implies(a->state == NAME && i < a->at, a->name[i] == b->name[i]) &&
           implies(kept, a->captured.length == b->captured.length) &&
           implies(kept && a->header != LOCATION && k < a->captured.length, a->value[k] == b->value[k]);
}

/* Whether the third byte from the end of a kept value is no blank. */
static bool has_few_blanks(const struct http_response *response)
{
    const struct text *value = &response->captured;

    return response->state != LINE_START || response->header == OTHER || value->length < BLANKS ||
           value->length > value->size || !is_blank(value->start[value->length - BLANKS]);
}

static void take_any(enum state state, enum header header)
{
    struct http_response response;
    char byte;

    any_response(&response, state, header);
    assume(has_few_blanks(&response));
    enum http_progress progress = take_raw(&response, byte);
    if (progress == HTTP_PARTIAL)
        prove(invariant(&response), "the invariant still holds");
    else if (progress == HTTP_BAD)
        prove(response.why != NULL, "a refusal has its reason");
    else
        prove((response.status >= 200 && response.status <= 999) || response.status == 101, "the status is final");
}

#endif
