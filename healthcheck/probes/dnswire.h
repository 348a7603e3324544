/*
 * Messages of DNS (RFC 1035): writes a question, and reads the answer to it. Pure.
 *
 * A name is held as it is sent: labels, each behind its length, and an empty one at the end. There is no EDNS in a
 * question, so every server understands it, and what is longer than 512 bytes comes by TCP.
 */
#ifndef HEALTHCHECK_PROBES_DNSWIRE_H
#define HEALTHCHECK_PROBES_DNSWIRE_H

#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_HEAD = 12,      /* bytes of a message's header */
    DNS_NAME_MAX = 255, /* bytes of a name, with its lengths (RFC 1035, 2.3.4) */
    DNS_PREFIX = 2,     /* bytes of a message's length, which stands before it over TCP (RFC 1035, 4.2.2) */
    DNS_QUESTION_MAX = DNS_HEAD + DNS_NAME_MAX + 4,
    DNS_MESSAGE_MAX = 65535,
};

enum { DNS_NS = 2, DNS_NOERROR = 0, DNS_FORMERR = 1 };

struct dns_name {
    size_t length;
    uint8_t bytes[DNS_NAME_MAX];
};

/* What is asked. */
struct dns_question {
    struct dns_name name;
    uint16_t type;
    uint16_t id;
    bool recursive; /* the server is to ask others for what it does not know */
};

/* What was answered. */
struct dns_answer {
    unsigned rcode;
    bool truncated;   /* it is incomplete, and was not read any further */
    unsigned records; /* in the answer section, of the type that was asked for */
};

enum dns_message {
    DNS_FOREIGN,   /* it is not an answer to the question */
    DNS_MALFORMED, /* it is one, but cannot be read */
    DNS_ANSWER,    /* it is one */
};

/*
 * Reads a name as people write it, `example.com`, with a dot at its end or without; `.` is the root. TEXT is
 * percent-encoded. Returns NULL, or what is wrong with it.
 */
const char *dns_name_parse(struct span text, struct dns_name *name);

/* Reads a type of record: its name in any case, or its number from 1 to 65535. */
bool dns_type_parse(struct span text, uint16_t *type);

/* Writes QUESTION as it is sent over TCP, behind its length. Over UDP the first DNS_PREFIX bytes are left out. Returns
 * how many bytes there are. */
size_t dns_question_write(const struct dns_question *question, uint8_t bytes[DNS_PREFIX + DNS_QUESTION_MAX]);

/* Reads a message of LENGTH bytes. *ANSWER is set for DNS_ANSWER alone. */
enum dns_message dns_answer_read(const struct dns_question *question, const uint8_t *bytes, size_t length,
                                 struct dns_answer *answer);

/* The name of an RCODE, as NXDOMAIN; NULL for one that has none. */
const char *dns_rcode_name(unsigned rcode);

#endif
