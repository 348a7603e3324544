/*
 * postgresql: whether the server accepts connections, which is judged as pg_isready(1) does, without a login; or, where
 * the URL has a password, whether it lets the user in.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/scram.h"
#include "healthcheck/probes/sql.h"

#include <string.h>

enum {
    HEADER = 5,          /* bytes of a message's head: type, length (4) of all but the type */
    MESSAGE_MAX = 4096,  /* bytes of a message: more is another protocol */
    PROTOCOL = 3 << 16,  /* version 3.0 */
    PARAMETER_MAX = 128, /* bytes of a user's or a database's name, and of other parameters */
    STARTUP_MAX = 1280,  /* bytes of a startup packet, with every parameter at its longest */
    SCRAM_MAX = 512,     /* bytes of a message of SCRAM; ours are shorter */
};

/* What an authentication request ('R') asks for. */
enum {
    AUTH_OK = 0,
    AUTH_CLEAR = 3,
    AUTH_MD5 = 5,
    AUTH_SASL = 10,
    AUTH_SASL_CONTINUE = 11,
    AUTH_SASL_FINAL = 12, /* asks for nothing: the server proves itself */
};

#define SOCKET_FILE "/.s.PGSQL."

/* Keys of the query that become parameters of the session. */
static const struct {
    const char *key, *parameter;
    const char *quote; /* around the value */
} parameters[] = {
    { "application_name", "application_name", "" },
    { "client_encoding", "client_encoding", "" },
    { "charset", "client_encoding", "" },  /* of Doctrine */
    { "encoding", "client_encoding", "" }, /* of Rails */
    { "options", "options", "" },
    { "schema", "search_path", "\"" }, /* of Prisma */
};

static const struct sql_dialect dialect = {
    "sslmode",
    { "disable", "prefer", "require", "verify-ca", "verify-full" },
    "is none of disable, prefer, require, verify-ca, verify-full",
};

/* A message, taken apart. */
struct message {
    char type;
    const uint8_t *body;
    size_t size; /* of the body */
    bool old;    /* an error as before protocol 3.0: nothing of it but that it is one is known */
};

/*
 * A server that cannot start a process for the connection says so by `E`, a line of text and a NUL, as before protocol
 * 3.0: nothing of the new protocol is at hand then. A letter behind the `E` tells it: as a length of a message that
 * would be more than 500 MB.
 */
static enum reply next_old_error(const uint8_t *bytes, size_t length, struct message *message)
{
    size_t end = 1;

    while (end < length && bytes[end] >= ' ')
        end++;
    if (end < length && bytes[end] == '\n')
        end++;
    if (end == length)
        return REPLY_PARTIAL;
    if (bytes[end] != '\0' || end < HEADER)
        return REPLY_BAD;
    *message = (struct message){ 'E', bytes + HEADER, end + 1 - HEADER, true };
    return REPLY_COMPLETE;
}

/* Takes the message at BYTES apart. REPLY_COMPLETE where it is all there. */
static enum reply next_message(const uint8_t *bytes, size_t length, struct message *message)
{
    if (length > 0 && !strchr("ESRKZNv", bytes[0]))
        return REPLY_BAD;
    if (length > 1 && bytes[0] == 'E' && bytes[1] >= ' ')
        return next_old_error(bytes, length, message);
    if (length < HEADER)
        return REPLY_PARTIAL;
    uint32_t size = reply_be(bytes + 1, 4);
    if (bytes[0] == '\0' || size < 4 || size > MESSAGE_MAX)
        return REPLY_BAD;
    *message = (struct message){ (char)bytes[0], bytes + HEADER, size - 4, false };
    return length < size + 1 ? REPLY_PARTIAL : REPLY_COMPLETE;
}

/* The field TYPE of an error, a C string; NULL where there is none. */
static const char *error_field(const struct message *error, char type)
{
    const char *at = (const char *)error->body, *end = at + error->size;

    if (error->old || error->size == 0 || end[-1] != '\0')
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

    if (error->old) {
        result->cause = CAUSE_STALLED; /* a limit is near, most often that of processes */
        result_fail(result, "the server cannot start a process for the connection", NULL);
        return REPLY_COMPLETE;
    }
    if (!is_sqlstate(code))
        return REPLY_BAD;
    if (strcmp(code, "57P03") == 0)
        result_fail(result, postgresql_refusal(error_field(error, 'M')), " (57P03)", NULL);
    else
        result_ok(result, "accepting connections (", code, ")", NULL);
    return REPLY_COMPLETE;
}

/* Judges an error that answers a login. */
static enum reply judge_refusal(const struct message *error, struct result *result)
{
    static const struct {
        const char *code, *why;
    } refusals[] = {
        { "28P01", "wrong user or password" },    { "28000", "this user is refused" },
        { "3D000", "there is no such database" }, { "42501", "this user may not use the database" },
        { "53300", "too many connections" },
    };
    const char *code = error_field(error, 'C'), *why = "the login is refused";

    if (!is_sqlstate(code) || strcmp(code, "57P03") == 0)
        return postgresql_judge_error(error, result);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (strcmp(code, refusals[i].code) == 0)
            why = refusals[i].why;
    result_fail(result, why, " (", code, ")", NULL);
    return REPLY_COMPLETE;
}

/* What MESSAGE asks for, AUTH_OK where nothing. */
static unsigned wanted_by(const struct message *message)
{
    unsigned wanted = message->type == 'R' ? reply_be(message->body, 4) : AUTH_OK;

    return wanted == AUTH_SASL_FINAL ? AUTH_OK : wanted;
}

/* Looks for the message that ends an answer. REPLY_COMPLETE: it is *LAST, an error, the end, or a request. */
static enum reply find_last(const uint8_t *bytes, size_t length, struct message *last)
{
    enum reply reply;

    while ((reply = next_message(bytes, length, last)) == REPLY_COMPLETE) {
        if (last->type == 'R' && last->size < 4)
            return REPLY_BAD;
        if (last->type == 'E' || last->type == 'Z' || wanted_by(last) != AUTH_OK)
            return REPLY_COMPLETE;
        length -= HEADER + last->size;
        bytes += HEADER + last->size;
    }
    return reply;
}

enum reply postgresql_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    struct message last;
    enum reply reply = find_last(bytes, length, &last);

    if (reply == REPLY_COMPLETE && last.type == 'E')
        return postgresql_judge_error(&last, result);
    if (reply == REPLY_COMPLETE)
        result_ok(result, "accepting connections", NULL);
    return reply;
}

enum reply postgresql_judge_login(const uint8_t *bytes, size_t length, struct result *result)
{
    struct message last;
    enum reply reply = find_last(bytes, length, &last);

    if (reply != REPLY_COMPLETE)
        return reply;
    if (last.type == 'E')
        return judge_refusal(&last, result);
    if (last.type == 'Z')
        result_ok(result, "accepting this login", NULL);
    else
        result_fail(result, "wants a kind of login that is not supported", NULL);
    return REPLY_COMPLETE;
}

enum reply postgresql_judge_tls(const uint8_t *bytes, size_t length, struct result *result)
{
    if (bytes[0] == 'E')
        return postgresql_judge_login(bytes, length, result);
    if (bytes[0] != 'S' && bytes[0] != 'N')
        return REPLY_BAD;
    if (bytes[0] == 'N')
        result_fail(result, "does not offer TLS", NULL);
    else if (length > 1) /* what was not encrypted would pass for what was (CVE-2021-23222) */
        result_fail(result, "sent more than it may before TLS", NULL);
    else
        result_ok(result, "offers TLS", NULL);
    return REPLY_COMPLETE;
}

/* --- the URL ------------------------------------------------------------------------------------------- */

/* PIECE, decoded to BUFFER, or STANDARD where it is empty. What is too long is longer than PARAMETER_MAX. */
static struct span decode_name(struct span piece, const char *standard, char buffer[PARAMETER_MAX])
{
    struct text out = { buffer, PARAMETER_MAX, 0 };

    if (piece.length == 0)
        text_string(&out, standard);
    else
        span_decode(piece, &out);
    return (struct span){ buffer, out.length };
}

/* Refuses a port that is none, or that nothing is made of. */
static const char *check_port(struct target *target, struct span *what)
{
    struct span value;
    unsigned port;

    if (!target_query(target, "port", &value))
        return NULL;
    if (!span_number(value, PORT_MAX, &port) || port == 0)
        return sql_refuse_key(target, "port", what, "is not a port (1-65535)");
    if (target->socket.at)
        return sql_refuse_key(target, "port", what, "is of no use: the socket is named in front of it");
    target->port = (uint16_t)port;
    return NULL;
}

/* Refuses what would be cut, or would not be one name any more within its quotes. */
static const char *check_parameters(const struct target *target, struct span *what)
{
    char buffer[PARAMETER_MAX];
    struct span value;

    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if (!target_query(target, parameters[i].key, &value))
            continue;
        value = decode_name(value, "", buffer);
        if (value.length > PARAMETER_MAX)
            return sql_refuse_key(target, parameters[i].key, what, "is longer than 128 bytes");
        if (parameters[i].quote[0] && memchr(value.at, parameters[i].quote[0], value.length))
            return sql_refuse_key(target, parameters[i].key, what, "has a quotation mark in it");
    }
    return NULL;
}

const char *postgresql_check(struct target *target, struct span *what)
{
    const char *why = sql_check(target, &dialect, what);

    why = why ? why : check_parameters(target, what);
    why = why ? why : check_port(target, what);
    return why ? why : sql_check_socket(target, "host", sizeof SOCKET_FILE "65535" - 1, what);
}

/* Connects. A socket that the query names is that of the port, in a folder. */
static bool reach_server(struct probe *probe)
{
    struct target target = *probe->target;
    char path[TARGET_LENGTH_MAX];
    struct text socket = { path, sizeof path, 0 };
    struct span folder;

    if (target_query(&target, "host", &folder)) {
        text_bytes(&socket, folder.at, folder.length);
        text_string(&socket, SOCKET_FILE);
        text_number(&socket, target.port);
        target.socket = (struct span){ path, text_kept(&socket) };
    }
    return sql_reach(probe, &target);
}

/* --- what is sent -------------------------------------------------------------------------------------- */

/* A login. What is named is decoded; none of it ends with a NUL. */
struct login {
    struct dialogue *dialogue;
    struct span user, password;
    bool is_private;   /* nobody can listen: over TLS, or a Unix socket */
    unsigned answered; /* the request that was answered last, or AUTH_OK */
    struct scram scram;
};

/* Appends `NAME\0VALUE\0`, with QUOTE around the value. */
static void put_parameter(struct text *out, const char *name, struct span value, const char *quote)
{
    text_bytes(out, name, strlen(name) + 1);
    text_string(out, quote);
    text_bytes(out, value.at, value.length);
    text_string(out, quote);
    text_char(out, '\0');
}

static void put_parameters(struct text *out, const struct target *target)
{
    char buffer[PARAMETER_MAX];
    struct span value;

    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++)
        if (target_query(target, parameters[i].key, &value))
            put_parameter(out, parameters[i].parameter, decode_name(value, "", buffer), parameters[i].quote);
}

/* Puts the length of the packet at its byte AT: of all from there on. */
static void put_packet_length(struct text *packet, size_t at)
{
    for (size_t i = 0; i < 4; i++)
        packet->start[at + i] = (char)((packet->length - at) >> (24 - 8 * i));
}

/* Appends a startup packet. Without user or database in the URL it has postgres, which every cluster is made with. */
static bool put_startup(struct text *out, const struct target *target, struct span user)
{
    static const char head[8] = { 0, 0, 0, 0, 0, PROTOCOL >> 16, 0, 0 };
    char buffer[PARAMETER_MAX];
    struct span database = decode_name(target_path_name(target), "postgres", buffer);

    if (user.length > PARAMETER_MAX || database.length > PARAMETER_MAX)
        return false;
    text_bytes(out, head, sizeof head);
    put_parameter(out, "user", user, "");
    put_parameter(out, "database", database, "");
    put_parameters(out, target);
    text_char(out, '\0');
    put_packet_length(out, 0);
    return true;
}

/* --- the conversation ---------------------------------------------------------------------------------- */

/* Asks for TLS, and opens it. Where a server does not offer it that only should, *PRIVATE stays false. */
static bool negotiate_tls(struct dialogue *dialogue, bool *is_private)
{
    static const char request[] = { 0, 0, 0, 8, 4, (char)0xd2, 22, 47 };
    struct probe *probe = dialogue->probe;
    enum sql_mode mode = sql_mode(probe->target, &dialect);

    if (mode == SQL_PLAIN)
        return true;
    conn_phase(&probe->conn, "waiting for TLS to be offered");
    if (!sql_ask_openly(dialogue, request, sizeof request, postgresql_judge_tls))
        return false;
    if (!probe->result->healthy)
        return mode == SQL_PREFERRED && dialogue->bytes[0] == 'N';
    *is_private = true;
    return sql_secure(probe, mode);
}

/* Sends PACKET, which begins with an empty head, as the answer to a request, and judges what comes. */
static bool send_answer(struct login *login, struct text *packet)
{
    packet->start[0] = 'p';
    put_packet_length(packet, 1);
    return dialogue_ask(login->dialogue, packet->start, text_kept(packet), postgresql_judge_login);
}

static bool answer_clear(struct login *login, struct text *packet)
{
    if (!login->is_private)
        return result_fail(login->dialogue->probe->result,
                           "wants the password in clear text, which is sent over TLS or a Unix socket alone", NULL);
    text_bytes(packet, login->password.at, login->password.length);
    text_char(packet, '\0');
    return send_answer(login, packet);
}

/* Appends a hash in hexadecimal. */
static void put_md5(struct text *out, const uint8_t md5[MD5_SIZE])
{
    for (size_t i = 0; i < MD5_SIZE; i++) {
        text_char(out, "0123456789abcdef"[md5[i] >> 4]);
        text_char(out, "0123456789abcdef"[md5[i] & 15]);
    }
}

static bool answer_md5(struct login *login, struct text *packet, const struct message *request)
{
    uint8_t md5[MD5_SIZE];
    char digits[2 * MD5_SIZE];
    struct text inner = { digits, sizeof digits, 0 };

    if (request->size != 8)
        return dialogue_refuse(login->dialogue);
    digest_md5(login->password, login->user, md5);
    put_md5(&inner, md5);
    digest_md5((struct span){ digits, sizeof digits }, (struct span){ (const char *)request->body + 4, 4 }, md5);
    text_literal(packet, "md5");
    put_md5(packet, md5);
    text_char(packet, '\0');
    return send_answer(login, packet);
}

/* Whether the mechanisms that REQUEST offers, C strings behind each other, have ours among them. */
static bool offers_scram(const struct message *request)
{
    static const char ours[] = SCRAM_MECHANISM;
    const char *at = (const char *)request->body + 4, *end = (const char *)request->body + request->size;

    while (at < end && end[-1] == '\0' && *at) {
        if (strcmp(at, ours) == 0)
            return true;
        at += strlen(at) + 1;
    }
    return false;
}

static bool answer_sasl(struct login *login, struct text *packet, const struct message *request)
{
    static const char mechanism[] = SCRAM_MECHANISM "\0\0\0"; /* and the length of the message, of four bytes */

    if (!offers_scram(request))
        return false;
    text_bytes(packet, mechanism, sizeof mechanism);
    text_char(packet, '\0');
    size_t start = packet->length;
    if (!scram_begin(&login->scram, packet))
        return result_fail(login->dialogue->probe->result, "no random bytes", NULL);
    packet->start[start - 1] = (char)(packet->length - start);
    return send_answer(login, packet);
}

static bool answer_challenge(struct login *login, struct text *packet, const struct message *request)
{
    struct probe *probe = login->dialogue->probe;
    const struct span challenge = { (const char *)request->body + 4, request->size - 4 };

    conn_phase(&probe->conn, "in the login");
    switch (scram_prove(&login->scram, challenge, login->password, probe->conn.deadline, packet)) {
    case SCRAM_GOOD:
        return send_answer(login, packet);
    case SCRAM_LATE:
        conn_late(&probe->conn);
        return conn_explain(&probe->conn, probe->result);
    default:
        return dialogue_refuse(login->dialogue);
    }
}

/* Answers REQUEST. False where there is nothing to say to it; the verdict is then in the result. */
static bool answer_request(struct login *login, const struct message *request)
{
    char bytes[HEADER + TARGET_USERINFO_MAX + SCRAM_MAX] = { 0 };
    struct text packet = { bytes, sizeof bytes, HEADER };
    unsigned wanted = wanted_by(request);

    /* SCRAM is a request and one more; all others are one. */
    if (login->answered != (wanted == AUTH_SASL_CONTINUE ? AUTH_SASL : AUTH_OK))
        return dialogue_refuse(login->dialogue);
    login->answered = wanted;
    switch (wanted) {
    case AUTH_CLEAR:
        return answer_clear(login, &packet);
    case AUTH_MD5:
        return answer_md5(login, &packet, request);
    case AUTH_SASL:
        return answer_sasl(login, &packet, request);
    case AUTH_SASL_CONTINUE:
        return answer_challenge(login, &packet, request);
    default:
        return false;
    }
}

/* Whether the last answer has the proof in it that the server knows the password. */
static bool has_proof(const struct login *login)
{
    const uint8_t *bytes = login->dialogue->bytes;
    size_t length = login->dialogue->length;
    struct message message;

    while (next_message(bytes, length, &message) == REPLY_COMPLETE) {
        if (message.type == 'R' && message.size >= 4 && reply_be(message.body, 4) == AUTH_SASL_FINAL)
            return scram_is_proven(&login->scram, (struct span){ (const char *)message.body + 4, message.size - 4 });
        length -= HEADER + message.size;
        bytes += HEADER + message.size;
    }
    return false;
}

/* Logs in, after the first answer. True where a session has begun. */
static bool log_in_by_password(struct login *login)
{
    struct dialogue *dialogue = login->dialogue;
    struct message last;

    find_last(dialogue->bytes, dialogue->length, &last);
    while (last.type == 'R') {
        if (login->password.length == 0)
            return result_fail(dialogue->probe->result, "wants a password", NULL);
        if (!answer_request(login, &last))
            return false;
        find_last(dialogue->bytes, dialogue->length, &last);
    }
    bool by_scram = login->answered == AUTH_SASL || login->answered == AUTH_SASL_CONTINUE;
    if (last.type == 'Z' && by_scram && !has_proof(login))
        return result_fail(dialogue->probe->result, "the server does not prove that it knows the password", NULL);
    return last.type == 'Z';
}

/* Whether a login is wanted: a password is there, or a certificate that may stand for one. */
static bool must_let_in(const struct login *login, const struct probe *probe)
{
    return login->password.length > 0 || (probe->target->userinfo.at && probe->target->tls && probe->conf->tls.cert);
}

/*
 * Speaks with the server, and takes leave where a session has begun. Where the server asks for a password that the URL
 * lacks, the probe leaves without a word. psql does so, too, to ask the user for it, and nothing is logged.
 */
static void ask_postgresql(struct login *login, const struct text *startup)
{
    static const char terminate[] = { 'X', 0, 0, 0, 4 };
    struct dialogue *dialogue = login->dialogue;
    bool named = must_let_in(login, dialogue->probe);
    struct message last;

    conn_phase(&dialogue->probe->conn, "waiting for the answer");
    if (!dialogue_ask(dialogue, startup->start, startup->length, named ? postgresql_judge_login : postgresql_judge))
        return;
    find_last(dialogue->bytes, dialogue->length, &last);
    if (PITH_HASHES && named ? log_in_by_password(login) : last.type == 'Z')
        dialogue_leave(dialogue, terminate, sizeof terminate);
    else
        conn_leave(&dialogue->probe->conn);
}

void probe_postgresql(struct probe *probe)
{
    char user[PARAMETER_MAX], password[TARGET_USERINFO_MAX], bytes[STARTUP_MAX];
    struct text secret = { password, sizeof password, 0 }, startup = { bytes, sizeof bytes, 0 };
    struct dialogue dialogue;
    struct login login = { .dialogue = &dialogue, .user = decode_name(target_user(probe->target), "postgres", user) };

    dialogue_begin(&dialogue, probe);
    if (!put_startup(&startup, probe->target, login.user)) {
        result_fail(probe->result, "the name of the user or database is too long", NULL);
        return;
    }
    span_decode(target_password(probe->target), &secret);
    login.password = (struct span){ password, text_kept(&secret) };
    login.is_private = probe->target->on_socket;
    if (reach_server(probe) && negotiate_tls(&dialogue, &login.is_private))
        ask_postgresql(&login, &startup);
}
