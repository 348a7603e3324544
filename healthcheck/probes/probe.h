/* The probes: one row a kind of target in kinds.def, one function in a file of its own. */
#ifndef HEALTHCHECK_PROBES_PROBE_H
#define HEALTHCHECK_PROBES_PROBE_H

#include "healthcheck/conf.h"
#include "healthcheck/features.h"
#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/kind.h"
#include "healthcheck/target/target.h"

/*
 * Passes the gate, resolves, connects, and opens TLS where the kind wants it: all that comes before talk. For
 * probes with PROBE_OPENS, which need a connection for each redirect, too. False with the reason in *RESULT.
 */
bool probe_reach(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result);

/*
 * One whole try at TARGET, by a CONN that conn_init has made: another thread may read conn->phase of it meanwhile. It
 * is left to conn_close, or to the end of the process, which is cheaper.
 */
void probe_run(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result);

#define PROBE(scheme, feature, shape, port, flags, talk, help) probe_talk talk;
#include "healthcheck/probes/kinds.def"
#undef PROBE

#endif
