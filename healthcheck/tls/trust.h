/* The trusted certificates: a PEM file or a folder of them, of which little more is parsed than what is asked for. */
#ifndef HEALTHCHECK_TLS_TRUST_H
#define HEALTHCHECK_TLS_TRUST_H

#include "healthcheck/result.h"
#include "healthcheck/tls/der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRUST_WINDOW_SIZE = 16384 }; /* bytes of a file that are in memory at once: no longer certificate is found */

struct trust {
    int fd; /* of the file; -1: none, or a folder, which `kept` has */
    const char *path;
    uint8_t *kept; /* the certificates of a folder in DER, one behind the other; on the heap, or NULL */
    size_t kept_length;
    size_t count; /* certificates that the last trust_visit saw */
    int error;    /* errno of its read that failed, or 0 */
    char window[TRUST_WINDOW_SIZE];
    uint8_t der[TRUST_WINDOW_SIZE * 3 / 4]; /* one certificate, decoded */
};

/* Makes *TRUST one that is not open. */
void trust_init(struct trust *trust);

/*
 * Opens CACERT, which has to outlive *TRUST, or for NULL what $SSL_CERT_FILE or else $SSL_CERT_DIR names, or else the
 * first bundle that images are known to have. Each may be a file or a folder of files; $SSL_CERT_DIR also several
 * folders with colons between them. A folder is read at once, as Landlock may forbid to open files later. False with
 * the reason in *RESULT.
 */
bool trust_open(struct trust *trust, const char *cacert, struct result *result);

/* Closes and frees, also what is not open. */
void trust_close(struct trust *trust);

/* Is given CONTEXT and a certificate, which lives until it returns; false: no more of them. */
typedef bool trust_visitor(void *context, struct der certificate);

/* Calls VISIT for each certificate that may have SUBJECT, a Name (pem_names_alike); for each one if SUBJECT is NULL. */
void trust_visit(struct trust *trust, const struct der *subject, trust_visitor *visit, void *context);

#endif
