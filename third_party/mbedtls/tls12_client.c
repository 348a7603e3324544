/* Compiles the library's TLS 1.2 client so that it takes the RSA-PSS signatures it offers (RFC 8446, section 4.2.3). */
#include <ssl_misc.h>

/* 3.6.6 refuses them (https://github.com/Mbed-TLS/mbedtls/issues/10668), though the code that checks them is there. */
static inline int is_rsa_pss(uint16_t sig_alg)
{
    return sig_alg == MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256 || sig_alg == MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384 ||
           sig_alg == MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512;
}

#define mbedtls_ssl_sig_alg_is_supported(ssl, sig_alg)                                                                 \
    (is_rsa_pss(sig_alg) || mbedtls_ssl_sig_alg_is_supported(ssl, sig_alg))

#include <ssl_tls12_client.c>
