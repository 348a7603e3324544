/*
 * mysql: MySQL and MariaDB. A server that greets the client by its first packet is healthy.
 *
 * A client that then just leaves causes a warning in the server's log, and is counted against its host, which the
 * server blocks after some of these (max_connect_errors). So the probe goes on to a login. leave_unnamed and
 * leave_named say how.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum {
    HEADER = 4,          /* bytes of a packet's head: length (3), sequence number */
    GREETING_MAX = 1024, /* bytes of a payload: more is another protocol */
    USER_MAX = 80,       /* bytes of a user's name */
    PROTOCOL = 10,
    OK_PACKET = 0x00,
    SWITCH_PACKET = 0xfe, /* asks for another authentication plugin */
    ERROR_PACKET = 0xff,
    QUIT_COMMAND = 1,
    CLIENT_FLAGS = 0x1 | 0x200 | 0x8000 | 0x80000, /* LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH */
    CHARSET_UTF8 = 33,
};

/* What an error means by which a server turns a client away; NULL for all others. */
static const char *mysql_refusal(unsigned error)
{
    switch (error) {
    case 1040:
        return "too many connections";
    case 1045:
        return "access denied";
    case 1053:
        return "shutting down";
    case 1129:
        return "this host is blocked";
    case 1130:
        return "this host is not allowed";
    default:
        return NULL;
    }
}

static enum reply mysql_judge_error(const uint8_t *payload, size_t size, struct result *result)
{
    if (size < 3)
        return REPLY_BAD;
    unsigned error = reply_le(payload + 1, 2);
    return reply_number(result, "error", error, mysql_refusal(error));
}

/* Whether the whole packet is there. *SIZE is the length of its payload. */
static enum reply mysql_measure(const uint8_t *bytes, size_t length, size_t *size)
{
    if (length < HEADER)
        return REPLY_PARTIAL;
    *size = reply_le(bytes, 3);
    if (*size == 0 || *size > GREETING_MAX)
        return REPLY_BAD;
    return length < HEADER + *size ? REPLY_PARTIAL : REPLY_COMPLETE;
}

/* Judges by the version. MariaDB puts 5.5.5 in front of its own, for old replicas. */
static enum reply judge_version(const char *version, size_t length, struct result *result)
{
    static const char prefix[] = "5.5.5-";
    size_t skip =
        length > sizeof prefix && span_begins((struct span){ version, length }, prefix) ? sizeof prefix - 1 : 0;

    return reply_version((const uint8_t *)version + skip, length - skip, result);
}

enum reply mysql_judge_greeting(const uint8_t *bytes, size_t length, struct result *result)
{
    size_t size = 0;
    enum reply reply = mysql_measure(bytes, length, &size);
    const uint8_t *payload = bytes + HEADER, *end;

    if (reply != REPLY_COMPLETE)
        return reply;
    if (bytes[3] == 0 && payload[0] == ERROR_PACKET)
        return mysql_judge_error(payload, size, result);
    end = memchr(payload, '\0', size);
    if (bytes[3] != 0 || payload[0] != PROTOCOL || !end)
        return REPLY_BAD;
    return judge_version((const char *)payload + 1, (size_t)(end - payload - 1), result);
}

enum reply mysql_judge_login(const uint8_t *bytes, size_t length, struct result *result)
{
    size_t size = 0;
    enum reply reply = mysql_measure(bytes, length, &size);

    if (reply == REPLY_COMPLETE && bytes[HEADER] == ERROR_PACKET)
        return mysql_judge_error(bytes + HEADER, size, result);
    if (reply == REPLY_COMPLETE)
        result_ok(result, "answered the login", NULL);
    return reply;
}

/* Appends a login without a password, by a plugin that no server has. So the server has to ask for another plugin. */
static void put_mysql_login(struct text *out, const struct text *user)
{
    static const char plugin[] = "none";
    size_t size = 32 + text_kept(user) + 1 + 1 + sizeof plugin;
    const char head[HEADER + 32] = {
        (char)size, 0, 0, 1, CLIENT_FLAGS & 0xff, (char)(CLIENT_FLAGS >> 8 & 0xff), CLIENT_FLAGS >> 16, 0,
        0,          0, 0, 1, CHARSET_UTF8,
    };

    text_bytes(out, head, sizeof head);
    text_bytes(out, user->start, text_kept(user));
    text_bytes(out, LITERAL("\0\0"));
    text_bytes(out, plugin, sizeof plugin);
}

static bool is_switch(const struct dialogue *dialogue)
{
    return dialogue->bytes[HEADER] == SWITCH_PACKET;
}

/*
 * Logs in. True when the server has answered, and the answer is in dialogue->bytes. TO_THE_END: where the server asks
 * for another plugin, the probe goes on, without a password.
 */
static bool log_in(struct dialogue *dialogue, const struct text *user, bool to_the_end)
{
    char bytes[HEADER + 32 + USER_MAX + 16];
    struct text login = { bytes, sizeof bytes, 0 };

    put_mysql_login(&login, user);
    if (!dialogue_ask(dialogue, bytes, text_kept(&login), mysql_judge_login))
        return false;
    if (!is_switch(dialogue) || !to_the_end)
        return true;
    const char no_password[HEADER] = { 0, 0, 0, (char)(dialogue->bytes[3] + 1) };
    return dialogue_ask(dialogue, no_password, sizeof no_password, mysql_judge_login);
}

static void mysql_quit(struct dialogue *dialogue)
{
    static const char packet[] = { 1, 0, 0, 0, QUIT_COMMAND };

    dialogue_leave(dialogue, packet, sizeof packet);
}

/*
 * Leaves a server where the URL names no user.
 *
 * A server that is left right after its greeting logs a warning, and so it does for a login that it refuses. When it is
 * left while it asks for another plugin, it logs nothing, whatever accounts it has. It still counts that against the
 * client's host, which it blocks after max_connect_errors of them, except over loopback. So elsewhere the probe goes on
 * until it is refused.
 */
static void leave_unnamed(struct dialogue *dialogue)
{
    char nobody[] = "healthcheck";
    const struct text user = { nobody, sizeof nobody - 1, sizeof nobody - 1 };
    struct result login;
    struct result *greeting = dialogue->probe->result;

    result_init(&login);
    dialogue->probe->result = &login;
    bool to_the_end = !conn_is_inside(&dialogue->probe->conn);
    if (log_in(dialogue, &user, to_the_end) && dialogue->bytes[HEADER] == OK_PACKET)
        mysql_quit(dialogue);
    else if (dialogue->probe->conn.error == CONN_DEADLINE)
        *greeting = login;
    dialogue->probe->result = greeting;
}

/* Leaves a server where the URL names a user, who logs in and out. Then nothing is logged and nothing counted. */
static void leave_named(struct dialogue *dialogue)
{
    char name[USER_MAX];
    struct text user = { name, sizeof name, 0 };
    struct result login;

    span_decode(target_user(dialogue->probe->target), &user);
    if (user.length > sizeof name) {
        result_fail(dialogue->probe->result, "the name of the user is too long", NULL);
        return;
    }
    login = *dialogue->probe->result;
    if (log_in(dialogue, &user, true) && dialogue->probe->result->healthy && dialogue->bytes[HEADER] == OK_PACKET) {
        *dialogue->probe->result = login;
        mysql_quit(dialogue);
    } else if (dialogue->probe->result->healthy) {
        result_fail(dialogue->probe->result, "the user may not log in without a password", NULL);
    }
}

void probe_mysql(struct probe *probe)
{
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    conn_phase(&probe->conn, "waiting for the greeting");
    if (!dialogue_ask(&dialogue, NULL, 0, mysql_judge_greeting) || !probe->result->healthy)
        return;
    conn_phase(&probe->conn, "logging in");
    if (probe->target->userinfo.at)
        leave_named(&dialogue);
    else
        leave_unnamed(&dialogue);
}
