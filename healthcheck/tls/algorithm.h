/* Algorithms of certificates: by what they are signed, and of what kind their keys are. Pure. */
#ifndef HEALTHCHECK_TLS_ALGORITHM_H
#define HEALTHCHECK_TLS_ALGORITHM_H

#include "healthcheck/tls/certificate.h"

enum algorithm_kind {
    ALGORITHM_UNKNOWN, /* none of these, or with parameters that it may not have */
    ALGORITHM_WEAK,    /* a hash, a key or a curve that proves nothing any more */
    ALGORITHM_RSA,     /* with PKCS #1, 1.5 */
    ALGORITHM_PSS,
    ALGORITHM_EC,
};

struct algorithm {
    enum algorithm_kind kind;
    int hash;         /* SHA-256, -384 or -512: the number; of a signature */
    int salt;         /* bytes, of PSS */
    const char *name; /* for people; NULL: `oid` has to do */
    struct der oid;
};

struct algorithm algorithm_of_signature(const struct certificate *certificate);

/* RSA of 2048 bits or more, and the curves P-256, P-384 and P-521 (RFC 5480). */
struct algorithm algorithm_of_key(const struct certificate *certificate);

void algorithm_put(const struct algorithm *algorithm, struct text *out);

#endif
