/* Takes the answer of a server of FastCGI apart. */
#include "healthcheck/probes/fastcgi.h"

#include "healthcheck/http/body.h"

#include <string.h>

enum { STATUS_MAX = 999 };

void fcgi_begin(struct fcgi_answer *answer, char *buffer, size_t size)
{
    *answer = (struct fcgi_answer){ .output = { buffer, size, 0 } };
}

/* Bytes of this record's content. */
static size_t content_size(const struct fcgi_answer *answer)
{
    return reply_be(answer->head + 4, 2);
}

/* Whether the head is good as far as it has come. */
static bool is_head(const uint8_t *head, size_t length)
{
    uint8_t type = head[1];

    if (head[0] != FCGI_VERSION || (length > 1 && type != FCGI_END && type != FCGI_OUTPUT && type != FCGI_ERRORS))
        return false;
    return length < FCGI_HEADER ||
           (reply_be(head + 2, 2) == FCGI_REQUEST && (type != FCGI_END || reply_be(head + 4, 2) >= FCGI_END_SIZE));
}

/* Takes N bytes of this record's content. */
static void take_content(struct fcgi_answer *answer, const uint8_t *bytes, size_t n)
{
    size_t from = answer->at - FCGI_HEADER;

    if (answer->head[1] == FCGI_OUTPUT)
        text_bytes(&answer->output, (const char *)bytes, n);
    else
        answer->rest += (uint32_t)n;
    for (size_t i = 0; answer->head[1] == FCGI_END && i < n && from + i < FCGI_END_SIZE; i++)
        answer->end[from + i] = bytes[i];
}

/* Takes bytes of one record, of its head, its content or its padding: how many; 0 where they are bad. */
static size_t take_piece(struct fcgi_answer *answer, const uint8_t *bytes, size_t length)
{
    size_t content = FCGI_HEADER + content_size(answer), whole = content + answer->head[6];
    size_t end = answer->at < content ? content : whole, n = end - answer->at < length ? end - answer->at : length;

    if (answer->at < FCGI_HEADER) {
        answer->head[answer->at] = *bytes;
        n = 1;
        answer->rest++;
        if (!is_head(answer->head, answer->at + 1))
            return 0;
    } else if (answer->at < content) {
        take_content(answer, bytes, n);
    } else {
        answer->rest += (uint32_t)n;
    }
    answer->at += n;
    return n;
}

/* Whether all of this record is there. */
static bool has_record(const struct fcgi_answer *answer)
{
    return answer->at >= FCGI_HEADER && answer->at == FCGI_HEADER + content_size(answer) + answer->head[6];
}

enum reply fcgi_feed(struct fcgi_answer *answer, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        size_t n = take_piece(answer, bytes, length);
        if (n == 0 || answer->rest > HTTP_FRAMING_MAX)
            return REPLY_BAD;
        bytes += n;
        length -= n;
        if (answer->output.length >= answer->output.size)
            return REPLY_COMPLETE;
        if (!has_record(answer))
            continue;
        if (answer->head[1] == FCGI_END)
            return REPLY_COMPLETE;
        answer->at = 0;
    }
    return REPLY_PARTIAL;
}

/*
 * Takes the status out of a header line `Status: 404 Not Found`: three digits, and a blank or nothing behind them.
 * False where it is not so, and for a second one (RFC 3875, 6.3 and 6.3.3).
 */
static bool take_fcgi_status(struct span line, unsigned *status)
{
    static const char name[] = "Status:";
    const size_t skip = sizeof name - 1;

    if (line.length < skip || !span_is((struct span){ line.at, skip }, name))
        return true;
    span_drop(&line, skip);
    while (line.length > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
        span_drop(&line, 1);
    struct span digits = span_take(&line, ' ');
    return *status == 0 && digits.length == 3 && span_number(digits, STATUS_MAX, status) && *status >= 100;
}

static enum reply take_page(const char *at, size_t length, struct fcgi_page *page)
{
    const char *start = at, *end = at + length;
    unsigned lines = 0;
    ptrdiff_t line;

    page->status = 0;
    while ((line = reply_line((const uint8_t *)at, (size_t)(end - at))) > 0) {
        const char *next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        if (++lines > HTTP_HEADER_LINES_MAX || next - start > HTTP_HEADER_BYTES_MAX || !memchr(at, ':', (size_t)line) ||
            !take_fcgi_status((struct span){ at, (size_t)line }, &page->status))
            return REPLY_BAD;
        at = next;
    }
    if (line < 0)
        return REPLY_BAD;
    at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
    page->body = (struct span){ at, (size_t)(end - at) };
    page->status = page->status ? page->status : FCGI_STATUS_OK;
    return REPLY_COMPLETE;
}

enum reply fcgi_conclude(const struct fcgi_answer *answer, struct fcgi_page *page, struct result *result)
{
    unsigned refusal = answer->end[4];

    page->status = 0;
    if (refusal == FCGI_OVERLOADED)
        result_fail(result, "overloaded", NULL);
    else if (refusal != 0)
        reply_number(result, "refused with", refusal, NULL);
    else
        return take_page(answer->output.start, text_kept(&answer->output), page);
    return REPLY_COMPLETE;
}
