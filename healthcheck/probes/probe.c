/* The table of kinds, and what comes before and after the function of a kind. */
#include "healthcheck/probes/probe.h"

#include "healthcheck/net/resolve.h"
#include "pith/duration.h"
#include "pith/layout.h"

/* A kind that this build leaves out keeps its row. Its function is not named there, so nothing of it is linked. */
#define PITH_CORE     1
#define LACKS(part)   "needs " part ", which this build lacks"
#define MORE_CORE     NULL
#define MORE_TLS      &lacking[0]
#define MORE_GRPC     &lacking[1]
#define MORE_SERVICES &lacking[2]
#define MORE_EXTRAS   &lacking[3]

__attribute__((unused)) static const struct probe_kind_more lacking[] = {
    { .lacks = LACKS("TLS") },
    { .lacks = LACKS("gRPC") },
    { .lacks = LACKS("the service probes") },
    { .lacks = LACKS("probes by /proc") },
};

/*
 * The keys of a query that a kind honours, and behind them those by which frameworks rule their own pools, retries,
 * statements and dialects: these have nothing to say to a probe, whatever their value is. A key that asks for security
 * or for another server is never one of them.
 */
#define SQL_FRAMEWORK_QUERIES                                                                                          \
    " pool pool_size pool_timeout connection_limit timeout checkout_timeout reaping_frequency conn_max_age"            \
    " prepared_statements statement_cache_size serverVersion"
#define POSTGRESQL_QUERIES                                                                                             \
    "sslmode host port connect_timeout application_name client_encoding charset encoding options schema"               \
    " pgbouncer" SQL_FRAMEWORK_QUERIES
#define MYSQL_QUERIES "ssl-mode socket connect_timeout charset encoding collation reconnect" SQL_FRAMEWORK_QUERIES
#define REDIS_QUERIES "decode_responses health_check_interval max_connections"
#define AMQP_QUERIES  "heartbeat connection_attempts retry_delay"
#define MONGODB_QUERIES                                                                                                \
    "tls directConnection appName retryReads retryWrites w journal minPoolSize maxPoolSize maxIdleTimeMS"

#define PROBE(name, part, form, standard_port, standard_tls_port, extra, keys, checks, function, text)                 \
    { .scheme = name,                                                                                                  \
      .port = standard_port,                                                                                           \
      .tls_port = standard_tls_port,                                                                                   \
      .flags = extra,                                                                                                  \
      .shape = form,                                                                                                   \
      .talk = IF(PITH_##part)(function, NULL),                                                                         \
      .more = IF(PITH_##part)((&(const struct probe_kind_more){ text, keys, checks, NULL }), MORE_##part) },

HOT_TABLE const struct probe_kind probe_kinds[] = {
#include "healthcheck/probes/kinds.def"
};
#undef PROBE

const size_t probe_kinds_count = sizeof probe_kinds / sizeof probe_kinds[0];

HOT const struct probe_kind *probe_find(struct span scheme)
{
    for (size_t i = 0; i < probe_kinds_count; i++)
        if (span_is(scheme, probe_kinds[i].scheme))
            return &probe_kinds[i];
    return NULL;
}

static HOT bool resolve_and_connect(struct probe *probe, const struct target *target)
{
    struct conn *conn = &probe->conn;

    conn_phase(conn, "resolving");
    if (!resolve(target, probe->conf->family, false, &conn->peers, probe->result))
        return false;
    conn_time(conn, probe->result, TIME_RESOLVE);
    return conn_connect(conn, target->port, probe->result);
}

/* An opening that the caller has sent begins with the line already. */
static COLD bool send_proxy_line(struct probe *probe)
{
    struct conn *conn = &probe->conn;

    return conn->opening.length > 0 || conn_write_all(conn, LITERAL(PROXY_LINE)) || conn_explain(conn, probe->result);
}

COLD bool probe_secure(struct probe *probe, const struct target *target, const struct tls_conf *conf)
{
#if PITH_TLS
    conn_phase(&probe->conn, "in the TLS handshake");
    if (!tls_open(&probe->conn, target, conf, probe->result))
        return false;
    conn_time(&probe->conn, probe->result, TIME_TLS);
    return true;
#else
    (void)target, (void)conf;
    return result_fail(probe->result, LACKS("TLS"), NULL);
#endif
}

HOT bool probe_reach(struct probe *probe, const struct target *target)
{
    struct conn *conn = &probe->conn;

    if (target->socket.at ? !conn_connect_socket(conn, target->socket, probe->result)
                          : !resolve_and_connect(probe, target))
        return false;
    if (PITH_EXTRAS && probe->conf->proxied && !send_proxy_line(probe))
        return false;
    return !target->tls || (target->kind->flags & PROBE_STARTTLS) || probe_secure(probe, target, &probe->conf->tls);
}

/* Makes an answer unhealthy that has taken longer than MAX_LATENCY. */
static void judge_latency(int64_t max_latency, struct result *result)
{
    struct text reason = result_begin(result);

    if (!result->healthy || result->times[TIME_TOTAL] <= max_latency)
        return;
    text_string(&reason, "took ");
    text_milliseconds(&reason, result->times[TIME_TOTAL]);
    text_string(&reason, ", more than ");
    text_duration(&reason, max_latency);
    result_end(result, &reason, false);
}

/* Adds to the reason how long the probe has taken. */
static void tell_latency(struct result *result)
{
    struct text reason = { result->reason, sizeof result->reason, result->reason_length };

    text_literal(&reason, " in ");
    text_milliseconds(&reason, result->times[TIME_TOTAL]);
    result_end(result, &reason, true);
}

/*
 * --dry-run: goes as far as a probe can without sending a packet, which is through the gate. What else could be looked
 * at, such as a file, is what is probed, and so is not looked at.
 */
static COLD void rehearse(struct probe *probe)
{
    const struct probe_kind *kind = probe->target->kind;
    struct peers peers;

    result_ok(probe->result, "may be probed; nothing was sent", NULL);
    if (!probe->target->host.at)
        return;
    if (kind->flags & PROBE_OFFLINE) /* listen, which sends nothing and heeds dry_run itself */
        kind->talk(probe);
    else
        resolve(probe->target, probe->conf->family, true, &peers, probe->result);
}

HOT void probe_run(struct probe *probe)
{
    struct result *result = probe->result;
    uint16_t flags = probe->target->kind->flags;

    result_init(result);
    if (probe->conf->dry_run) {
        rehearse(probe);
        return;
    }
    if ((flags & (PROBE_OFFLINE | PROBE_OPENS)) || probe_reach(probe, probe->target))
        probe->target->kind->talk(probe);
    if (result->times[TIME_TOTAL] < 0)
        result->times[TIME_TOTAL] = time_now() - probe->conn.start;
    judge_latency(probe->conf->max_latency, result);
    if (result->healthy && !(flags & PROBE_OFFLINE))
        tell_latency(result);
}
