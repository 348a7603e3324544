/* Judges the certificates of a server: looks for a path to a trusted one, and says in words why there is none. */
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
    char name[TLS_NAME_SIZE]; /* as typed, without a final dot; empty: any */
    bool is_address;          /* whether that is an IP address: `address` */
    struct address address;
    int64_t deadline;   /* CLOCK_MONOTONIC, ns */
    bool late;          /* it passed before there was a verdict */
    struct trust trust; /* opened by the caller, who closes it */
    size_t reason_length;
    char reason[RESULT_REASON_SIZE]; /* why not, once tls_verify has found no path; not terminated, not sanitised */
};

/*
 * Judges CHAIN, what a server sent: its own certificate first, the others in any order. 0 where it leads to a trusted
 * one; else `late`, or the reason, and MBEDTLS_X509_BADCERT_* flags. Tries no longer than up to the deadline.
 */
uint32_t tls_verify(struct tls_verification *verification, const mbedtls_x509_crt *chain);

/* Whether CERTIFICATE is valid for DAYS more days, whoever issued it. False with the reason in *RESULT. */
bool tls_verify_days(const mbedtls_x509_crt *certificate, int64_t days, struct result *result);

#endif
