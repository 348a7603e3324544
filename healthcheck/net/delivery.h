/*
 * Delivery: does the kernel deliver what is sent to an address in this container, or does it leave?
 *
 * The gate rests on this. That an interface has the address would say less: the interface may be down, the address not
 * ready yet, or a rule of policy routing may come first. The route says what really happens.
 */
#ifndef HEALTHCHECK_NET_DELIVERY_H
#define HEALTHCHECK_NET_DELIVERY_H

#include "healthcheck/target/address.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the route to PORT of ADDRESS by PROTOCOL, IPPROTO_TCP or IPPROTO_UDP, is a local one by now. The kernel is
 * asked by rtnetlink(7), which sends no packet. False as well where it cannot be asked.
 */
bool delivery_is_local(const struct address *address, uint16_t port, uint8_t protocol);

/*
 * Makes sure, right before connect(2), that what FD, a socket of TCP, sends to ADDRESS stays in this container. False
 * with errno.
 *
 * For 127.0.0.0/8 and ::1 the socket is bound to lo (SO_BINDTOIFINDEX of socket(7)), so nothing leaves, whatever
 * becomes of the routes. Where the kernel refuses that, as it does before Linux 5.7, and for every other address, the
 * route has to be local now. Of 127.0.0.0/8 and ::1 lo then has to deliver it as well.
 */
bool delivery_hold(int fd, const struct address *address, uint16_t port);

/*
 * The same right before send(2), for a socket of UDP. The route has to be local in any case: where no socket takes a
 * datagram, the kernel sends it back in a message of ICMP, which no binding keeps at lo. lo has to deliver it too, so
 * that nobody waits for a peer behind a lo that is down.
 */
bool delivery_hold_datagram(int fd, const struct address *address, uint16_t port);

/* Whether ADDRESS is one of 127.0.0.0/8 or ::1 and lo, which may be down, does not deliver to it. */
bool delivery_is_lost(const struct address *address, uint16_t port, uint8_t protocol);

#endif
