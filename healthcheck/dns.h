/* DNS messages (RFC 1035) and resolv.conf(5), as far as a look-up of addresses needs them. Pure. */
#ifndef HEALTHCHECK_DNS_H
#define HEALTHCHECK_DNS_H

#include "healthcheck/address.h"
#include "healthcheck/target.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    DNS_MESSAGE_MAX = 1232, /* bytes of a UDP answer that are read: what fits everywhere */
    DNS_NAME_MAX = 253,
    DNS_SERVERS_MAX = 3,
    DNS_TYPE_A = 1,
    DNS_TYPE_AAAA = 28,
};

enum dns_answer {
    DNS_ALIEN,   /* not the answer to this question, or no DNS message */
    DNS_FOUND,   /* addresses were added */
    DNS_NOTHING, /* the name does not exist, or has no such address */
    DNS_FAILED,  /* the server could not or would not say */
};

/* Puts a query for the addresses of TYPE of NAME. False for what is no domain name. */
bool dns_query_put(struct text *out, uint16_t id, struct span name, uint16_t type);

/* Reads an answer to the query ID for TYPE, adding its addresses to LIST. */
enum dns_answer dns_answer_read(const uint8_t *bytes, size_t length, uint16_t id, uint16_t type,
                                struct address_list *list);

/* What of resolv.conf matters here. Spans point into its text. */
struct dns_conf {
    size_t server_count;
    struct address servers[DNS_SERVERS_MAX];
    struct span search; /* domains, divided by blanks */
    unsigned dots;      /* a name with as many is tried as it is first */
};

/* Reads the text of resolv.conf; without a server it is 127.0.0.1. */
void dns_conf_read(struct span text, struct dns_conf *conf);

/*
 * Puts the name to try as number ATTEMPT (0, 1, ...): NAME itself and NAME in each domain of the search list, in the order
 * that `dots` asks for. False when there are no more.
 */
bool dns_candidate(const struct dns_conf *conf, struct span name, size_t attempt, struct text *out);

#endif
