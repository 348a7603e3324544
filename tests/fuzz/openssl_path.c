/* Whether OpenSSL takes a path of certificates, signatures aside. */
#include "openssl_path.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* A fuzzer cannot sign: a signature counts as good, and as of the kind that the issuer's key makes. */
static int judge(int good, X509_STORE_CTX *context)
{
    return good || X509_STORE_CTX_get_error(context) == X509_V_ERR_CERT_SIGNATURE_FAILURE;
}

static int is_issued(X509_STORE_CTX *context, X509 *certificate, X509 *issuer)
{
    int fault = X509_check_issued(issuer, certificate);

    (void)context;
    return fault == X509_V_OK || fault == X509_V_ERR_SIGNATURE_ALGORITHM_MISMATCH;
}

static X509 *read_certificate(struct der der)
{
    const uint8_t *at = der.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.length);

    if (certificate && at == der.at + der.length)
        return certificate;
    X509_free(certificate);
    return NULL;
}

typedef STACK_OF(X509) x509_stack;

static bool push(x509_stack *stack, struct der der, bool *keyless)
{
    X509 *certificate = read_certificate(der);

    *keyless = *keyless || (certificate && !X509_get0_pubkey(certificate));
    return certificate && sk_X509_push(stack, certificate) > 0;
}

static int verify(x509_stack *sent, x509_stack *trusted, const char *host, int64_t now, const char **why)
{
    X509_STORE *none = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();

    X509_STORE_set_check_issued(none, is_issued);
    int good = X509_STORE_CTX_init(context, none, sk_X509_value(sent, 0), sent);

    if (good) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
        X509_STORE_CTX_set0_trusted_stack(context, trusted);
        X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
        X509_STORE_CTX_set_verify_cb(context, judge);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_time(param, (time_t)now);
        X509_VERIFY_PARAM_set1_host(param, host, 0);
        good = X509_verify_cert(context) > 0;
        *why = X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(none);
    return good;
}

bool openssl_takes(const struct der path[], size_t length, const char *host, int64_t now, const char **why)
{
    x509_stack *sent = sk_X509_new_null(), *trusted = sk_X509_new_null();
    bool good = true, keyless = false;

    *why = "is malformed";
    for (size_t i = 0; i < length && good; i++)
        good = push(i + 1 < length || i == 0 ? sent : trusted, path[i], &keyless);
    if (good && length == 1)
        good = push(trusted, path[0], &keyless);
    good = good && (keyless || verify(sent, trusted, host, now, why) > 0);
    sk_X509_pop_free(sent, X509_free);
    sk_X509_pop_free(trusted, X509_free);
    ERR_clear_error();
    return good;
}
