/* Checks signatures. */
#include "healthcheck/tls/signature.h"

#include "healthcheck/tls/algorithm.h"

#include <mbedtls/md.h>
#include <mbedtls/pk.h>

static mbedtls_md_type_t digest_type(int hash)
{
    return hash == 256 ? MBEDTLS_MD_SHA256 : hash == 384 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA512;
}

static bool verify(const struct certificate *child, mbedtls_pk_context *key)
{
    struct algorithm algorithm = algorithm_of_signature(child);
    mbedtls_md_type_t type = digest_type(algorithm.hash);
    const mbedtls_pk_rsassa_pss_options pss = { type, algorithm.salt };
    mbedtls_pk_type_t scheme = algorithm.kind == ALGORITHM_PSS   ? MBEDTLS_PK_RSASSA_PSS
                               : algorithm.kind == ALGORITHM_RSA ? MBEDTLS_PK_RSA
                                                                 : MBEDTLS_PK_ECDSA;
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];

    return mbedtls_md(mbedtls_md_info_from_type(type), child->tbs.at, child->tbs.length, digest) == 0 &&
           mbedtls_pk_verify_ext(scheme, algorithm.kind == ALGORITHM_PSS ? &pss : NULL, key, type, digest,
                                 (size_t)algorithm.hash / 8, child->signature.at, child->signature.length) == 0;
}

bool signature_is_good(const struct certificate *child, const struct certificate *issuer)
{
    mbedtls_pk_context key;
    unsigned char *at = (unsigned char *)(uintptr_t)issuer->key.at;

    mbedtls_pk_init(&key);
    bool good = mbedtls_pk_parse_subpubkey(&at, issuer->key.at + issuer->key.length, &key) == 0 && verify(child, &key);
    mbedtls_pk_free(&key);
    return good;
}
