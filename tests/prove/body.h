/*
 * What the proofs of the decoder of bodies share: any state of it that its invariant allows.
 */
#ifndef PROVE_BODY_H
#define PROVE_BODY_H

#include "healthcheck/http/body.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

static bool invariant(const struct http_body *b)
{
    bool size_line = b->state == SIZE || b->state == EXTENSION;

    return b->state <= DONE && b->bytes <= HTTP_HEADER_BYTES_MAX && b->framing <= HTTP_FRAMING_MAX &&
           b->lines <= HTTP_HEADER_LINES_MAX && implies(b->state == COUNTED || b->state == DATA, b->left > 0) &&
           implies(b->state == SIZE, b->digits <= CHUNK_DIGITS_MAX && b->left < UINT64_C(1) << 4 * b->digits) &&
           implies(b->state == SIZE && b->digits > 1, b->left > 0) && implies(b->state == DATA_END, b->left == 0) &&
           implies(size_line, b->left < UINT64_C(1) << 4 * CHUNK_DIGITS_MAX);
}

static struct http_body any_body(struct text *out)
{
    struct http_body body;

    body.out = out;
    assume(invariant(&body));
    return body;
}

#endif
