/* From a target's host to the addresses that may be talked to. */
#ifndef HEALTHCHECK_NET_RESOLVE_H
#define HEALTHCHECK_NET_RESOLVE_H

#include "healthcheck/conf.h"
#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

/*
 * Fills conn->peers with the addresses of TARGET's host that CONF's family and the gate let through: an address, or
 * localhost without any look-up, or /etc/hosts, or getaddrinfo(3), the last only for what the allow file lists. It
 * knows no deadline: unless the host is an address or localhost, call it on a thread that can be given up (crew.h).
 * A dry run does not ask DNS, and leaves conn->peers empty then.
 * False with the reason in *RESULT; where it is the gate's, nothing was sent, not even to a name server.
 */
bool resolve(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result);

#endif
