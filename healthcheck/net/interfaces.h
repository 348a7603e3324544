/* The addresses of this container's own interfaces. */
#ifndef HEALTHCHECK_NET_INTERFACES_H
#define HEALTHCHECK_NET_INTERFACES_H

#include "healthcheck/target/address.h"

#include <stdbool.h>

/*
 * Whether ADDRESS is loopback or assigned to an interface of this network namespace. Asks the kernel (rtnetlink(7)),
 * which sends nothing. False also when the kernel cannot be asked.
 */
bool own_address(const struct address *address);

#endif
