/* postgresql: whether the server accepts connections. It is judged as pg_isready(1) does: no login is needed. */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum {
    HEADER = 5,          /* bytes of a message's head: type, length (4) of all but the type */
    MESSAGE_MAX = 4096,  /* bytes of a message: more is another protocol */
    PROTOCOL = 3 << 16,  /* version 3.0 */
    PARAMETER_MAX = 128, /* bytes of a user's or a database's name */
};

/* A message, taken apart. */
struct message {
    char type;
    const uint8_t *body;
    size_t size; /* of the body */
};

/* Takes the message at BYTES apart. REPLY_COMPLETE where it is all there. */
static enum reply next_message(const uint8_t *bytes, size_t length, struct message *message)
{
    if (length > 0 && !strchr("ESRKZNv", bytes[0]))
        return REPLY_BAD;
    if (length < HEADER)
        return REPLY_PARTIAL;
    uint32_t size = reply_be(bytes + 1, 4);
    if (bytes[0] == '\0' || size < 4 || size > MESSAGE_MAX)
        return REPLY_BAD;
    *message = (struct message){ (char)bytes[0], bytes + HEADER, size - 4 };
    return length < size + 1 ? REPLY_PARTIAL : REPLY_COMPLETE;
}

/* The field TYPE of an error, a C string; NULL where there is none. */
static const char *error_field(const struct message *error, char type)
{
    const char *at = (const char *)error->body, *end = at + error->size;

    if (error->size == 0 || end[-1] != '\0')
        return NULL;
    while (at < end && *at) {
        if (*at == type)
            return at + 1;
        at += strlen(at) + 1;
    }
    return NULL;
}

/* Why a server takes no connections. TEXT is its own message, which is only recognised, and only in English. */
static const char *postgresql_refusal(const char *text)
{
    static const struct {
        const char *text, *why;
    } refusals[] = {
        { "starting up", "starting up" },
        { "shutting down", "shutting down" },
        { "recovery", "in recovery" },
        { "not yet accepting", "starting up" },
    };

    for (size_t i = 0; text && i < sizeof refusals / sizeof refusals[0]; i++)
        if (strstr(text, refusals[i].text))
            return refusals[i].why;
    return "not accepting connections";
}

/* Whether CODE is an SQLSTATE: five digits and capitals. */
static bool is_sqlstate(const char *code)
{
    size_t length = 0;

    while (code && (is_digit(code[length]) || (code[length] >= 'A' && code[length] <= 'Z')))
        length++;
    return length == 5 && code[length] == '\0';
}

/* Judges an error. A server that complains about the user or the database does accept connections. */
static enum reply postgresql_judge_error(const struct message *error, struct result *result)
{
    const char *code = error_field(error, 'C');

    if (!is_sqlstate(code))
        return REPLY_BAD;
    if (strcmp(code, "57P03") == 0)
        result_fail(result, postgresql_refusal(error_field(error, 'M')), " (57P03)", NULL);
    else
        result_ok(result, "accepting connections (", code, ")", NULL);
    return REPLY_COMPLETE;
}

static bool wants_password(const struct message *message)
{
    return message->type == 'R' && reply_be(message->body, 4) != 0;
}

enum reply postgresql_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    struct message message = { 0 };
    enum reply reply;

    while ((reply = next_message(bytes, length, &message)) == REPLY_COMPLETE) {
        if (message.type == 'E')
            return postgresql_judge_error(&message, result);
        if (message.type == 'R' && message.size < 4)
            return REPLY_BAD;
        if (message.type == 'Z' || wants_password(&message)) {
            result_ok(result, "accepting connections", NULL);
            return REPLY_COMPLETE;
        }
        length -= HEADER + message.size;
        bytes += HEADER + message.size;
    }
    return reply;
}

/* Appends `NAME\0VALUE\0`. VALUE is FROM, decoded, or STANDARD where that is empty. False where it is too long. */
static bool put_parameter(struct text *out, const char *name, struct span from, const char *standard)
{
    char decoded[PARAMETER_MAX];
    struct text value = { decoded, sizeof decoded, 0 };

    if (from.length == 0)
        text_string(&value, standard);
    else
        span_decode(from, &value);
    text_bytes(out, name, strlen(name) + 1);
    text_bytes(out, decoded, text_kept(&value));
    text_char(out, '\0');
    return value.length <= sizeof decoded;
}

/* Appends a startup packet. Without user or database in the URL it has postgres, which every cluster is made with. */
static bool put_startup(struct text *out, const struct target *target)
{
    char head[8] = { 0, 0, 0, 0, 0, PROTOCOL >> 16, 0, 0 };

    text_bytes(out, head, sizeof head);
    if (!put_parameter(out, "user", target_user(target), "postgres") ||
        !put_parameter(out, "database", target_path_name(target), "postgres"))
        return false;
    text_char(out, '\0');
    out->start[2] = (char)(out->length >> 8);
    out->start[3] = (char)out->length;
    return true;
}

/*
 * Where the server asks for a password, the probe leaves without a word. psql does so, too, to ask the user for it, and
 * nothing is logged. Where it asks for none, a session has begun, and the probe ends it as it should be.
 */
void probe_postgresql(struct probe *probe)
{
    static const char terminate[] = { 'X', 0, 0, 0, 4 };
    char bytes[2 * PARAMETER_MAX + 64];
    struct text startup = { bytes, sizeof bytes, 0 };
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    if (!put_startup(&startup, probe->target)) {
        result_fail(probe->result, "the name of the user or database is too long", NULL);
        return;
    }
    conn_phase(&probe->conn, "waiting for the answer");
    if (dialogue_ask(&dialogue, bytes, startup.length, postgresql_judge) && dialogue.length > 5 &&
        dialogue.bytes[dialogue.length - 1 - 5] == 'Z')
        dialogue_leave(&dialogue, terminate, sizeof terminate);
}
