/* Asks services, reads their answers, and holds what the probes of services share. */
#include "healthcheck/probes/dialogue.h"

#include "pith/duration.h"

#include <errno.h>
#include <string.h>

/* How long a server has to close the connection, at the end. */
static const int64_t leave_time = 100 * NS_PER_MS;

void dialogue_begin(struct dialogue *dialogue, struct probe *probe)
{
    dialogue->probe = probe;
    dialogue->length = 0;
}

/*
 * Whether the server may be one that speaks TLS alone: those close without a word, or by an alert (RFC 8446, 5.1).
 */
static bool may_want_tls(const struct dialogue *dialogue)
{
    const struct target *target = dialogue->probe->target;
    bool alert = dialogue->length > 1 && dialogue->bytes[0] == 21 && dialogue->bytes[1] == 3;

    return (dialogue->length == 0 || alert) && !target->tls && (target->kind->flags & PROBE_ANYWHERE);
}

/* Adds to the reason how such a server is spoken to. Always false. */
static bool suggest_tls(struct dialogue *dialogue)
{
    struct result *result = dialogue->probe->result;
    struct text reason = { result->reason, sizeof result->reason, result->reason_length };

    if (may_want_tls(dialogue))
        text_strings(&reason, " (is it TLS: ", dialogue->probe->target->kind->scheme, "s://?)", NULL);
    return result_end(result, &reason, false);
}

bool dialogue_refuse(struct dialogue *dialogue)
{
    result_fail(dialogue->probe->result, "does not speak ", dialogue->probe->target->kind->scheme, NULL);
    return suggest_tls(dialogue);
}

static bool dialogue_read(struct dialogue *dialogue)
{
    struct conn *conn = &dialogue->probe->conn;
    ssize_t n = conn_read(conn, dialogue->bytes + dialogue->length, ANSWER_MAX - dialogue->length);

    if (n <= 0) {
        conn_explain_end(conn, n, dialogue->probe->result);
        return conn->error == CONN_EOF || conn->error == ECONNRESET ? suggest_tls(dialogue) : false;
    }
    if (dialogue->probe->result->times[TIME_FIRST_BYTE] < 0)
        conn_time(conn, dialogue->probe->result, TIME_FIRST_BYTE);
    dialogue->length += (size_t)n;
    return true;
}

bool dialogue_ask(struct dialogue *dialogue, const void *request, size_t size, reply_judge *judge)
{
    enum reply reply = REPLY_PARTIAL;

    /* A server that turns a client away says so and closes, without reading. So writing stops where an answer comes. */
    if (size > 0 && conn_write_early(&dialogue->probe->conn, request, size) < 0)
        return conn_explain(&dialogue->probe->conn, dialogue->probe->result);
    dialogue->length = 0;
    while (reply == REPLY_PARTIAL) {
        if (dialogue->length == ANSWER_MAX)
            return dialogue_refuse(dialogue);
        if (!dialogue_read(dialogue))
            return false;
        reply = judge(dialogue->bytes, dialogue->length, dialogue->probe->result);
    }
    return reply == REPLY_COMPLETE ? true : dialogue_refuse(dialogue);
}

void dialogue_took(const struct dialogue *dialogue, struct result *result)
{
    result->times[TIME_TOTAL] = time_now() - dialogue->probe->conn.start;
}

void dialogue_leave(struct dialogue *dialogue, const void *request, size_t size)
{
    struct conn *conn = &dialogue->probe->conn;
    size_t drained = 0;

    dialogue_took(dialogue, dialogue->probe->result);
    conn_hurry(conn, leave_time);
    if (size > 0 && !conn_write_all(conn, request, size))
        return;
    while (drained < ANSWER_MAX) {
        ssize_t n = conn_read(conn, dialogue->bytes, ANSWER_MAX);
        if (n <= 0)
            return;
        drained += (size_t)n;
    }
}

ptrdiff_t reply_line(const uint8_t *bytes, size_t length)
{
    const uint8_t *end = memchr(bytes, '\n', length);

    if (!end)
        return -1;
    return end - bytes - (end > bytes && end[-1] == '\r');
}

void reply_word(const uint8_t *bytes, size_t length, char word[REPLY_WORD_SIZE])
{
    size_t n = 0;

    while (n < length && n < REPLY_WORD_SIZE - 1 && ((bytes[n] >= 'A' && bytes[n] <= 'Z') || bytes[n] == '_')) {
        word[n] = (char)bytes[n];
        n++;
    }
    word[n] = '\0';
}

static bool is_version_char(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c && strchr(".-+_~:", c));
}

enum reply reply_version(const uint8_t *bytes, size_t length, struct result *result)
{
    char version[41];
    size_t n = 0;

    while (n < length && n < sizeof version - 1 && is_version_char(bytes[n])) {
        version[n] = (char)bytes[n];
        n++;
    }
    version[n] = '\0';
    result_ok(result, "version ", version, NULL);
    return REPLY_COMPLETE;
}

enum reply reply_number(struct result *result, const char *what, unsigned number, const char *why)
{
    char digits[NUMBER_SIZE];

    result_fail(result, what, " ", number_string(digits, number), why ? " (" : "", why ? why : "", why ? ")" : "",
                NULL);
    return REPLY_COMPLETE;
}

void reply_put_plain(struct text *out, const struct target *target)
{
    text_char(out, '\0');
    span_decode(target_user(target), out);
    text_char(out, '\0');
    span_decode(target_password(target), out);
}

uint32_t reply_be(const uint8_t *bytes, size_t n)
{
    uint32_t value = 0;

    for (size_t i = 0; i < n; i++)
        value = value << 8 | bytes[i];
    return value;
}

uint32_t reply_le(const uint8_t *bytes, size_t n)
{
    uint32_t value = 0;

    while (n > 0)
        value = value << 8 | bytes[--n];
    return value;
}
