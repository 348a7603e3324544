/* IP addresses: parsed, shown and classified, without libc's resolver. Pure. */
#ifndef HEALTHCHECK_TARGET_ADDRESS_H
#define HEALTHCHECK_TARGET_ADDRESS_H

#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 48 }; /* of a name: musl's getaddrinfo(3) returns no more */

/* An address, without a port. An IPv4-mapped IPv6 address is always held as IPv4 (address_unmap). */
struct address {
    sa_family_t family; /* AF_INET or AF_INET6 */
    uint8_t bytes[16];  /* in network order; 4 of them, or 16 */
    uint32_t scope;     /* of a link-local IPv6 address the index of its interface, else 0 */
};

/* Addresses in the order in which they are to be tried. */
struct address_list {
    size_t count;
    struct address at[ADDRESSES_MAX];
};

/*
 * Parses an address, which is all of TEXT: four decimal numbers without leading zeros, or the text of an IPv6 address
 * (RFC 4291, 2.2), without brackets. An IPv6 address may have a `%zone` behind it. *ZONE is then the name of the zone,
 * and otherwise empty, with `at` NULL.
 *
 * False for everything else. What some programs read as IPv4, such as 0x7f.1 or 017700000001, is not an address here.
 */
bool address_parse(struct span text, struct address *address, struct span *zone);

/* Makes an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) the IPv4 address that it stands for. */
void address_unmap(struct address *address);

/* 127.0.0.1 and ::1. */
extern const struct address address_loopback4, address_loopback6;

/* Makes the unspecified address, 0.0.0.0 or ::, the loopback address, which Linux connects to in its place. */
void address_settle(struct address *address);

/* Whether ADDRESS is in 127.0.0.0/8, or is ::1. */
bool address_is_loopback(const struct address *address);

/* Whether ADDRESS is in fe80::/10, and so reached by the interface alone that its scope names (RFC 4291, 2.5.6). */
bool address_is_link_local(const struct address *address);

/* Whether both have the same family, bytes and scope. */
bool address_equal(const struct address *a, const struct address *b);

/* Whether ADDRESS and NETWORK have one family, and the same first BITS bits. Scopes do not count. */
bool address_in_network(const struct address *address, const struct address *network, unsigned bits);

/* Appends the text of ADDRESS, `127.0.0.1` or `::1`, as inet_ntop(3) writes it (RFC 5952). The scope is not shown. */
void address_show(const struct address *address, struct text *out);

/* Adds ADDRESS at the end, unless the list has it already or is full. */
void address_add(struct address_list *list, const struct address *address);

/* Fills STORAGE with ADDRESS and PORT for connect(2). Returns the length that connect(2) wants. */
socklen_t address_to_socket(const struct address *address, uint16_t port, struct sockaddr_storage *storage);

#endif
