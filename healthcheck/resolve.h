/* From a target's host to the addresses that may be talked to. */
#ifndef HEALTHCHECK_RESOLVE_H
#define HEALTHCHECK_RESOLVE_H

#include "healthcheck/conf.h"
#include "healthcheck/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target.h"

/*
 * Fills conn->peers with the addresses of TARGET's host that CONF's family and the gate let through: an address, or
 * localhost without any look-up, or /etc/hosts, or DNS, the last only for what the allow file lists. May block longer
 * than the deadline where resolve_may_block says so. False with the reason in *RESULT; nothing was sent then.
 */
bool resolve(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result);

/* Whether resolving TARGET may ask DNS: then the probe needs a thread of its own that can be given up. */
bool resolve_may_block(const struct target *target);

#endif
