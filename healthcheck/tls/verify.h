/* Judges a server's certificate beside the library, and says in words what is wrong with it. */
#ifndef HEALTHCHECK_TLS_VERIFY_H
#define HEALTHCHECK_TLS_VERIFY_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"
#include "healthcheck/tls/trust.h"

#include <mbedtls/x509_crt.h>
#include <stdbool.h>
#include <stdint.h>

enum { TLS_NAME_SIZE = 256 };

/* Whom the certificate has to be for, and what was found. */
struct tls_verification {
    char name[TLS_NAME_SIZE]; /* as typed, without a final dot */
    bool is_address;          /* then it is ADDRESS, which the library leaves to us: it would send it as a name (SNI) */
    struct address address;
    struct trust trust;
    uint32_t issuers; /* what is wrong with those that issued it: flags of the library */
    char why[RESULT_REASON_SIZE];
    struct text reason; /* over `why`: what is wrong with each certificate of the chain */
};

/*
 * The library's question after it has judged a certificate of the chain, the server's own one last; collects the reason
 * and corrects *FLAGS, which are the whole chain's for the last one and none before.
 */
int tls_verify(void *verification, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);

/* Whether CERTIFICATE is valid for DAYS more days. False with the reason in *RESULT. */
bool tls_verify_days(const mbedtls_x509_crt *certificate, int64_t days, struct result *result);

#endif
