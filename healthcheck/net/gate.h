/*
 * The gate: a probe talks to this container, and to what /etc/healthcheck/allow lists. Nothing else is sent a packet.
 */
#ifndef HEALTHCHECK_NET_GATE_H
#define HEALTHCHECK_NET_GATE_H

#include "healthcheck/net/allow.h"
#include "healthcheck/target/address.h"

#include <stdbool.h>

/*
 * Whether every address of LIST is one of this container's own: what goes to PORT of it is delivered here by now. For
 * loopback, and in case that changes, conn_connect sees to it that it stays so.
 */
bool gate_is_own(const struct address_list *list, uint16_t port);

/*
 * Whether the allow file lists it. A file that is missing lists nothing; one that a caller other than uid 0 could have
 * written, or that is unreadable, is ignored, and so is a bad line.
 */
bool gate_is_allowed(const struct allow_query *query);

/* Tells on stderr what gate_is_allowed found to be wrong with the file: a line at most, however many targets asked. */
void gate_tell(void);

#endif
