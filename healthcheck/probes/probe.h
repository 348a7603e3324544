/* The probes: one row a kind of target in kinds.def, one function in a file of its own. */
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

/* What the user asked of every probe: filled by options.c, constant from then on. */
struct probe_conf {
    struct request_conf request;
    struct matchers matchers;
    struct tls_conf tls;
    int family;          /* AF_INET, AF_INET6, or AF_UNSPEC for both */
    bool follow;         /* redirects */
    bool dry_run;        /* everything but to send */
    bool timed;          /* the time of each phase is taken */
    int64_t max_latency; /* of a healthy probe, ns; TIME_NEVER: any */
};

/*
 * One try at one target. The caller fills it: CONN by conn_init, TARGET and CONF, which are only read, and RESULT,
 * which is written. Another thread may read conn.phase meanwhile.
 */
struct probe {
    struct conn conn;
    const struct target *target;
    const struct probe_conf *conf;
    struct result *result;
};

/*
 * Passes the gate, resolves, connects and opens TLS: all that comes before talk. Kinds with PROBE_OPENS call it
 * themselves; TARGET is then probe->target, or where a redirect led. False with the reason in *probe->result.
 */
bool probe_reach(struct probe *probe, const struct target *target);

/*
 * The whole try. conn_close afterwards, unless the process is about to end, which is cheaper.
 */
void probe_run(struct probe *probe);

#define PROBE(scheme, feature, shape, port, flags, talk, help) probe_talk talk;
#include "healthcheck/probes/kinds.def"
#undef PROBE

#endif
