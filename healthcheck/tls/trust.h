/* The certificates that are trusted: a PEM file of which only what is asked for is parsed. */
#ifndef HEALTHCHECK_TLS_TRUST_H
#define HEALTHCHECK_TLS_TRUST_H

#include "healthcheck/result.h"
#include "healthcheck/tls/der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRUST_WINDOW_SIZE = 16384 }; /* of the file that is looked at at once: longer certificates are not found */

struct trust {
    int fd; /* -1: none */
    const char *path;
    size_t count; /* certificates that the last look went over */
    int error;    /* errno of a read that failed, or 0 */
    char window[TRUST_WINDOW_SIZE];
    uint8_t der[TRUST_WINDOW_SIZE * 3 / 4]; /* one certificate, decoded */
};

/*
 * Opens CACERT unless it is NULL, else $SSL_CERT_FILE, else the first bundle that an image is known to have. False with
 * the reason in *RESULT. trust_close afterwards in any case.
 */
bool trust_open(struct trust *trust, const char *cacert, struct result *result);
void trust_close(struct trust *trust);

/*
 * Calls VISIT with CONTEXT and each certificate until it returns false: each whose subject may be SUBJECT (a Name), or
 * all of them for NULL. What is given to it lives until it returns.
 */
void trust_visit(struct trust *trust, const struct der *subject, bool (*visit)(void *context, struct der certificate),
                 void *context);

#endif
