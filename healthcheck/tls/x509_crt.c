/*
 * Stands in for Mbed TLS's x509_crt.c: defines the functions of <mbedtls/x509_crt.h> that its handshake calls, so that
 * the linker takes nothing of the library's own. Certificates are kept as they came, so that one that does not belong
 * cannot end the handshake (RFC 8446, 4.4.2), and verify.c judges them all.
 */
#include "healthcheck/tls/algorithm.h"
#include "healthcheck/tls/verify.h"

#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

/* The handshake refers to them; nothing reads them. */
const mbedtls_x509_crt_profile mbedtls_x509_crt_profile_default = { 0, 0, 0, 0 };
const mbedtls_x509_crt_profile mbedtls_x509_crt_profile_suiteb = { 0, 0, 0, 0 };

void mbedtls_x509_crt_init(mbedtls_x509_crt *crt)
{
    memset(crt, 0, sizeof *crt);
}

void mbedtls_x509_crt_free(mbedtls_x509_crt *crt)
{
    for (mbedtls_x509_crt *next, *at = crt; at; at = next) {
        next = at->next;
        mbedtls_pk_free(&at->pk);
        free(at->raw.p);
        if (at != crt)
            free(at);
    }
}

/* A new last one, or NULL without memory; the first one is the caller's. */
static mbedtls_x509_crt *append(mbedtls_x509_crt *chain)
{
    if (!chain->raw.p)
        return chain;
    while (chain->next)
        chain = chain->next;
    return chain->next = calloc(1, sizeof *chain);
}

/*
 * Takes the server's own key, with which it signs the handshake. The library does not offer the signatures of a key for
 * RSASSA-PSS alone. error.c has words for what this returns.
 */
static int take_own_key(mbedtls_x509_crt *crt)
{
    struct certificate certificate;

    if (!certificate_parse((struct der){ crt->raw.p, crt->raw.len }, &certificate))
        return MBEDTLS_ERR_X509_INVALID_FORMAT;
    enum algorithm_kind kind = algorithm_of_key(&certificate).kind;
    unsigned char *at = crt->raw.p + (certificate.key.at - crt->raw.p);
    if (kind != ALGORITHM_UNKNOWN && mbedtls_pk_parse_subpubkey(&at, at + certificate.key.length, &crt->pk) == 0)
        return 0;
    return kind > ALGORITHM_WEAK && kind != ALGORITHM_PSS ? MBEDTLS_ERR_X509_INVALID_FORMAT
                                                          : MBEDTLS_ERR_PK_UNKNOWN_PK_ALG;
}

int mbedtls_x509_crt_parse_der(mbedtls_x509_crt *chain, const unsigned char *der, size_t size)
{
    mbedtls_x509_crt *crt = append(chain);
    unsigned char *copy = crt ? malloc(size) : NULL;

    if (!copy)
        return MBEDTLS_ERR_X509_ALLOC_FAILED;
    memcpy(copy, der, size);
    crt->raw.p = copy;
    crt->raw.len = size;
    return crt == chain ? take_own_key(crt) : 0;
}

int mbedtls_x509_crt_verify_restartable(mbedtls_x509_crt *chain, mbedtls_x509_crt *trusted, mbedtls_x509_crl *revoked,
                                        const mbedtls_x509_crt_profile *profile, const char *name, uint32_t *flags,
                                        int (*f_vrfy)(void *, mbedtls_x509_crt *, int, uint32_t *), void *verification,
                                        mbedtls_x509_crt_restart_ctx *restart)
{
    (void)trusted, (void)revoked, (void)profile, (void)name, (void)f_vrfy, (void)restart;
    *flags = tls_verify(verification, chain);
    return *flags == 0 ? 0 : MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
}

/* What a certificate is for was judged by tls_verify. */
int mbedtls_x509_crt_check_key_usage(const mbedtls_x509_crt *crt, unsigned int usage)
{
    (void)crt, (void)usage;
    return 0;
}

int mbedtls_x509_crt_check_extended_key_usage(const mbedtls_x509_crt *crt, const char *oid, size_t length)
{
    (void)crt, (void)oid, (void)length;
    return 0;
}
