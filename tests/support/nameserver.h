/* A name server over UDP and TCP whose answers a test makes, byte by byte if it wants. */
#ifndef TESTS_NAMESERVER_H
#define TESTS_NAMESERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAMESERVER_MAX = 16384, /* bytes of a message */
    NAMESERVER_HEAD = 12,   /* bytes of a header, behind which the name of the question stands */
    NAMESERVER_A = 1,
    NAMESERVER_NS = 2,
    NAMESERVER_AAAA = 28,
    NAMESERVER_SERVFAIL = 2,
    NAMESERVER_NXDOMAIN = 3,
    NAMESERVER_REFUSED = 5,
};

/*
 * Makes the answer of the question in MESSAGE, of LENGTH bytes, in its place, which has room for NAMESERVER_MAX.
 * Returns its length; 0 for silence, and over TCP for the end of the connection. Is called on two threads.
 */
typedef size_t nameserver_answer(uint8_t *message, size_t length, bool tcp);

/* Says nothing. */
nameserver_answer nameserver_silence;

struct nameserver {
    nameserver_answer *answer;
    int udp, tcp; /* tcp -1: it has no TCP */
    uint16_t port;
    bool drips;            /* over TCP, byte by byte */
    atomic_uint datagrams; /* that came */
    pthread_t threads[2];
};

/* Listens on ADDRESS and PORT, 0: a free one. Ends the program where it cannot. */
void nameserver_start(struct nameserver *server, const char *address, uint16_t port, nameserver_answer *answer);

/* The same, without TCP. */
void nameserver_start_udp(struct nameserver *server, const char *address, uint16_t port, nameserver_answer *answer);
void nameserver_stop(struct nameserver *server);

/* What a question asks for; whether its name begins with the label LABEL. */
unsigned nameserver_type(const uint8_t *message);
bool nameserver_asked(const uint8_t *message, const char *label);

/* Makes MESSAGE an answer with RCODE, the question and no record. Returns its length. */
size_t nameserver_rcode(uint8_t *message, unsigned rcode);

/* The same, truncated and without an error. */
size_t nameserver_truncated(uint8_t *message);

/* Appends a record for the name of the question, after nameserver_rcode. Returns the new length. */
size_t nameserver_add(uint8_t *message, size_t length, unsigned type, const void *data, size_t size);

#endif
