/* Asks DNS for the addresses of a name. */
#ifndef HEALTHCHECK_NET_LOOKUP_H
#define HEALTHCHECK_NET_LOOKUP_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"

#include <stdbool.h>

/*
 * Adds the addresses of HOST in FAMILY to LIST. For AF_UNSPEC both families are asked apart, at once: one that fails,
 * or that is silent 50 ms after the other has answered, does not keep the other from being used (RFC 8305, 3). The
 * addresses of both take turns then, IPv6 first. False with the reason in *RESULT. It knows no deadline: call it on a
 * thread that can be given up.
 */
bool lookup_name(struct span host, int family, struct address_list *list, struct result *result);

#endif
