/*
 * Parses the head of an HTTP/1.x response (RFC 9112) by a state machine, one byte after the other:
 *
 *     BEFORE        before the status line, where an empty line may stand
 *     STATUS_LINE   `HTTP/1.1 200`
 *     REASON        the rest of the status line
 *     LINE_START    the first byte of a header line, or the empty line that ends the head
 *     NAME VALUE    in a header line
 *
 * A line that begins with a space continues the one before (obs-fold). So a header is only judged when the next line
 * has begun.
 *
 * Plain runs go through here, and most bytes of a head matter to nobody. skip_char takes those in pieces.
 */
#include "healthcheck/http/response.h"

#include "healthcheck/features.h"
#include "healthcheck/target/span.h"
#include "pith/layout.h"

#include <string.h>

enum state { BEFORE, STATUS_LINE, REASON, LINE_START, NAME, VALUE };

enum header { OTHER, CONTENT_LENGTH, TRANSFER_ENCODING, CONTENT_ENCODING, LOCATION };

enum { NAME_SIZE = sizeof((struct http_response *)0)->name };

/* The headers whose values are kept. Names are in lower case, and end with a NUL. */
static HOT_TABLE const struct {
    char name[NAME_SIZE];
    enum header header;
} captured_headers[] = {
    { "content-length", CONTENT_LENGTH },
    { "transfer-encoding", TRANSFER_ENCODING },
    { "content-encoding", CONTENT_ENCODING },
    { "location", LOCATION },
};

/* The status line up to its code; a 0 stands for any digit. Behind it comes a space, or the end of the line. */
static HOT_TABLE const char status_line[] = "HTTP/1.0 000";

static enum http_progress response_bad(struct http_response *response, const char *why)
{
    response->why = why;
    return HTTP_BAD;
}

void http_response_init(struct http_response *response, char *location, size_t size)
{
    *response = (struct http_response){ .location = { location, size, 0 } };
}

const char *http_response_phase(const struct http_response *response)
{
    switch (response->state) {
    case BEFORE:
        return "waiting for the status line";
    case STATUS_LINE:
    case REASON:
        return "reading the status line";
    default:
        return "reading the headers";
    }
}

/* Takes a number of a Content-Length. Several are taken for one where they agree, also in one list (RFC 9110, 8.6). */
static enum http_progress take_length(struct http_response *response, const char *digits, size_t n)
{
    uint64_t value = 0;

    if (n == 0)
        return response_bad(response, "Content-Length is not a number");
    for (size_t i = 0; i < n; i++) {
        if (!is_digit(digits[i]))
            return response_bad(response, "Content-Length is not a number");
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (value > (INT64_MAX - digit) / 10)
            return response_bad(response, "Content-Length is too large");
        value = value * 10 + digit;
    }
    if (response->has_length && response->length != value)
        return response_bad(response, "Content-Length is given twice and differs");
    response->has_length = true;
    response->length = value;
    return HTTP_PARTIAL;
}

static bool is_word(const char *bytes, size_t n, const char *word)
{
    for (size_t i = 0; i < n; i++)
        if (lower(bytes[i]) != word[i])
            return false;
    return word[n] == '\0';
}

/* Takes a coding. `chunked` has to be the last transfer coding, and to be there once. No other coding is decoded. */
static enum http_progress take_coding(struct http_response *response, const char *coding, size_t n)
{
    bool transfer = response->header == TRANSFER_ENCODING;

    if (n == 0 || is_word(coding, n, "identity"))
        return HTTP_PARTIAL;
    if (transfer && response->chunked)
        return response_bad(response, "Transfer-Encoding has something behind chunked");
    if (transfer && is_word(coding, n, "chunked"))
        response->chunked = true;
    else
        response->coded = true;
    return HTTP_PARTIAL;
}

/* Takes the kept value apart at its commas. */
static enum http_progress take_list(struct http_response *response)
{
    const char *at = response->value, *end = at + response->captured.length;
    enum http_progress progress = HTTP_PARTIAL;

    for (bool more = true; more && progress == HTTP_PARTIAL;) {
        const char *comma = memchr(at, ',', (size_t)(end - at)), *stop = comma ? comma : end;
        more = comma != NULL;
        while (at < stop && is_blank(*at))
            at++;
        while (stop > at && is_blank(stop[-1]))
            stop--;
        progress = response->header == CONTENT_LENGTH ? take_length(response, at, (size_t)(stop - at))
                                                      : take_coding(response, at, (size_t)(stop - at));
        if (comma)
            at = comma + 1;
    }
    return progress;
}

/* The header is complete, as the next line does not continue it. */
static enum http_progress end_header(struct http_response *response)
{
    struct text *value = &response->captured;

    if (response->header == OTHER)
        return HTTP_PARTIAL;
    while (value->length > 0 && value->length <= value->size && is_blank(value->start[value->length - 1]))
        value->length--;
    if (response->header == LOCATION) {
        response->has_location = true;
        response->location = *value;
        return HTTP_PARTIAL;
    }
    return value->length > value->size ? response_bad(response, "the value of a header is longer than 128 bytes")
                                       : take_list(response);
}

/* The name is complete: is this header's value to be kept? */
static enum http_progress end_name(struct http_response *response)
{
    response->header = OTHER;
    response->state = VALUE;
    if (response->at == 0)
        return response_bad(response, "a header has no name");
    for (size_t i = 0; i < sizeof captured_headers / sizeof captured_headers[0] && response->at < NAME_SIZE; i++) {
        const char *name = captured_headers[i].name;
        if (name[response->at] == '\0' && memcmp(response->name, name, response->at) == 0)
            response->header = (uint8_t)captured_headers[i].header;
    }
    response->captured = (struct text){ response->value, sizeof response->value, 0 };
    if (response->header == LOCATION)
        response->captured = (struct text){ response->location.start, response->location.size, 0 };
    return HTTP_PARTIAL;
}

static HOT enum http_progress take_name(struct http_response *response, char c)
{
    if (c == ':')
        return end_name(response);
    if (c == '\n')
        return response_bad(response, "a header line has no colon");
    if (is_blank(c))
        return response_bad(response, "a header has a space in its name or before its colon");
    if (!is_token_char(c))
        return response_bad(response, "a header's name has a character it must not have");
    if (response->at < sizeof response->name)
        response->name[response->at++] = lower(c);
    return HTTP_PARTIAL;
}

/* The empty line. It ends the head, or an interim response (1xx), which is dropped: another response follows it. */
static enum http_progress end_head(struct http_response *response)
{
    int status = response->status;
    uint16_t interim = response->interim;

    if (status >= 200 || status == 101)
        return HTTP_COMPLETE;
    if (interim == HTTP_INTERIM_MAX)
        return response_bad(response, "more than 16 interim (1xx) responses");
    http_response_init(response, response->location.start, response->location.size);
    response->interim = (uint16_t)(interim + 1);
    return HTTP_PARTIAL;
}

static HOT enum http_progress take_line_start(struct http_response *response, char c)
{
    bool first = response->lines == 0;

    if (c != '\n' && ++response->lines > HTTP_HEADER_LINES_MAX)
        return response_bad(response, "more than 256 header lines");
    if (is_blank(c)) {
        if (first)
            return response_bad(response, "the first header line begins with a space");
        response->state = VALUE; /* obs-fold: counts as a space (RFC 9112, 5.2) */
        text_char(&response->captured, ' ');
        return HTTP_PARTIAL;
    }
    enum http_progress progress = first ? HTTP_PARTIAL : end_header(response);
    if (progress != HTTP_PARTIAL)
        return progress;
    if (c == '\n')
        return end_head(response);
    response->state = NAME;
    response->at = 0;
    return take_name(response, c);
}

static HOT enum http_progress take_value(struct http_response *response, char c)
{
    if (c == '\n')
        response->state = LINE_START;
    else if (response->header != OTHER && !(is_blank(c) && response->captured.length == 0))
        text_char(&response->captured, c);
    return HTTP_PARTIAL;
}

/* The answer is none of HTTP. A record of TLS begins with 0x15, an alert, or 0x16, a handshake. */
static enum http_progress not_http(struct http_response *response, char c)
{
    bool first = response->at == 0;

    if (first && (c == 0x15 || c == 0x16))
        return response_bad(response, "the answer is not HTTP: is it TLS? (https://)");
    if (PITH_GRPC && first && c == 0) /* as each frame of HTTP/2 begins that a server sends first */
        return response_bad(response, "the answer is not HTTP/1.x: is it HTTP/2 (--http2)?");
    return response_bad(response, "the answer is not HTTP/1.x");
}

static HOT enum http_progress take_status_line(struct http_response *response, char c)
{
    enum { CODE = 9, END = sizeof status_line - 1 };
    char wanted = status_line[response->at];

    if (response->at == END) {
        if (c != ' ' && c != '\n')
            return response_bad(response, "the status code does not have three digits");
        response->state = c == ' ' ? REASON : LINE_START;
        response->bytes = c == ' ' ? response->bytes : 0;
        return HTTP_PARTIAL;
    }
    if (wanted == '0' ? !is_digit(c) : c != wanted)
        return response->at < CODE ? not_http(response, c)
                                   : response_bad(response, "the status code does not have three digits");
    if (response->at >= CODE)
        response->status = response->status * 10 + (c - '0');
    response->at++;
    return response->at == END && response->status < 100 ? response_bad(response, "the status code is below 100")
                                                         : HTTP_PARTIAL;
}

static HOT enum http_progress take_reason(struct http_response *response, char c)
{
    if (c == '\n') {
        response->state = LINE_START;
        response->bytes = 0;
    }
    return HTTP_PARTIAL;
}

static enum http_progress take_before(struct http_response *response, char c)
{
    if (c == '\n' && !response->blank_seen && response->interim == 0) {
        response->blank_seen = true;
        return HTTP_PARTIAL;
    }
    response->state = STATUS_LINE;
    return take_status_line(response, c);
}

/* Takes a byte. The CR in front of an LF has been taken off. */
static enum http_progress response_take(struct http_response *response, char c)
{
    static HOT_TABLE enum http_progress (*const takers[])(struct http_response *, char) = {
        [BEFORE] = take_before, [STATUS_LINE] = take_status_line,
        [REASON] = take_reason, [LINE_START] = take_line_start,
        [NAME] = take_name,     [VALUE] = take_value,
    };

    return takers[response->state](response, c);
}

/* Counts a byte, of the status line or of the header lines. False beyond the limit. The empty line does not count. */
static bool within_limit(struct http_response *response, char c)
{
    bool ends_head = response->state == LINE_START && (c == '\r' || c == '\n');

    return ends_head || ++response->bytes <= HTTP_HEADER_BYTES_MAX;
}

/* Takes a byte as it comes. */
static enum http_progress take_raw(struct http_response *response, char c)
{
    if (response->carriage_return && c != '\n')
        return response_bad(response, "a CR stands without its LF");
    if (c == '\0' && response->state >= REASON)
        return response_bad(response, "there is a NUL byte in the headers");
    if (!within_limit(response, c))
        return response_bad(response, response->state >= LINE_START ? "the header block is longer than 64 KiB"
                                                                    : "the status line is longer than 64 KiB");
    response->carriage_return = c == '\r';
    return c == '\r' ? HTTP_PARTIAL : response_take(response, c);
}

/* Takes the letters and hyphens that a header's name goes on with, and returns how many. */
static size_t take_letters(struct http_response *response, const char *bytes, size_t length)
{
    size_t n = 0, room = sizeof response->name - response->at, limit = length < room ? length : room;
    char *name = response->name + response->at;

    for (; n < limit; n++) {
        char c = (char)(bytes[n] | 32);
        if ((c < 'a' || c > 'z') &&
            bytes[n] != '-') /* `| 32` makes a hyphen of a CR as well, so the byte itself is compared */
            break;
        name[n] = c;
    }
    response->at = (uint16_t)(response->at + n);
    return n;
}

/* Takes `HTTP/1.1 200` in one piece, where it is all there, as it nearly always is. How many bytes, or 0. */
static size_t take_usual_status(struct http_response *response, const char *bytes, size_t length)
{
    enum { DIGIT = 7, SPACE = 8, CODE = 9, END = 12 };

    if (length < END || memcmp(bytes, status_line, DIGIT) != 0 || !is_digit(bytes[DIGIT]) || bytes[SPACE] != ' ' ||
        bytes[CODE] < '1' || bytes[CODE] > '9' || !is_digit(bytes[CODE + 1]) || !is_digit(bytes[CODE + 2]))
        return 0;
    response->status = (bytes[CODE] - '0') * 100 + (bytes[CODE + 1] - '0') * 10 + bytes[CODE + 2] - '0';
    response->state = STATUS_LINE;
    response->at = END;
    return END;
}

/*
 * Takes bytes that need no closer look, in one piece, and returns how many: the usual status line, the letters of a
 * name, a value that is not kept, a reason.
 */
static HOT size_t skip_char(struct http_response *response, const char *bytes, size_t length)
{
    size_t n = 0, limit = HTTP_HEADER_BYTES_MAX - response->bytes;

    if (response->carriage_return)
        return 0;
    if (response->state == BEFORE)
        return take_usual_status(response, bytes, length);
    if (response->state == NAME)
        return take_letters(response, bytes, length < limit ? length : limit);
    if (response->state != REASON && (response->state != VALUE || response->header != OTHER))
        return 0;
    while (n < length && n < limit && bytes[n] != '\r' && bytes[n] != '\n' && bytes[n] != '\0')
        n++;
    return n;
}

HOT enum http_progress http_response_feed(struct http_response *response, const char *bytes, size_t length,
                                          size_t *used)
{
    enum http_progress progress = HTTP_PARTIAL;
    size_t at = 0;

    while (at < length && progress == HTTP_PARTIAL) {
        size_t skipped = skip_char(response, bytes + at, length - at);
        response->bytes += (uint32_t)skipped;
        at += skipped;
        if (at < length)
            progress = take_raw(response, bytes[at++]);
    }
    *used = at;
    return progress;
}
