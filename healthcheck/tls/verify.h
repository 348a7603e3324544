/* Judges what a server showed: finds a path to a trusted certificate, and says in words why there is none. */
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
    bool is_address;          /* then it is ADDRESS */
    struct address address;
    int64_t deadline; /* absolute, CLOCK_MONOTONIC in ns */
    bool late;        /* it passed before there was a verdict */
    struct trust trust;
    size_t reason_length;
    char reason[RESULT_REASON_SIZE]; /* what is wrong; empty: nothing, or nobody has looked */
};

/* 0 where the CHAIN that a server sent leads to a trusted certificate; else flags of the library, and the reason. */
uint32_t tls_verify(struct tls_verification *verification, const mbedtls_x509_crt *chain);

/* Whether CERTIFICATE is valid for DAYS more days. False with the reason in *RESULT. */
bool tls_verify_days(const mbedtls_x509_crt *certificate, int64_t days, struct result *result);

#endif
