/* The table of kinds, and what every probe begins with. */
#include "healthcheck/probe.h"

#include "healthcheck/resolve.h"
#include "healthcheck/tls.h"
#include "pith/duration.h"

#define HAVE_CORE 1
#define HAVE_TLS PITH_TLS
#define HAVE_GRPC PITH_GRPC
#define HAVE_GRPC_TLS (PITH_GRPC && PITH_TLS)
#define HAVE_SERVICES PITH_SERVICES

/* A kind that is left out keeps its row, but its function is not named, so that nothing of it is linked. */
#define TALK_CORE(talk) talk
#if HAVE_TLS
#define TALK_TLS(talk) talk
#else
#define TALK_TLS(talk) NULL
#endif
#if HAVE_GRPC
#define TALK_GRPC(talk) talk
#else
#define TALK_GRPC(talk) NULL
#endif
#if HAVE_GRPC_TLS
#define TALK_GRPC_TLS(talk) talk
#else
#define TALK_GRPC_TLS(talk) NULL
#endif
#if HAVE_SERVICES
#define TALK_SERVICES(talk) talk
#else
#define TALK_SERVICES(talk) NULL
#endif

#define LACKS_CORE ""
#define LACKS_TLS "needs TLS, which this build lacks"
#define LACKS_GRPC "needs gRPC, which this build lacks"
#if HAVE_TLS
#define LACKS_GRPC_TLS LACKS_GRPC
#elif HAVE_GRPC
#define LACKS_GRPC_TLS LACKS_TLS
#else
#define LACKS_GRPC_TLS "needs gRPC and TLS, which this build lacks"
#endif
#define LACKS_SERVICES "needs the service probes, which this build lacks"

#define PROBE(name, feature, form, standard_port, extra, function, text) \
    { .scheme = name, \
      .help = text, \
      .talk = TALK_##feature(function), \
      .lacks = LACKS_##feature, \
      .port = standard_port, \
      .shape = form, \
      .flags = (extra) | (HAVE_##feature ? 0 : PROBE_ABSENT) },

const struct probe_kind probe_kinds[] = {
#include "healthcheck/probes.def"
};
#undef PROBE

const size_t probe_kinds_count = sizeof probe_kinds / sizeof probe_kinds[0];

const struct probe_kind *probe_find(struct span scheme)
{
    for (size_t i = 0; i < probe_kinds_count; i++)
        if (span_is(scheme, probe_kinds[i].scheme))
            return &probe_kinds[i];
    return NULL;
}

bool probe_reach(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result)
{
    if (target->socket.at) {
        if (!conn_connect_socket(conn, target->socket, result))
            return false;
    } else {
        conn_phase(conn, "resolving");
        if (!resolve(conn, target, conf, result))
            return false;
        conn_time(conn, result, TIME_RESOLVE);
        if (!conn_connect(conn, target->port, result))
            return false;
    }
#if PITH_TLS
    if (target->kind->flags & PROBE_TLS) {
        conn_phase(conn, "in the TLS handshake");
        if (!tls_open(conn, target, conf, result))
            return false;
        conn_time(conn, result, TIME_TLS);
    }
#endif
    return true;
}

/* A healthy answer that took too long is none. */
static void judge_latency(const struct check_conf *conf, struct result *result)
{
    struct text reason = result_begin(result);

    if (!result->healthy || result->times[TIME_TOTAL] <= conf->max_latency)
        return;
    text_string(&reason, "took ");
    text_milliseconds(&reason, result->times[TIME_TOTAL]);
    text_string(&reason, ", more than ");
    text_duration(&reason, conf->max_latency);
    result_end(result, &reason, false);
}

static void tell_latency(struct result *result)
{
    struct text reason = { result->reason, sizeof result->reason, result->reason_length };

    text_literal(&reason, " in ");
    text_milliseconds(&reason, result->times[TIME_TOTAL]);
    result_end(result, &reason, true);
}

void probe_run(struct conn *conn, const struct target *target, const struct check_conf *conf, int64_t start,
               int64_t deadline, struct result *result)
{
    conn_init(conn, start, deadline, conf->timed);
    result_init(result);
    if ((target->kind->flags & (PROBE_OFFLINE | PROBE_OPENS)) || probe_reach(conn, target, conf, result))
        target->kind->talk(conn, target, conf, result);
    result->times[TIME_TOTAL] = time_now() - start;
    judge_latency(conf, result);
    if (result->healthy && !(target->kind->flags & PROBE_OFFLINE))
        tell_latency(result);
}
