/* The algorithms of signatures and keys that certificates name, and which of them are supported. Pure. */
#ifndef HEALTHCHECK_TLS_ALGORITHM_H
#define HEALTHCHECK_TLS_ALGORITHM_H

#include "healthcheck/tls/certificate.h"

/* What is above ALGORITHM_WEAK is supported. */
enum algorithm_kind {
    ALGORITHM_UNKNOWN, /* not supported, or with parameters that it may not have */
    ALGORITHM_WEAK,    /* a hash, key or curve that is no longer safe */
    ALGORITHM_RSA,     /* RSASSA-PKCS1-v1_5 (RFC 8017), or an RSA key */
    ALGORITHM_PSS,     /* RSASSA-PSS, or an RSA key that may make no other signatures */
    ALGORITHM_EC,      /* ECDSA, or a key on a curve */
};

struct algorithm {
    enum algorithm_kind kind;
    enum algorithm_kind of_key; /* of a signature: the kind of key that makes it, also where it is weak */
    int hash; /* of a signature: 256, 384 or 512, for SHA-256 and so on; of an RSASSA-PSS key: that one alone, or 0 */
    int salt; /* of RSASSA-PSS: its length in bytes; of a key: it is at least as long */
    const char *name; /* for people: a static string, or NULL where only the OID is known */
    struct der oid;
    struct der key; /* of a key: what its BIT STRING holds */
};

/* What NAMED, `algorithm` or `inner_algorithm` of a certificate, says that it is signed by: with SHA-256, SHA-384 or
 * SHA-512, RSA (RFC 4055) or ECDSA (RFC 5758). */
struct algorithm algorithm_of_signature(struct der named);

/* What kind of key CERTIFICATE is for: RSA of 2048 to 8192 bits (RFC 4055), or on P-256, P-384 or P-521 (RFC 5480). */
struct algorithm algorithm_of_key(const struct certificate *certificate);

/* Puts its name, or else its OID. */
void algorithm_put(const struct algorithm *algorithm, struct text *out);

#endif
