/* Checks and carries out what the URLs of PostgreSQL and MySQL have in common. */
#include "healthcheck/probes/sql.h"

#include "pith/duration.h"

enum { CONNECT_TIMEOUT_MAX = 1000000 }; /* seconds */

enum sql_mode sql_mode(const struct target *target, const struct sql_dialect *dialect)
{
    int mode = SQL_PLAIN;
    struct span value;

    if (!target_query(target, dialect->key, &value))
        return target->tls ? SQL_FULL : SQL_PLAIN;
    while (mode < SQL_MODES && !span_is(value, dialect->modes[mode]))
        mode++;
    return (enum sql_mode)mode;
}

const char *sql_refuse_key(const struct target *target, const char *key, struct span *what, const char *why)
{
    struct span value = { NULL, 0 };

    target_query(target, key, &value);
    *what = (struct span){ value.at - 1 - strlen(key), strlen(key) };
    return why;
}

static const char *check_mode(struct target *target, const struct sql_dialect *dialect, struct span *what)
{
    enum sql_mode mode = sql_mode(target, dialect);

    if (mode == SQL_MODES)
        return sql_refuse_key(target, dialect->key, what, dialect->complaint);
    if (target->tls && mode != SQL_FULL)
        return sql_refuse_key(target, dialect->key, what, "asks for less than the s in the scheme");
    if (mode > SQL_PLAIN && !PITH_TLS)
        return sql_refuse_key(target, dialect->key, what, "needs TLS, which this build lacks");
    target->tls = mode > SQL_PLAIN;
    return NULL;
}

const char *sql_check(struct target *target, const struct sql_dialect *dialect, struct span *what)
{
    struct span value;
    unsigned seconds;

    if (!PITH_HASHES && target_password(target).length > 0)
        return "has a password, for which this build lacks the hashes (they come with TLS)";
    if (target_query(target, "connect_timeout", &value) && !span_number(value, CONNECT_TIMEOUT_MAX, &seconds))
        return sql_refuse_key(target, "connect_timeout", what, "is not a number of seconds");
    return check_mode(target, dialect, what);
}

const char *sql_check_socket(struct target *target, const char *key, size_t suffix, struct span *what)
{
    char decoded[TARGET_SOCKET_MAX];
    struct text path = { decoded, sizeof decoded, 0 };
    struct span value;

    if (!target_query(target, key, &value))
        return NULL;
    if (target->socket.at)
        return sql_refuse_key(target, key, what, "names another socket than the one in front of it");
    span_decode(value, &path);
    if (decoded[0] != '/')
        return sql_refuse_key(target, key, what, "is not an absolute path (a host stands in front of the path)");
    if (path.length + suffix > TARGET_SOCKET_MAX)
        return sql_refuse_key(target, key, what, "is longer than a socket's path can be (107 bytes)");
    target->socket = value;
    target->on_socket = true;
    target->host = (struct span){ NULL, 0 };
    target->numeric = target->local = false;
    return NULL;
}

bool sql_reach(struct probe *probe, const struct target *target)
{
    struct span value;
    unsigned seconds;

    if (target_query(target, "connect_timeout", &value) && span_number(value, CONNECT_TIMEOUT_MAX, &seconds) &&
        seconds > 0)
        conn_hurry(&probe->conn, seconds * NS_PER_S);
    return probe_reach(probe, target);
}

bool sql_ask_openly(struct dialogue *dialogue, const void *request, size_t size, reply_judge *judge)
{
    struct conn *conn = &dialogue->probe->conn;
    bool last = conn->last;

    conn_last(conn, last && !dialogue->probe->target->tls);
    bool asked = dialogue_ask(dialogue, request, size, judge);
    conn_last(conn, last);
    return asked;
}

bool sql_secure(struct probe *probe, enum sql_mode mode)
{
    struct tls_conf conf = probe->conf->tls;

    conf.insecure = conf.insecure || (mode < SQL_CA && !conf.cacert);
    conf.any_name = mode < SQL_FULL;
    return probe_secure(probe, probe->target, &conf);
}
