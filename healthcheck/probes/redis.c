/*
 * redis, and what speaks its protocol: whether PING is answered by PONG.
 *
 * A user and password of the URL log in first (AUTH), and its path selects a database (SELECT). Both have to succeed.
 * Without a password a server that wants one is healthy: it answers.
 */
#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"

#include <string.h>

/* RESP arrays and not inline commands, which proxies do not know. After QUIT it is the server that closes. */
#define PING "*1\r\n$4\r\nPING\r\n"
#define QUIT "*1\r\n$4\r\nQUIT\r\n"

enum {
    HEAD_MAX = 64,             /* bytes of a command beside its arguments: their number, and the length of each */
    DATABASES_MAX = INT32_MAX, /* what redis itself could be configured to have */
};

/* An answer that begins with these words, and what it means. `+` answers have no others. */
struct redis_answer {
    const char *begins;
    bool healthy;
    const char *means;
};

static bool is_answer(struct span line, const char *begins)
{
    return span_begins(line, begins) && (begins[0] == '-' || line.length == strlen(begins));
}

/* Judges an answer by COUNT rows. An error that is in none of them is unhealthy, and is told by its first word. */
static enum reply judge_by(const struct redis_answer *rows, size_t count, const uint8_t *bytes, size_t length,
                           struct result *result)
{
    ptrdiff_t end = reply_line(bytes, length);
    char word[REPLY_WORD_SIZE];

    if (bytes[0] != '+' && bytes[0] != '-')
        return REPLY_BAD;
    if (end < 0)
        return REPLY_PARTIAL;
    struct span line = { (const char *)bytes, (size_t)end };
    for (size_t i = 0; i < count; i++)
        if (is_answer(line, rows[i].begins)) {
            result_set(rows[i].healthy, result, rows[i].means, NULL);
            return REPLY_COMPLETE;
        }
    reply_word(bytes + 1, line.length - 1, word);
    if (bytes[0] == '+' || !word[0])
        return REPLY_BAD;
    result_fail(result, "answered ", word, NULL);
    return REPLY_COMPLETE;
}

/* A server that does not permit PING to this user, or wants a login first, works. */
static const struct redis_answer pings[] = {
    { "+PONG", true, "PONG" },
    { "-NOPERM", true, "NOPERM" },
    { "-NOAUTH", true, "NOAUTH" }, /* the last, as it does not hold after a login */
};

enum reply redis_judge(const uint8_t *bytes, size_t length, struct result *result)
{
    return judge_by(pings, sizeof pings / sizeof pings[0], bytes, length, result);
}

enum reply redis_judge_inside(const uint8_t *bytes, size_t length, struct result *result)
{
    return judge_by(pings, sizeof pings / sizeof pings[0] - 1, bytes, length, result);
}

enum reply redis_judge_login(const uint8_t *bytes, size_t length, struct result *result)
{
    static const char refused[] = "refused the login", none[] = "refused the login: no password is set there";
    static const struct redis_answer rows[] = {
        { "+OK", true, "logged in" },
        { "-WRONGPASS", false, "refused the login (WRONGPASS)" },
        { "-ERR invalid password", false, refused },
        { "-ERR invalid username-password", false, refused },
        { "-ERR Client sent AUTH", false, none },
        { "-ERR AUTH <password> called without", false, none },
    };

    return judge_by(rows, sizeof rows / sizeof rows[0], bytes, length, result);
}

enum reply redis_judge_select(const uint8_t *bytes, size_t length, struct result *result)
{
    static const char none[] = "has no such database";
    static const struct redis_answer rows[] = {
        { "+OK", true, "selected" },
        { "-NOAUTH", true, "NOAUTH" },
        { "-NOPERM", false, "may not select that database (NOPERM)" },
        { "-ERR DB index", false, none },
        { "-ERR invalid DB index", false, none },
        { "-ERR SELECT is not allowed", false, none }, /* a cluster */
    };

    return judge_by(rows, sizeof rows / sizeof rows[0], bytes, length, result);
}

/* The database that the path names; empty where it is the one that a connection begins with. */
static struct span redis_database(const struct target *target)
{
    struct span name = target_path_name(target);

    return span_is(name, "0") ? (struct span){ NULL, 0 } : name;
}

const char *redis_check(struct target *target, struct span *what)
{
    struct span database = redis_database(target);
    unsigned number;

    *what = target->path;
    if (database.length > 0 && (!span_number(database, DATABASES_MAX, &number) || database.at[0] == '0'))
        return "is no number of a database";
    *what = (struct span){ NULL, 0 };
    /* to some clients a word alone is the user, and to others the password */
    if (target->userinfo.at && !memchr(target->userinfo.at, ':', target->userinfo.length))
        return "has a user without a password (USER:PASSWORD@, or :PASSWORD@)";
    return NULL;
}

/* Sends a command of COUNT arguments, in which %XX is decoded. True when its answer is healthy; else leaves. */
static bool command(struct dialogue *dialogue, const struct span *arguments, size_t count, reply_judge *judge)
{
    char bytes[TARGET_USERINFO_MAX + HEAD_MAX];
    struct text out = { bytes, sizeof bytes, 0 };

    text_char(&out, '*');
    text_number(&out, count);
    for (size_t i = 0; i < count; i++) {
        struct text measured = { NULL, 0, 0 };
        span_decode(arguments[i], &measured);
        text_literal(&out, "\r\n$");
        text_number(&out, measured.length);
        text_literal(&out, "\r\n");
        span_decode(arguments[i], &out);
    }
    text_literal(&out, "\r\n");
    if (!dialogue_ask(dialogue, bytes, text_kept(&out), judge))
        return false;
    if (!dialogue->probe->result->healthy)
        dialogue_leave(dialogue, LITERAL(QUIT));
    return dialogue->probe->result->healthy;
}

static bool redis_log_in(struct dialogue *dialogue)
{
    const struct target *target = dialogue->probe->target;
    struct span arguments[] = { { LITERAL("AUTH") }, target_user(target), target_password(target) };
    size_t count = sizeof arguments / sizeof arguments[0];

    conn_phase(&dialogue->probe->conn, "logging in");
    if (arguments[1].length == 0) {
        arguments[1] = arguments[2];
        count--;
    }
    return command(dialogue, arguments, count, redis_judge_login);
}

static bool redis_select(struct dialogue *dialogue, struct span database)
{
    const struct span arguments[] = { { LITERAL("SELECT") }, database };

    conn_phase(&dialogue->probe->conn, "selecting the database");
    return command(dialogue, arguments, sizeof arguments / sizeof arguments[0], redis_judge_select);
}

void probe_redis(struct probe *probe)
{
    bool inside = target_has_login(probe->target);
    struct span database = redis_database(probe->target);
    struct dialogue dialogue;

    dialogue_begin(&dialogue, probe);
    if ((inside && !redis_log_in(&dialogue)) || (database.length > 0 && !redis_select(&dialogue, database)))
        return;
    conn_phase(&probe->conn, "waiting for PONG");
    if (dialogue_ask(&dialogue, LITERAL(PING QUIT), inside ? redis_judge_inside : redis_judge))
        dialogue_leave(&dialogue, NULL, 0);
}
