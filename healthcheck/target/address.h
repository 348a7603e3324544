/* IP addresses as values: parsing, printing and classifying without libc's resolver. Pure. */
#ifndef HEALTHCHECK_TARGET_ADDRESS_H
#define HEALTHCHECK_TARGET_ADDRESS_H

#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESSES_MAX = 48 }; /* of one name; musl's getaddrinfo(3) gives no more */

/* An address without a port. IPv4-mapped IPv6 addresses are always held as IPv4. */
struct address {
    sa_family_t family; /* AF_INET or AF_INET6 */
    uint8_t bytes[16];  /* network order; 4 or 16 of them */
    uint32_t scope;     /* interface index of a link-local IPv6 address, else 0 */
};

struct address_list {
    size_t count;
    struct address at[ADDRESSES_MAX];
};

/*
 * Four decimal numbers without leading zeros, or IPv6 text (RFC 4291) with an optional `%zone`, whose span
 * goes to *ZONE. No brackets. False for everything else: octal, hexadecimal and short forms are names.
 */
bool address_parse(struct span text, struct address *address, struct span *zone);

/* Makes an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2) the IPv4 address that it stands for. */
void address_unmap(struct address *address);

extern const struct address address_loopback4, address_loopback6;

/* Makes the unspecified address, 0.0.0.0 or ::, the loopback address that Linux connects it to. */
void address_settle(struct address *address);

/* 127.0.0.0/8 and ::1. */
bool address_is_loopback(const struct address *address);

bool address_equal(const struct address *a, const struct address *b);

/* Whether the first BITS bits are the same and the family is. */
bool address_in_network(const struct address *address, const struct address *network, unsigned bits);

/* `127.0.0.1` or `::1`, as inet_ntop(3) writes it (RFC 5952). */
void address_show(const struct address *address, struct text *out);

/* Adds ADDRESS unless the list is full or has it. */
void address_add(struct address_list *list, const struct address *address);

/* Fills STORAGE for connect(2) and returns its length. */
socklen_t address_to_socket(const struct address *address, uint16_t port, struct sockaddr_storage *storage);

#endif
