/* The certificates that are trusted: a PEM file of which only what is asked for is parsed. */
#ifndef HEALTHCHECK_TLS_TRUST_H
#define HEALTHCHECK_TLS_TRUST_H

#include "healthcheck/conf.h"
#include "healthcheck/result.h"

#include <mbedtls/x509_crt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRUST_WINDOW_SIZE = 16384 }; /* of the file that is looked at at once: longer certificates are not found */

struct trust {
    int fd; /* -1: none */
    const char *path;
    size_t count; /* certificates that the last look went over */
    bool named;   /* it met one with the name that it was after */
    bool unread;  /* of which one cannot be parsed, as with constraints that the library does not know */
    int error;    /* errno of a read that failed, or 0 */
    char window[TRUST_WINDOW_SIZE];
    uint8_t der[TRUST_WINDOW_SIZE * 3 / 4]; /* one certificate, decoded */
};

/*
 * Opens --cacert, else $SSL_CERT_FILE, else the first bundle that an image is known to have. False with the reason in
 * *RESULT. trust_close afterwards in any case.
 */
bool trust_open(struct trust *trust, const struct check_conf *conf, struct result *result);
void trust_close(struct trust *trust);

/*
 * The library's question for those that may have signed CHILD (mbedtls_x509_crt_ca_cb_t): parses what has the name of
 * CHILD's issuer, into a list that the library frees. TRUST is a struct trust.
 */
int trust_find_issuers(void *trust, const mbedtls_x509_crt *child, mbedtls_x509_crt **issuers);

/* Whether this very certificate is in the file. */
bool trust_has(struct trust *trust, const mbedtls_x509_crt *certificate);

#endif
