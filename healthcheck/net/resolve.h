/* From a target's host to the addresses that may be talked to. */
#ifndef HEALTHCHECK_NET_RESOLVE_H
#define HEALTHCHECK_NET_RESOLVE_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>

/* Whom a connection may be made to. */
struct peers {
    struct address_list list;
    bool listed; /* by the allow file: these are others' addresses, and packets may leave for them */
};

/*
 * Fills *PEERS with the addresses of TARGET's host in FAMILY (AF_UNSPEC: any) that the gate lets through. An address
 * and localhost need no look-up; other names are looked up in /etc/hosts, and by getaddrinfo(3) only where the allow
 * file lists them. With OFFLINE DNS is not asked, and the list stays empty where only DNS could fill it. False with the
 * reason in *RESULT; where the gate refused, nothing was sent, not even to a name server. getaddrinfo(3) knows no
 * deadline: unless the host is an address or localhost, call this on a thread that can be given up (workers.h).
 */
bool resolve(const struct target *target, int family, bool offline, struct peers *peers, struct result *result);

#endif
