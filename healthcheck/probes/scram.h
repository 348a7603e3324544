/*
 * SCRAM-SHA-256 (RFC 5802, RFC 7677), the client's side, without channel binding: both sides prove that they know the
 * password, and neither tells it. Builds without PITH_HASHES lack it.
 */
#ifndef HEALTHCHECK_PROBES_SCRAM_H
#define HEALTHCHECK_PROBES_SCRAM_H

#include "healthcheck/probes/digest.h"
#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stdint.h>

#define SCRAM_MECHANISM "SCRAM-SHA-256"

enum { SCRAM_NONCE_SIZE = 24, SCRAM_SHARED_MAX = 256 }; /* characters of our nonce, and of both nonces at most */

/* One login. */
struct scram {
    char nonce[SCRAM_NONCE_SIZE];
    uint8_t
        signature[SHA256_SIZE]; /* what the server has to prove itself by, once scram_prove has returned SCRAM_GOOD */
};

enum scram_verdict {
    SCRAM_GOOD,
    SCRAM_BAD,  /* that is no SCRAM */
    SCRAM_LATE, /* the deadline has passed: a server may ask for any number of rounds */
};

/* Begins a login, and appends the client's first message. False where the system has no random bytes. */
bool scram_begin(struct scram *scram, struct text *message);

/*
 * Judges CHALLENGE, the server's first message, and appends the client's last one to MESSAGE, which proves that it
 * knows PASSWORD. That takes two hashes a round, of which the server tells the number. DEADLINE is CLOCK_MONOTONIC, ns.
 */
enum scram_verdict scram_prove(struct scram *scram, struct span challenge, struct span password, int64_t deadline,
                               struct text *message);

/* Whether OUTCOME, the server's last message, proves that the server knows the password. */
bool scram_is_proven(const struct scram *scram, struct span outcome);

#endif
