/*
 * memcached: whether the server tells its version.
 *
 * A user and password of the URL log in first. A server has one of two logins, or none: that of the text protocol (-Y),
 * which is a `set` whose value is user and password; or SASL (-S), over the binary protocol alone. The first question
 * asks which: it is a packet of the binary protocol that is a bad line of the text protocol as well. So no server is
 * sent a password that it does not want. A server without a login would keep that `set` in its cache.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

/*
 * A packet of the binary protocol has a head: magic, opcode, length of the key (2), length of the extras, 0, status
 * (2), length of the body (4), opaque (4), CAS (8). Its body is extras, key and value.
 */
enum {
    PACKET_HEAD = 24,
    PACKET_STATUS = 6,
    PACKET_BODY = 8,
    BODY_LENGTH_MAX = ANSWER_MAX - PACKET_HEAD,
    QUESTION = 0x80,
    ANSWER = 0x81,
    OPCODE_QUIT = 0x07,
    OPCODE_VERSION = 0x0b,
    OPCODE_MECHANISMS = 0x20,
    OPCODE_LOGIN = 0x21,
    STATUS_REFUSED = 0x20,
    STATUS_UNKNOWN = 0x81, /* of a command that the server does not have */
};

#define TEXT_VERSION "version\r\nquit\r\n"

static const char refused_login[] = "refused the login", no_login[] = "refused the login: it has none";

/* Takes the line of the text protocol that BYTES begin with, and its first word. */
static enum reply take_reply(const uint8_t *bytes, size_t length, struct span *line, char word[REPLY_WORD_SIZE])
{
    ptrdiff_t end = reply_line(bytes, length);

    reply_word(bytes, length, word);
    if (!word[0])
        return REPLY_BAD;
    if (end < 0)
        return REPLY_PARTIAL;
    *line = (struct span){ (const char *)bytes, (size_t)end };
    return REPLY_COMPLETE;
}

static enum reply memcached_judge_error(const char *word, struct result *result)
{
    if (!strstr(word, "ERROR"))
        return REPLY_BAD;
    result_fail(result, "answered ", word, NULL);
    return REPLY_COMPLETE;
}

static bool wants_login(struct span line)
{
    return span_equal(line, (struct span){ LITERAL("CLIENT_ERROR unauthenticated") });
}

enum reply memcached_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    static const char version[] = "VERSION ";
    const size_t skip = sizeof version - 1;
    struct span line;
    char word[REPLY_WORD_SIZE];
    enum reply reply = take_reply(bytes, length, &line, word);

    if (reply != REPLY_COMPLETE)
        return reply;
    if (line.length > skip && span_begins(line, version))
        return reply_version(bytes + skip, line.length - skip, result);
    if (!wants_login(line))
        return memcached_judge_error(word, result);
    result_ok(result, "wants a login", NULL);
    return REPLY_COMPLETE;
}

enum reply memcached_judge_text_login(const uint8_t *bytes, size_t length, struct result *result)
{
    struct span line;
    char word[REPLY_WORD_SIZE];
    enum reply reply = take_reply(bytes, length, &line, word);

    if (reply != REPLY_COMPLETE)
        return reply;
    if (span_equal(line, (struct span){ LITERAL("STORED") }))
        result_ok(result, "logged in", NULL);
    else if (strcmp(word, "CLIENT_ERROR") == 0)
        result_fail(result, refused_login, NULL);
    else
        return memcached_judge_error(word, result);
    return REPLY_COMPLETE;
}

static void judge_status(unsigned status, struct result *result)
{
    if (status == 0)
        result_ok(result, "agreed", NULL);
    else if (status == STATUS_REFUSED)
        result_fail(result, refused_login, NULL);
    else if (status == STATUS_UNKNOWN)
        result_fail(result, no_login, NULL);
    else
        reply_number(result, "refused with", status, NULL);
}

/* Judges the answer to OPCODE by its status. *BODY is its body. */
static enum reply judge_packet(const uint8_t *bytes, size_t length, uint8_t opcode, struct span *body,
                               struct result *result)
{
    if (bytes[0] != ANSWER || (length > 1 && bytes[1] != opcode))
        return REPLY_BAD;
    if (length < PACKET_HEAD)
        return REPLY_PARTIAL;
    *body = (struct span){ (const char *)bytes + PACKET_HEAD, reply_be(bytes + PACKET_BODY, 4) };
    if (body->length > BODY_LENGTH_MAX)
        return REPLY_BAD;
    if (length < PACKET_HEAD + body->length)
        return REPLY_PARTIAL;
    judge_status(reply_be(bytes + PACKET_STATUS, 2), result);
    return REPLY_COMPLETE;
}

/* Whether PLAIN is one of the words of MECHANISMS. */
static bool has_plain(struct span mechanisms)
{
    while (mechanisms.length > 0) {
        if (span_is(span_take(&mechanisms, ' '), "PLAIN"))
            return true;
        if (mechanisms.length > 0)
            span_drop(&mechanisms, 1);
    }
    return false;
}

enum reply memcached_judge_offer(const uint8_t *bytes, size_t length, struct result *result)
{
    struct span part;
    char word[REPLY_WORD_SIZE];
    bool binary = bytes[0] == ANSWER;
    enum reply reply =
        binary ? judge_packet(bytes, length, OPCODE_MECHANISMS, &part, result) : take_reply(bytes, length, &part, word);

    if (reply != REPLY_COMPLETE)
        return reply;
    if (binary && result->healthy && !has_plain(part))
        result_fail(result, "offers no login by PLAIN", NULL);
    else if (!binary && wants_login(part))
        result_ok(result, "wants a login", NULL);
    else if (!binary && span_is(part, "ERROR"))
        result_fail(result, no_login, NULL);
    else if (!binary)
        return memcached_judge_error(word, result);
    return REPLY_COMPLETE;
}

enum reply memcached_judge_login(const uint8_t *bytes, size_t length, struct result *result)
{
    struct span body;

    return judge_packet(bytes, length, OPCODE_LOGIN, &body, result);
}

enum reply memcached_judge_version(const uint8_t *bytes, size_t length, struct result *result)
{
    struct span body;
    enum reply reply = judge_packet(bytes, length, OPCODE_VERSION, &body, result);

    if (reply == REPLY_COMPLETE && result->healthy)
        return reply_version((const uint8_t *)body.at, body.length, result);
    return reply;
}

/* Appends the head of a question with a key of KEY bytes and a body of BODY. */
static void put_head(struct text *out, uint8_t opcode, size_t key, size_t body)
{
    char head[PACKET_HEAD] = { (char)QUESTION, (char)opcode };

    head[3] = (char)key;
    head[PACKET_BODY + 2] = (char)(body >> 8);
    head[PACKET_BODY + 3] = (char)body;
    text_bytes(out, head, sizeof head);
}

/* Asks which login the server has. In place of a CAS, which nobody heeds, the end of a line stands for the text
 * protocol. */
static bool ask_for_login(struct dialogue *dialogue)
{
    char bytes[PACKET_HEAD];
    struct text out = { bytes, sizeof bytes, 0 };

    put_head(&out, OPCODE_MECHANISMS, 0, 0);
    bytes[PACKET_HEAD - 2] = '\r';
    bytes[PACKET_HEAD - 1] = '\n';
    return dialogue_ask(dialogue, bytes, sizeof bytes, memcached_judge_offer) && dialogue->probe->result->healthy;
}

/* SASL by PLAIN, whose name is the key (RFC 4616). */
static bool log_in_by_sasl(struct dialogue *dialogue)
{
    static const char mechanism[] = "PLAIN";
    const size_t key = sizeof mechanism - 1;
    char bytes[PACKET_HEAD + sizeof mechanism + TARGET_USERINFO_MAX + 1];
    struct text out = { bytes, sizeof bytes, PACKET_HEAD };

    text_bytes(&out, mechanism, key);
    reply_put_plain(&out, dialogue->probe->target);
    size_t length = text_kept(&out);
    out.length = 0;
    put_head(&out, OPCODE_LOGIN, key, length - PACKET_HEAD);
    return dialogue_ask(dialogue, bytes, length, memcached_judge_login) && dialogue->probe->result->healthy;
}

/* The key does not count, and nothing is stored. */
static bool log_in_by_text(struct dialogue *dialogue)
{
    const struct span user = target_user(dialogue->probe->target), password = target_password(dialogue->probe->target);
    char bytes[TARGET_USERINFO_MAX + 64];
    struct text out = { bytes, sizeof bytes, 0 }, measured = { NULL, 0, 0 };

    span_decode(user, &measured);
    span_decode(password, &measured);
    text_literal(&out, "set login 0 0 ");
    text_number(&out, measured.length + 1);
    text_literal(&out, "\r\n");
    span_decode(user, &out);
    text_char(&out, ' ');
    span_decode(password, &out);
    text_literal(&out, "\r\n");
    return dialogue_ask(dialogue, bytes, text_kept(&out), memcached_judge_text_login) &&
           dialogue->probe->result->healthy;
}

/* Logs in. *BINARY: by the binary protocol, which is spoken from then on. */
static bool memcached_log_in(struct dialogue *dialogue, bool *binary)
{
    conn_phase(&dialogue->probe->conn, "logging in");
    if (!ask_for_login(dialogue))
        return false;
    *binary = dialogue->bytes[0] == ANSWER;
    return *binary ? log_in_by_sasl(dialogue) : log_in_by_text(dialogue);
}

void probe_memcached(struct probe *probe)
{
    char packets[2 * PACKET_HEAD];
    struct text out = { packets, sizeof packets, 0 };
    bool binary = false;
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    if (target_has_login(probe->target) && !memcached_log_in(&dialogue, &binary))
        return;
    put_head(&out, OPCODE_VERSION, 0, 0);
    put_head(&out, OPCODE_QUIT, 0, 0);
    conn_phase(&probe->conn, "waiting for the version");
    if (binary ? dialogue_ask(&dialogue, packets, sizeof packets, memcached_judge_version)
               : dialogue_ask(&dialogue, LITERAL(TEXT_VERSION), memcached_judge))
        dialogue_leave(&dialogue, NULL, 0);
}
