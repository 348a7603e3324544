/*
 * Decodes the body of an HTTP/1.x response, by a state machine.
 *
 * In COUNTED, UNTIL_END and DATA the bytes are the body itself, and are taken in pieces. In all other states they are
 * the framing of a chunked body (RFC 9112, 7.1), and are taken one by one:
 *
 *     SIZE EXTENSION   the line with a chunk's size; the size 0 is that of the last chunk, and trailers follow
 *     DATA_END         the end of the line behind a chunk's data
 *     TRAILER_START    the beginning of a trailer line, or the empty line that ends the body
 *     TRAILER          the rest of a trailer line
 */
#include "healthcheck/http/body.h"

#include "healthcheck/target/span.h"

#include <stdbool.h>

enum state { COUNTED, UNTIL_END, SIZE, EXTENSION, DATA, DATA_END, TRAILER_START, TRAILER, DONE };

enum { CHUNK_DIGITS_MAX = 15 }; /* of a chunk's size: 2^60 bytes or more are refused */

static enum http_progress body_bad(struct http_body *body, const char *why)
{
    body->why = why;
    return HTTP_BAD;
}

void http_body_init(struct http_body *body, const struct http_response *response, struct text *out)
{
    *body = (struct http_body){ .out = out, .state = UNTIL_END };
    if (response->chunked)
        body->state = SIZE;
    else if (response->has_length) {
        body->state = response->length > 0 ? COUNTED : DONE;
        body->left = response->length;
    }
}

static enum http_progress take_size(struct http_body *body, char c)
{
    int digit = hex_digit(c);

    if (digit >= 0 && body->digits < CHUNK_DIGITS_MAX) {
        body->left = body->left * 16 + (unsigned)digit;
        if (body->left > 0 || body->digits == 0) /* all leading zeros count as one digit */
            body->digits++;
        return HTTP_PARTIAL;
    }
    if (digit >= 0 || body->digits == 0 || !(c == '\n' || c == '\r' || c == ';' || c == ' ' || c == '\t'))
        return body_bad(body, digit >= 0 ? "a chunk is too large" : "a chunk's size is malformed");
    body->state = EXTENSION;
    return HTTP_PARTIAL;
}

static void end_size(struct http_body *body)
{
    body->state = body->left > 0 ? DATA : TRAILER_START;
    body->digits = 0;
    body->bytes = 0;
}

/* Skips the rest of a size line (extensions) or of a trailer line: nobody asks for either. */
static enum http_progress take_size_line(struct http_body *body, char c)
{
    if (c != '\n')
        return HTTP_PARTIAL;
    if (body->state == EXTENSION)
        end_size(body);
    else
        body->state = TRAILER_START;
    return HTTP_PARTIAL;
}

static enum http_progress take_data_end(struct http_body *body, char c)
{
    if (c == '\r' && body->digits == 0) {
        body->digits = 1; /* one CR may stand in front of the LF */
        return HTTP_PARTIAL;
    }
    if (c != '\n')
        return body_bad(body, "a chunk is longer than its size");
    body->digits = 0;
    body->bytes = 0;
    body->state = SIZE;
    return HTTP_PARTIAL;
}

static enum http_progress take_trailer_start(struct http_body *body, char c)
{
    if (c == '\r' && body->digits == 0) {
        body->digits = 1;
        return HTTP_PARTIAL;
    }
    if (c == '\n') {
        body->state = DONE;
        return HTTP_COMPLETE;
    }
    body->digits = 0;
    if (++body->lines > HTTP_HEADER_LINES_MAX)
        return body_bad(body, "more than 256 trailer lines");
    body->state = TRAILER;
    return take_size_line(body, c);
}

/* Counts a byte of the framing. NULL, or which limit it goes beyond. */
static const char *count(struct http_body *body, char c)
{
    bool ends_trailers = body->state == TRAILER_START && (c == '\r' || c == '\n');

    if (++body->framing > HTTP_FRAMING_MAX)
        return "the framing of the chunks is longer than 8 MiB";
    if (ends_trailers || ++body->bytes <= HTTP_HEADER_BYTES_MAX)
        return NULL;
    return body->state == SIZE || body->state == EXTENSION ? "a chunk's size line is longer than 64 KiB"
                                                           : "the trailers are longer than 64 KiB";
}

static enum http_progress body_take(struct http_body *body, char c)
{
    const char *why = count(body, c);

    if (why)
        return body_bad(body, why);
    switch (body->state) {
    case SIZE: {
        enum http_progress progress = take_size(body, c);
        return progress == HTTP_PARTIAL && body->state == EXTENSION ? take_size_line(body, c) : progress;
    }
    case DATA_END:
        return take_data_end(body, c);
    case TRAILER_START:
        return take_trailer_start(body, c);
    default:
        return take_size_line(body, c);
    }
}

static bool is_data(const struct http_body *body)
{
    return body->state == COUNTED || body->state == UNTIL_END || body->state == DATA;
}

/* Takes bytes of the body itself, and returns how many of LENGTH they are. */
static size_t take_data(struct http_body *body, const char *bytes, size_t length)
{
    size_t n = body->state != UNTIL_END && body->left < length ? (size_t)body->left : length;

    text_bytes(body->out, bytes, n);
    if (body->state == UNTIL_END)
        return n;
    body->left -= n;
    if (body->left == 0)
        body->state = body->state == COUNTED ? DONE : DATA_END;
    return n;
}

enum http_progress http_body_feed(struct http_body *body, const char *bytes, size_t length)
{
    enum http_progress progress = HTTP_PARTIAL;

    for (size_t at = 0; at < length && progress == HTTP_PARTIAL && body->state != DONE;) {
        if (body->out->length >= body->out->size)
            return HTTP_COMPLETE;
        if (is_data(body))
            at += take_data(body, bytes + at, length - at);
        else
            progress = body_take(body, bytes[at++]);
    }
    if (body->state == DONE || (progress == HTTP_PARTIAL && body->out->length >= body->out->size))
        return HTTP_COMPLETE;
    return progress;
}

enum http_progress http_body_end(struct http_body *body)
{
    return body->state == UNTIL_END || body->state == DONE
               ? HTTP_COMPLETE
               : body_bad(body, "the connection was closed inside the body");
}
