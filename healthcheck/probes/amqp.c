/*
 * amqp: AMQP 0-9-1, as RabbitMQ speaks it.
 *
 * A server that answers the protocol header by Connection.Start is healthy. To leave right then would be cheap, but
 * RabbitMQ writes a warning into its log for each such client. So the probe logs in, opens the virtual host and closes
 * the connection, as a client does. See amqp_leave for what that means for the verdict.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

enum {
    HEADER = 7, /* bytes of a frame's head: type, channel (2), length of the payload (4) */
    FRAME_END = 0xce,
    FRAME_MAX = ANSWER_MAX - HEADER - 1,
    METHOD_FRAME = 1,
    METHOD = HEADER + 4, /* where a method's arguments begin: behind its class (2) and its number (2) */
    CLASS_CONNECTION = 10,
    START = 10,
    START_OK = 11,
    TUNE = 30,
    TUNE_OK = 31,
    OPEN = 40,
    OPEN_OK = 41,
    CLOSE = 50,
    CLOSE_OK = 51,
    REPLY_SUCCESS = 200,
    NAME_MAX_LENGTH = 127, /* bytes of a user, a password or a virtual host */
    MESSAGE_MAX = 1024,
};

static const char amqp_header[] = { 'A', 'M', 'Q', 'P', 0, 0, 9, 1 };

/* Whether a whole frame is there, with a method of class connection. *SIZE is the length of its payload. */
static enum reply amqp_measure(const uint8_t *bytes, size_t length, size_t *size)
{
    static const uint8_t begin[] = { METHOD_FRAME, 0, 0 };

    if (memcmp(bytes, begin, length < sizeof begin ? length : sizeof begin) != 0)
        return REPLY_BAD;
    if (length < HEADER)
        return REPLY_PARTIAL;
    *size = reply_be(bytes + 3, 4);
    if (*size < METHOD - HEADER || *size > FRAME_MAX)
        return REPLY_BAD;
    if (length < HEADER + *size + 1)
        return REPLY_PARTIAL;
    bool good = bytes[HEADER + *size] == FRAME_END && reply_be(bytes + HEADER, 2) == CLASS_CONNECTION;
    return good ? REPLY_COMPLETE : REPLY_BAD;
}

static unsigned method_of(const uint8_t *bytes)
{
    return reply_be(bytes + HEADER + 2, 2);
}

/*
 * Judges a protocol header: AMQP, 0, major, minor, revision. A server sends it that wants another version, or that got
 * no such header at first.
 */
static enum reply judge_header(const uint8_t *bytes, size_t length, struct result *result)
{
    char major[NUMBER_SIZE], minor[NUMBER_SIZE], revision[NUMBER_SIZE];

    if (memcmp(bytes, "AMQP", length < 4 ? length : 4) != 0)
        return REPLY_BAD;
    if (length < sizeof amqp_header)
        return REPLY_PARTIAL;
    if (memcmp(bytes, amqp_header, sizeof amqp_header) == 0) {
        result_fail(result, "refuses AMQP 0-9-1 and offers the same (is --proxy-protocol right there?)", NULL);
        return REPLY_COMPLETE;
    }
    result_fail(result, "wants AMQP ", number_string(major, bytes[5]), "-", number_string(minor, bytes[6]), "-",
                number_string(revision, bytes[7]), ", not 0-9-1", NULL);
    return REPLY_COMPLETE;
}

enum reply amqp_judge_start(const uint8_t *bytes, size_t length, struct result *result)
{
    static const char version[] = "\7versionS"; /* of the server's properties; then come a length (4) and the value */
    size_t size = 0;

    if (bytes[0] == 'A')
        return judge_header(bytes, length, result);
    enum reply reply = amqp_measure(bytes, length, &size);
    if (reply != REPLY_COMPLETE)
        return reply;
    if (method_of(bytes) != START || size < 6)
        return REPLY_BAD;
    const uint8_t *end = bytes + HEADER + size, *at = memmem(bytes, HEADER + size, version, sizeof version - 1);
    if (at)
        at += sizeof version - 1 + 4;
    if (at && at < end)
        return reply_version(at, (size_t)(end - at), result);
    result_ok(result, "starts a connection", NULL);
    return REPLY_COMPLETE;
}

static enum reply judge_close(unsigned code, struct result *result)
{
    const char *why = code == 403 ? "access refused" : code == 530 ? "no such virtual host, or not allowed" : NULL;

    return reply_number(result, "refused with", code, why);
}

enum reply amqp_judge_method(const uint8_t *bytes, size_t length, struct result *result)
{
    size_t size = 0;
    enum reply reply = amqp_measure(bytes, length, &size);

    if (reply != REPLY_COMPLETE)
        return reply;
    if (method_of(bytes) != CLOSE) {
        result_ok(result, "goes on", NULL);
        return REPLY_COMPLETE;
    }
    return size < 6 ? REPLY_BAD : judge_close(reply_be(bytes + METHOD, 2), result);
}

static void put_be(struct text *out, size_t n, uint32_t value)
{
    while (n-- > 0)
        text_char(out, (char)(value >> 8 * n));
}

/* Appends a string or table behind its length, which is a number of N bytes. */
static void put_counted(struct text *out, size_t n, const char *bytes, size_t length)
{
    put_be(out, n, (uint32_t)length);
    text_bytes(out, bytes, length);
}

/* Begins the frame of a method. Returns where it begins, for end_frame, which fills in the length. */
static size_t begin_frame(struct text *out, unsigned method)
{
    size_t from = out->length;

    put_be(out, 3, METHOD_FRAME << 16);
    put_be(out, 4, 0);
    put_be(out, 2, CLASS_CONNECTION);
    put_be(out, 2, method);
    return from;
}

static void end_frame(struct text *out, size_t from)
{
    size_t size = out->length - from - HEADER;

    out->start[from + 5] = (char)(size >> 8);
    out->start[from + 6] = (char)size;
    text_char(out, (char)FRAME_END);
}

/*
 * Appends Connection.Start-Ok, a login by PLAIN. By the capability authentication_failure_close the server tells at
 * once when it refuses. Without that it would only close the connection after a while.
 */
static void put_start_ok(struct text *out, const struct text *login)
{
    static const char properties[] = "\x07productS\0\0\0\x0bhealthcheck"
                                     "\x0c"
                                     "capabilitiesF\0\0\0\x1f\x1c"
                                     "authentication_failure_closet\x01";
    size_t from = begin_frame(out, START_OK);

    put_counted(out, 4, properties, sizeof properties - 1);
    put_counted(out, 1, LITERAL("PLAIN"));
    put_counted(out, 4, login->start, login->length);
    put_counted(out, 1, LITERAL("en_US"));
    end_frame(out, from);
}

/* Appends Connection.Tune-Ok, for one channel, the smallest frames and no heartbeat, and then Connection.Open. */
static void put_open(struct text *out, const struct text *host)
{
    size_t from = begin_frame(out, TUNE_OK);

    put_be(out, 2, 1);
    put_be(out, 4, 4096);
    put_be(out, 2, 0);
    end_frame(out, from);
    from = begin_frame(out, OPEN);
    put_counted(out, 1, host->start, host->length);
    put_be(out, 2, 0);
    end_frame(out, from);
}

static void put_close(struct text *out)
{
    size_t from = begin_frame(out, CLOSE);

    put_be(out, 2, REPLY_SUCCESS);
    put_be(out, 1, 0); /* no text */
    put_be(out, 4, 0); /* no class, no method */
    end_frame(out, from);
}

/* Appends `\0user\0password` from the URL, or else those of guest. False where they are too long. */
static bool put_plain_login(struct text *out, const struct target *target)
{
    if (target->userinfo.at)
        reply_put_plain(out, target);
    else
        text_bytes(out, LITERAL("\0guest\0guest"));
    return out->length <= out->size;
}

/* Appends the name of the virtual host, which is / where the URL has none. False where it is too long. */
static bool put_host(struct text *out, struct span name)
{
    span_decode(name, out);
    if (name.length == 0)
        text_char(out, '/');
    return out->length <= out->size;
}

/* Sends REQUEST. True where METHOD answers it, by which the server agrees. */
static bool agree(struct dialogue *dialogue, const struct text *request, unsigned method)
{
    if (!dialogue_ask(dialogue, request->start, request->length, amqp_judge_method) ||
        !dialogue->probe->result->healthy)
        return false;
    return method_of(dialogue->bytes) == method ? true : dialogue_refuse(dialogue);
}

/* Logs in, opens the virtual host, and closes the connection. True when the server has agreed to all of it. */
static bool come_and_go(struct dialogue *dialogue, const struct text *login, const struct text *host)
{
    char bytes[MESSAGE_MAX];
    struct text start_ok = { bytes, sizeof bytes, 0 }, open = start_ok, end = start_ok;

    conn_phase(&dialogue->probe->conn, "logging in");
    put_start_ok(&start_ok, login);
    if (!agree(dialogue, &start_ok, TUNE))
        return false;
    conn_phase(&dialogue->probe->conn, "opening the virtual host");
    put_open(&open, host);
    if (!agree(dialogue, &open, OPEN_OK))
        return false;
    conn_phase(&dialogue->probe->conn, "closing the connection");
    put_close(&end);
    return agree(dialogue, &end, CLOSE_OK);
}

/*
 * Leaves the server in such a way that its log stays silent.
 *
 * A login that the URL asks for has to succeed, or the target is unhealthy. Where the URL names no user, the probe logs
 * in as guest, only for the sake of the log, and the verdict stays what it was. A new RabbitMQ has that user, but lets
 * it in over loopback only, and logs a refused login as an error. So elsewhere the probe just leaves.
 */
static void amqp_leave(struct dialogue *dialogue, const struct text *login, const struct text *host)
{
    bool named = dialogue->probe->target->userinfo.at;
    struct result started = *dialogue->probe->result;

    if (!named && !conn_is_inside(&dialogue->probe->conn))
        return;
    if (!named)
        dialogue_took(dialogue, &started);
    if (come_and_go(dialogue, login, host) || (!named && dialogue->probe->conn.error != CONN_DEADLINE))
        *dialogue->probe->result = started;
}

void probe_amqp(struct probe *probe)
{
    char login_bytes[2 * NAME_MAX_LENGTH + 2], host_bytes[NAME_MAX_LENGTH];
    struct text login = { login_bytes, sizeof login_bytes, 0 }, host = { host_bytes, sizeof host_bytes, 0 };
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    if (!put_plain_login(&login, probe->target) || !put_host(&host, target_path_name(probe->target))) {
        result_fail(probe->result, "the user, password or virtual host is too long", NULL);
        return;
    }
    conn_phase(&probe->conn, "waiting for Connection.Start");
    if (dialogue_ask(&dialogue, amqp_header, sizeof amqp_header, amqp_judge_start) && probe->result->healthy)
        amqp_leave(&dialogue, &login, &host);
}
