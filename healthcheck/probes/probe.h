/*
 * Probes: one try at one target.
 *
 * kinds.def has a row for each kind of target. The row names the function that probes such a target, which is in a file
 * of its own in this folder. target/kind.h has the contract of that function.
 */
#ifndef HEALTHCHECK_PROBES_PROBE_H
#define HEALTHCHECK_PROBES_PROBE_H

#include "healthcheck/features.h"
#include "healthcheck/http/matchers.h"
#include "healthcheck/http/request.h"
#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/kind.h"
#include "healthcheck/target/target.h"
#include "healthcheck/tls/tls.h"

/* What the user asks of every probe: filled by options.c, then constant. */
struct probe_conf {
    struct request_conf request;
    struct matchers matchers;
    struct tls_conf tls;
    int family;          /* AF_INET, AF_INET6, or AF_UNSPEC for both */
    bool follow;         /* follow redirects */
    bool http2;          /* speak HTTP/2 to targets of HTTP, and offer it to those with TLS */
    bool proxied;        /* each connection begins with PROXY_LINE */
    bool dry_run;        /* send nothing */
    bool timed;          /* take the time of each phase */
    int64_t max_latency; /* the longest that a healthy probe may take, ns; TIME_NEVER: any */
};

/*
 * A try. The caller sets all four: `conn` by conn_init, `target` and `conf`, which are only read, and `result`, to
 * which the verdict is written. It owns what they point to. Another thread may read conn.phase meanwhile.
 */
struct probe {
    struct conn conn;
    const struct target *target;
    const struct probe_conf *conf;
    struct result *result;
};

/*
 * What a load balancer sends first that speaks for nobody but itself, as in its own health checks: version 1 of
 * HAProxy's PROXY protocol. The server then takes the connection's addresses as they are.
 */
#define PROXY_LINE "PROXY UNKNOWN\r\n"

/*
 * Resolves TARGET, passes the gate, connects, and opens TLS: all that comes before a kind's function. Where the
 * connection has an opening, that has PROXY_LINE already; else it is sent here. A kind with PROBE_OPENS calls this
 * itself. TARGET is probe->target, or where a redirect has led. False with the reason in
 * *probe->result.
 */
bool probe_reach(struct probe *probe, const struct target *target);

/*
 * Opens TLS on the connection, as CONF says, for a kind whose protocol has negotiated it (PROBE_STARTTLS). False with
 * the reason in *probe->result; where the build lacks TLS, too.
 */
bool probe_secure(struct probe *probe, const struct target *target, const struct tls_conf *conf);

/*
 * Makes the whole try, and leaves the verdict in *probe->result. Afterwards the caller calls conn_close, unless the
 * process is about to end, which closes everything at less cost.
 */
void probe_run(struct probe *probe);

/*
 * The first half of a try at a target of plain HTTP, for a caller that begins several before it waits for one: connects
 * and sends the request. probe_run is the second half; in between conn_until gives it the time. False where it would
 * have to wait, conn->error being CONN_DEADLINE, or has failed with the reason in *probe->result.
 */
bool probe_http_begin(struct probe *probe);

#define PROBE(scheme, feature, shape, port, tls_port, flags, queries, check, talk, help) probe_talk talk;
#include "healthcheck/probes/kinds.def"
#undef PROBE

/* What kinds check of their URLs. */
probe_check connect_check, redis_check, postgresql_check, mysql_check, fcgi_check, mongodb_check, file_check,
    pidfile_check, dns_check;

#endif
