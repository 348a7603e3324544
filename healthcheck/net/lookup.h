/* Asks the resolver of libc, and so DNS, for the addresses of a name (getaddrinfo(3)). */
#ifndef HEALTHCHECK_NET_LOOKUP_H
#define HEALTHCHECK_NET_LOOKUP_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"

#include <stdbool.h>

/*
 * Adds the addresses of HOST in FAMILY to LIST. For AF_UNSPEC both families are asked at the same time, and their
 * addresses then take turns, IPv6 first. A family that fails, or that is silent for 50 ms after the other has answered,
 * is left out (RFC 8305, 3). False with the reason in *RESULT.
 *
 * The resolver cannot be held to a deadline. So this has to be called on a thread that can be given up (workers.h).
 */
bool lookup_name(struct span host, int family, struct address_list *list, struct result *result);

#endif
