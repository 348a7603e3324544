/* Finds the addresses of a target's host that a probe may talk to. */
#ifndef HEALTHCHECK_NET_RESOLVE_H
#define HEALTHCHECK_NET_RESOLVE_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>

/* Whom a connection may be made to, in the order in which they are to be tried. */
struct peers {
    struct address_list list;
    bool listed; /* by the allow file: packets may leave this container for them */
};

/*
 * Fills *PEERS with the addresses of TARGET's host in FAMILY (AF_UNSPEC: any) that the gate lets through. False with
 * the reason in *RESULT. Where the gate has refused, no packet was sent, not even to a name server.
 *
 * An address and localhost need no look-up. Other names are looked up in /etc/hosts first. DNS is asked (lookup.h) only
 * for a name that /etc/hosts lacks and the allow file lists, and never with OFFLINE: then the list may stay empty.
 *
 * A look-up cannot be held to a deadline. So for a host that is neither numeric nor local, this has to be called on a
 * thread that can be given up (workers.h).
 */
bool resolve(const struct target *target, int family, bool offline, struct peers *peers, struct result *result);

#endif
