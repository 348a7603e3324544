/* The certificates that are trusted: PEM files, of which only what is asked for is parsed. */
#ifndef HEALTHCHECK_TLS_TRUST_H
#define HEALTHCHECK_TLS_TRUST_H

#include "healthcheck/result.h"
#include "healthcheck/tls/der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRUST_WINDOW_SIZE = 16384 }; /* of the file that is looked at at once: longer certificates are not found */

struct trust {
    int fd; /* of a file; -1: none, or that was a folder */
    const char *path;
    uint8_t *kept; /* the certificates of a folder, one behind the other; or NULL */
    size_t kept_length;
    size_t count; /* certificates that the last look went over */
    int error;    /* errno of a read that failed, or 0 */
    char window[TRUST_WINDOW_SIZE];
    uint8_t der[TRUST_WINDOW_SIZE * 3 / 4]; /* one certificate, decoded */
};

/*
 * Opens CACERT unless it is NULL, else what $SSL_CERT_FILE or $SSL_CERT_DIR names, else the first bundle that images
 * are known to have. Each may be a file or a folder of files. A folder is read at once, as the probe may not open a
 * file any more later. False with the reason in *RESULT. Call trust_close afterwards in any case.
 */
bool trust_open(struct trust *trust, const char *cacert, struct result *result);
void trust_close(struct trust *trust);

/* Given each certificate until it returns false; what it is given lives until then. */
typedef bool trust_visitor(void *context, struct der certificate);

/* Calls VISIT with CONTEXT for each certificate whose subject may be SUBJECT (a Name), or for all of them for NULL. */
void trust_visit(struct trust *trust, const struct der *subject, trust_visitor *visit, void *context);

#endif
