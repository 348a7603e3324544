/*
 * The gate: it decides whom a probe may send packets to.
 *
 * A probe may talk to this container, and to what /etc/healthcheck/allow lists. Nothing else is sent a packet, not even
 * by way of a name server. So healthcheck is of no use to an intruder who wants to look around in a network.
 */
#ifndef HEALTHCHECK_NET_GATE_H
#define HEALTHCHECK_NET_GATE_H

#include "healthcheck/net/allow.h"
#include "healthcheck/target/address.h"

#include <stdbool.h>

/*
 * Whether every address of LIST, one at least, is this container's: packets of TCP for its PORT are delivered here by
 * now. That can change until the probe connects, so conn_connect and datagram_ask make sure again.
 */
bool gate_is_own(const struct address_list *list, uint16_t port);

/*
 * Whether the allow file lists what is asked. False where there is no such file. A file that cannot be read, or that
 * the user of this process could have written (sys/writable.h), is ignored, and so is a bad line.
 */
bool gate_is_allowed(const struct allow_query *query);

/* Writes a message if gate_is_allowed has found something wrong with the file: one line, however many targets asked. */
void gate_tell(void);

#endif
