/*
 * mysql: MySQL and MariaDB. A server that greets the client by its first packet is healthy; where the URL names a user,
 * it has to let the user in.
 *
 * A client that then just leaves causes a warning in the server's log, and is counted against its host, which the
 * server blocks after some of these (max_connect_errors). So the probe goes on to a login. leave_unnamed and
 * leave_named say how.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/digest.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/sql.h"

#include <string.h>

enum {
    HEADER = 4,          /* bytes of a packet's head: length (3), sequence number */
    GREETING_MAX = 1024, /* bytes of a payload: more is another protocol */
    USER_MAX = 80,       /* bytes of a user's name */
    DATABASE_MAX = 128,  /* bytes of a database's name; with both a login has 255 bytes at most */
    SALT = 20,           /* bytes that a server sends for the password to be hashed with */
    LOGIN_HEAD = 32,     /* bytes of a login in front of the user's name, which are also all of a request for TLS */
    STEPS_MAX = 4,       /* answers to a server that asks for one plugin after another */
    PROTOCOL = 10,
    OK_PACKET = 0x00,
    MORE_PACKET = 0x01,   /* of caching_sha2_password: FAST_OK or FULL follows */
    FAST_OK = 3,          /* the hash was right, and OK_PACKET comes next */
    FULL = 4,             /* the server has to see the password itself */
    SWITCH_PACKET = 0xfe, /* asks for another authentication plugin */
    ERROR_PACKET = 0xff,
    QUIT_COMMAND = 1,
    CLIENT_FLAGS = 0x1 | 0x200 | 0x8000 | 0x80000, /* LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH */
    CLIENT_DATABASE = 0x8,                         /* the login names a database */
    CLIENT_TLS = 0x800,
    CHARSET_UTF8 = 33,
};

static const struct sql_dialect mysql_dialect = {
    "ssl-mode",
    { "DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY" },
    "is none of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY",
};

/* What an error means by which a server turns a client away; NULL for all others. */
static const char *mysql_refusal(unsigned error)
{
    switch (error) {
    case 1040:
        return "too many connections";
    case 1044:
        return "this user may not use the database";
    case 1045:
        return "access denied";
    case 1049:
        return "there is no such database";
    case 1053:
        return "shutting down";
    case 1129:
        return "this host is blocked";
    case 1130:
        return "this host is not allowed";
    case 1698:
        return "access denied";
    case 3159:
        return "the server wants TLS";
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

    if (reply != REPLY_COMPLETE)
        return reply;
    const uint8_t *payload = bytes + HEADER, *end = memchr(payload, '\0', size);
    if (bytes[3] == 0 && payload[0] == ERROR_PACKET)
        return mysql_judge_error(payload, size, result);
    if (bytes[3] != 0 || payload[0] != PROTOCOL || !end)
        return REPLY_BAD;
    return judge_version((const char *)payload + 1, (size_t)(end - payload - 1), result);
}

/* Looks for the packet that says something: what is in front of it only announces that OK_PACKET comes. */
static enum reply find_packet(const uint8_t *bytes, size_t length, const uint8_t **payload, size_t *size)
{
    enum reply reply;

    while ((reply = mysql_measure(bytes, length, size)) == REPLY_COMPLETE) {
        *payload = bytes + HEADER;
        if (*size != 2 || (*payload)[0] != MORE_PACKET || (*payload)[1] != FAST_OK)
            return REPLY_COMPLETE;
        length -= HEADER + *size;
        bytes += HEADER + *size;
    }
    return reply;
}

enum reply mysql_judge_login(const uint8_t *bytes, size_t length, struct result *result)
{
    const uint8_t *payload;
    size_t size = 0;
    enum reply reply = find_packet(bytes, length, &payload, &size);

    if (reply == REPLY_COMPLETE && payload[0] == ERROR_PACKET)
        return mysql_judge_error(payload, size, result);
    if (reply == REPLY_COMPLETE)
        result_ok(result, "answered the login", NULL);
    return reply;
}

const char *mysql_check(struct target *target, struct span *what)
{
    const char *why = sql_check(target, &mysql_dialect, what);

    if (!why && target->path.length > 1 && !target->userinfo.at) {
        *what = target->path;
        return "names a database, which needs a user";
    }
    return why ? why : sql_check_socket(target, "socket", 0, what);
}

/* --- the login ----------------------------------------------------------------------------------------- */

/* A login. The names are decoded. */
struct mysql_login {
    struct dialogue *dialogue;
    struct span user, password, database;
    unsigned flags;   /* of the client */
    uint8_t sequence; /* the number of the next packet */
    bool is_private;  /* nobody can listen: over TLS, or a Unix socket */
    bool by_sha2;     /* the hash that was sent last was that of caching_sha2_password */
};

/* What the server's last packet says. */
struct mysql_answer {
    const uint8_t *payload;
    size_t size;
};

static struct mysql_answer last_answer(const struct dialogue *dialogue)
{
    struct mysql_answer answer = { NULL, 0 };

    find_packet(dialogue->bytes, dialogue->length, &answer.payload, &answer.size);
    return answer;
}

/* Appends a packet's head for SIZE bytes, and what all logins begin with. */
static void put_login_head(struct text *out, struct mysql_login *login, size_t size)
{
    const char head[HEADER + LOGIN_HEAD] = {
        (char)size,
        0,
        0,
        (char)login->sequence++,
        (char)(login->flags & 0xff),
        (char)(login->flags >> 8 & 0xff),
        (char)(login->flags >> 16),
        0,
        0,
        0,
        0,
        1,
        CHARSET_UTF8,
    };

    text_bytes(out, head, sizeof head);
}

/* Appends a login without a password, by a plugin that no server has. So the server has to ask for another plugin. */
static void put_mysql_login(struct text *out, struct mysql_login *login)
{
    static const char plugin[] = "none";
    bool named = login->flags & CLIENT_DATABASE;
    size_t size = LOGIN_HEAD + login->user.length + 2 + (named ? login->database.length + 1 : 0) + sizeof plugin;

    put_login_head(out, login, size);
    text_bytes(out, login->user.at, login->user.length);
    text_bytes(out, LITERAL("\0\0"));
    text_bytes(out, login->database.at, login->database.length);
    text_bytes(out, "", named);
    text_bytes(out, plugin, sizeof plugin);
}

/* Asks by PACKET, which begins with a head without numbers. They answer the packet that came last. */
static bool ask_mysql(struct mysql_login *login, struct text *packet)
{
    const uint8_t *last = last_answer(login->dialogue).payload;
    size_t size = packet->length - HEADER;

    packet->start[0] = (char)size;
    packet->start[1] = (char)(size >> 8);
    packet->start[3] = (char)(last[-1] + 1);
    return dialogue_ask(login->dialogue, packet->start, packet->length, mysql_judge_login);
}

/* The hash of mysql_native_password: SHA1(password) ^ SHA1(salt SHA1(SHA1(password))). */
static void put_native(struct text *out, struct span password, struct span salt)
{
    uint8_t hash[SHA1_SIZE], mask[SHA1_SIZE];
    const struct span none = { NULL, 0 }, hashed = { (char *)hash, SHA1_SIZE }, masked = { (char *)mask, SHA1_SIZE };

    digest_sha1(password, none, hash);
    digest_sha1(hashed, none, mask);
    digest_sha1(salt, masked, mask);
    for (size_t i = 0; i < SHA1_SIZE; i++)
        text_char(out, (char)(hash[i] ^ mask[i]));
}

/* The hash of caching_sha2_password: SHA256(password) ^ SHA256(SHA256(SHA256(password)) salt). */
static void put_sha2(struct text *out, struct span password, struct span salt)
{
    uint8_t hash[SHA256_SIZE], mask[SHA256_SIZE];
    const struct span none = { NULL, 0 }, hashed = { (char *)hash, sizeof hash },
                      masked = { (char *)mask, sizeof mask };

    digest_sha256(password, none, hash);
    digest_sha256(hashed, none, mask);
    digest_sha256(masked, salt, mask);
    for (size_t i = 0; i < SHA256_SIZE; i++)
        text_char(out, (char)(hash[i] ^ mask[i]));
}

/* Appends the password by the plugin that ANSWER asks for. False where that is none of ours. */
static bool put_password(struct text *out, struct mysql_login *login, const struct mysql_answer *answer)
{
    const char *plugin = (const char *)answer->payload + 1, *end = (const char *)answer->payload + answer->size;
    const char *salt = memchr(plugin, '\0', answer->size - 1);
    bool has_salt = salt && end - salt > SALT;

    if (login->password.length == 0)
        return true;
    login->by_sha2 = has_salt && strcmp(plugin, "caching_sha2_password") == 0;
    if (!has_salt || !(login->by_sha2 || strcmp(plugin, "mysql_native_password") == 0))
        return result_fail(login->dialogue->probe->result, "wants a kind of login that is not supported", NULL);
    (login->by_sha2 ? put_sha2 : put_native)(out, login->password, (struct span){ salt + 1, SALT });
    return true;
}

/* Appends the password itself, for which a server asks that has not cached its hash yet. */
static bool put_all_of_it(struct text *out, const struct mysql_login *login)
{
    if (!login->by_sha2)
        return dialogue_refuse(login->dialogue);
    if (!login->is_private)
        return result_fail(login->dialogue->probe->result,
                           "wants the password itself, which is sent over TLS or a Unix socket alone", NULL);
    text_bytes(out, login->password.at, login->password.length);
    text_char(out, '\0');
    return true;
}

/*
 * Logs in. True when the server has answered, and the answer is in dialogue->bytes. TO_THE_END: where the server asks
 * for another plugin, the probe goes on.
 */
static bool log_in_to_mysql(struct mysql_login *login, bool to_the_end)
{
    char bytes[HEADER + TARGET_USERINFO_MAX + 1];
    struct text packet = { bytes, sizeof bytes, 0 };

    put_mysql_login(&packet, login);
    if (!dialogue_ask(login->dialogue, bytes, packet.length, mysql_judge_login))
        return false;
    for (int step = 0; to_the_end && step < STEPS_MAX; step++) {
        struct mysql_answer answer = last_answer(login->dialogue);
        bool more = PITH_HASHES && answer.size == 2 && answer.payload[0] == MORE_PACKET && answer.payload[1] == FULL;
        if (!more && answer.payload[0] != SWITCH_PACKET)
            return true;
        packet.length = 0;
        text_bytes(&packet, (const char[HEADER]){ 0 }, HEADER);
        if (!(more ? put_all_of_it(&packet, login) : !PITH_HASHES || put_password(&packet, login, &answer)) ||
            !ask_mysql(login, &packet))
            return false;
    }
    return true;
}

static bool is_let_in(const struct dialogue *dialogue)
{
    return dialogue->probe->result->healthy && last_answer(dialogue).payload[0] == OK_PACKET;
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
static void leave_unnamed(struct mysql_login *login)
{
    struct probe *probe = login->dialogue->probe;
    struct result *greeting = probe->result, other;

    dialogue_took(login->dialogue, greeting);
    result_init(&other);
    login->user = (struct span){ LITERAL("healthcheck") };
    probe->result = &other;
    if (log_in_to_mysql(login, !conn_is_inside(&probe->conn)) && is_let_in(login->dialogue))
        mysql_quit(login->dialogue);
    else if (probe->conn.error == CONN_DEADLINE)
        *greeting = other;
    probe->result = greeting;
    conn_leave(&probe->conn);
}

/* Leaves a server where the URL names a user, who logs in and out. Then nothing is logged and nothing counted. */
static void leave_named(struct mysql_login *login)
{
    struct result *result = login->dialogue->probe->result, greeting = *result;

    if (!log_in_to_mysql(login, true))
        return;
    if (is_let_in(login->dialogue)) {
        *result = greeting;
        mysql_quit(login->dialogue);
    } else if (result->healthy) {
        result_fail(result,
                    login->password.length > 0 ? "the login does not come to an end"
                                               : "the user may not log in without a password",
                    NULL);
    }
}

/* --- the conversation ---------------------------------------------------------------------------------- */

/* Whether the greeting, which was judged, offers TLS: the flags stand behind the version, a number and some salt. */
static bool greeting_offers_tls(const struct dialogue *dialogue)
{
    const uint8_t *payload = dialogue->bytes + HEADER;
    size_t size = reply_le(dialogue->bytes, 3), at = strlen((const char *)payload) + 1 + 4 + 8 + 1;

    return at + 2 <= size && (reply_le(payload + at, 2) & CLIENT_TLS);
}

/* Opens TLS behind the greeting, where it is asked for. */
static bool switch_to_tls(struct mysql_login *login)
{
    struct dialogue *dialogue = login->dialogue;
    struct probe *probe = dialogue->probe;
    enum sql_mode mode = sql_mode(probe->target, &mysql_dialect);
    char bytes[HEADER + LOGIN_HEAD];
    struct text request = { bytes, sizeof bytes, 0 };

    if (mode == SQL_PLAIN)
        return true;
    if (!greeting_offers_tls(dialogue))
        return mode == SQL_PREFERRED || result_fail(probe->result, "does not offer TLS", NULL);
    if (dialogue->length > HEADER + reply_le(dialogue->bytes, 3)) /* it would pass for what came by TLS */
        return result_fail(probe->result, "sent more than it may before TLS", NULL);
    login->flags |= CLIENT_TLS;
    login->is_private = true;
    put_login_head(&request, login, LOGIN_HEAD);
    if (!conn_write_all(&probe->conn, bytes, sizeof bytes))
        return conn_explain(&probe->conn, probe->result);
    return sql_secure(probe, mode);
}

static void ask_mysql_server(struct mysql_login *login)
{
    struct probe *probe = login->dialogue->probe;

    conn_phase(&probe->conn, "waiting for the greeting");
    if (!sql_ask_openly(login->dialogue, NULL, 0, mysql_judge_greeting) || !probe->result->healthy ||
        !switch_to_tls(login))
        return;
    conn_phase(&probe->conn, "logging in");
    if (probe->target->userinfo.at)
        leave_named(login);
    else
        leave_unnamed(login);
}

void probe_mysql(struct probe *probe)
{
    const struct target *target = probe->target;
    char names[3][TARGET_USERINFO_MAX];
    struct text user = { names[0], USER_MAX, 0 }, database = { names[1], DATABASE_MAX, 0 },
                password = { names[2], TARGET_USERINFO_MAX, 0 };
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    span_decode(target_user(target), &user);
    span_decode(target_path_name(target), &database);
    if (user.length > USER_MAX || database.length > DATABASE_MAX) {
        result_fail(probe->result, "the name of the user or database is too long", NULL);
        return;
    }
    span_decode(target_password(target), &password);
    struct mysql_login login = {
        .dialogue = &dialogue,
        .user = { names[0], user.length },
        .database = { names[1], database.length },
        .password = { names[2], text_kept(&password) },
        .flags = CLIENT_FLAGS | (database.length > 0 ? CLIENT_DATABASE : 0),
        .sequence = 1,
        .is_private = target->on_socket,
    };
    if (sql_reach(probe, target))
        ask_mysql_server(&login);
}
