/* Whether this container is where the kernel delivers what is sent to an address. */
#ifndef HEALTHCHECK_NET_DELIVERY_H
#define HEALTHCHECK_NET_DELIVERY_H

#include "healthcheck/target/address.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the route of a TCP connection from here to PORT of ADDRESS is local: rtnetlink(7), which sends nothing. That
 * an interface has the address says less, as the interface may be down, its address not ready, or a policy rule first.
 * False also when the kernel cannot be asked.
 */
bool delivery_is_local(const struct address *address, uint16_t port);

/*
 * Sees to it, before connect(2), that FD's packets for ADDRESS stay here. To 127.0.0.0/8 and ::1 they can leave by lo
 * only from then on, whatever the routes become; where the kernel does not do that (before Linux 5.7), and for all
 * other addresses, delivery_is_local has to say so. False with errno.
 */
bool delivery_hold(int fd, const struct address *address, uint16_t port);

/* Whether what delivery_hold has bound to lo is lost there, as nothing of ADDRESS is delivered. */
bool delivery_is_lost(const struct address *address, uint16_t port);

#endif
