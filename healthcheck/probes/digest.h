/*
 * The hashes that logins are made of, by Mbed TLS: MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4), HMAC (RFC 2104) and
 * PBKDF2 (RFC 8018). Builds without PITH_HASHES lack them all. Pure.
 */
#ifndef HEALTHCHECK_PROBES_DIGEST_H
#define HEALTHCHECK_PROBES_DIGEST_H

#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MD5_SIZE = 16, SHA1_SIZE = 20, SHA256_SIZE = 32 }; /* bytes */

/* The hash of A and of B behind it. OUT may be where they are. */
void digest_md5(struct span a, struct span b, uint8_t out[MD5_SIZE]);
void digest_sha1(struct span a, struct span b, uint8_t out[SHA1_SIZE]);
void digest_sha256(struct span a, struct span b, uint8_t out[SHA256_SIZE]);

/* HMAC-SHA-256 under KEY of COUNT pieces that stand behind each other. OUT may be where they are. */
void digest_hmac(struct span key, const struct span *pieces, size_t count, uint8_t out[SHA256_SIZE]);

/*
 * PBKDF2 by HMAC-SHA-256 in so many ROUNDS, one at least: the first block, which is Hi of SCRAM (RFC 5802, 2.2). False
 * where DEADLINE (CLOCK_MONOTONIC, ns) passes before.
 */
bool digest_stretch(struct span password, struct span salt, unsigned rounds, int64_t deadline,
                    uint8_t out[SHA256_SIZE]);

#endif
