/* Judges what a server showed: path.c finds a path, Mbed TLS checks its signatures, trust.c has what is trusted. */
#include "healthcheck/tls/verify.h"

#include "healthcheck/tls/algorithm.h"
#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/path.h"
#include "pith/duration.h"

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <string.h>
#include <time.h>

/* --- signatures ------------------------------------------------------------------------------------- */

static mbedtls_md_type_t digest_type(int hash)
{
    return hash == 256 ? MBEDTLS_MD_SHA256 : hash == 384 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA512;
}

/* Takes a number of a signature of ECDSA, which is not negative. */
static bool take_ecdsa_number(struct der *rest)
{
    struct der number;

    return der_take_integer(rest, &number) && !(number.at[0] & 0x80);
}

/* Whether a signature of ECDSA is two numbers (RFC 3279, 2.2.3) in DER. The library takes other encodings, too. */
static bool is_ecdsa_signature(struct der signature)
{
    struct der numbers;

    return der_take(&signature, DER_SEQUENCE, &numbers) && signature.length == 0 && take_ecdsa_number(&numbers) &&
           take_ecdsa_number(&numbers) && numbers.length == 0;
}

static bool is_signed_by(const struct certificate *child, mbedtls_pk_context *key)
{
    struct algorithm algorithm = algorithm_of_signature(child->algorithm);
    mbedtls_md_type_t type = digest_type(algorithm.hash);
    const mbedtls_pk_rsassa_pss_options pss = { type, algorithm.salt };
    mbedtls_pk_type_t scheme = algorithm.kind == ALGORITHM_PSS   ? MBEDTLS_PK_RSASSA_PSS
                               : algorithm.kind == ALGORITHM_RSA ? MBEDTLS_PK_RSA
                                                                 : MBEDTLS_PK_ECDSA;
    unsigned char digest[MBEDTLS_MD_MAX_SIZE];

    return (scheme != MBEDTLS_PK_ECDSA || is_ecdsa_signature(child->signature)) &&
           mbedtls_md(mbedtls_md_info_from_type(type), child->tbs.at, child->tbs.length, digest) == 0 &&
           mbedtls_pk_verify_ext(scheme, algorithm.kind == ALGORITHM_PSS ? &pss : NULL, key, type, digest,
                                 (size_t)algorithm.hash / 8, child->signature.at, child->signature.length) == 0;
}

/* The library knows no key for RSASSA-PSS alone. Without its OID it is an RSA key as any other. */
static bool parse_key(const struct certificate *issuer, mbedtls_pk_context *key)
{
    struct algorithm algorithm = algorithm_of_key(issuer);
    unsigned char *at = (unsigned char *)(uintptr_t)issuer->key.at; /* the library only reads */

    return (algorithm.kind == ALGORITHM_PSS ? mbedtls_pk_parse_public_key(key, algorithm.key.at, algorithm.key.length)
                                            : mbedtls_pk_parse_subpubkey(&at, at + issuer->key.length, key)) == 0;
}

/* Whether ISSUER's key made the signature of CHILD; both are of supported algorithms. */
static bool signature_is_good(const struct certificate *child, const struct certificate *issuer)
{
    mbedtls_pk_context key;

    mbedtls_pk_init(&key);
    bool good = parse_key(issuer, &key) && is_signed_by(child, &key);
    mbedtls_pk_free(&key);
    return good;
}

/* --- what a search asks for (path.h) ---------------------------------------------------------------- */

/* Ends the search where the deadline has passed: a chain can be made to take long. */
static bool is_late(struct path_search *search)
{
    struct tls_verification *verification = search->context;

    verification->late = time_now() >= verification->deadline;
    search->done = search->done || verification->late;
    return verification->late;
}

static void visit_trusted(struct path_search *search, const struct der *issuer, path_visit *visit)
{
    struct tls_verification *verification = search->context;

    if (!is_late(search))
        trust_visit(&verification->trust, issuer, visit, search);
}

static bool is_signed(struct path_search *search, const struct certificate *child, const struct certificate *issuer)
{
    return !is_late(search) && signature_is_good(child, issuer);
}

static void put_distrust(struct path_search *search, const struct certificate *child, bool named, struct text *out)
{
    const struct tls_verification *verification = search->context;
    const struct trust *trust = &verification->trust;

    if (trust->error != 0 || trust->count == 0) {
        text_strings(out, "cannot be verified: no certificate in ", trust->path, NULL);
    } else if (path_names_itself(child)) {
        text_string(out, "is self-signed and not trusted");
    } else {
        text_string(out, named ? "is not signed by the trusted CA of that name (" : "comes from an unknown CA (");
        dn_put(child->issuer, out);
        text_char(out, ')');
    }
}

/* --- the verdict ------------------------------------------------------------------------------------ */

/* The library picks the alert that the server gets by these. */
static uint32_t flags_of(unsigned faults)
{
    return faults & FAULT_NAME     ? MBEDTLS_X509_BADCERT_CN_MISMATCH
           : faults & FAULT_USE    ? MBEDTLS_X509_BADCERT_KEY_USAGE
           : faults & FAULT_TIME   ? MBEDTLS_X509_BADCERT_EXPIRED
           : faults & FAULT_ISSUER ? MBEDTLS_X509_BADCERT_NOT_TRUSTED
                                   : MBEDTLS_X509_BADCERT_BAD_PK;
}

uint32_t tls_verify(struct tls_verification *verification, const mbedtls_x509_crt *chain)
{
    struct path_search search = {
        .host = span_of(verification->name),
        .address = verification->is_address ? &verification->address : NULL,
        .now = time(NULL),
        .context = verification,
        .visit_trusted = visit_trusted,
        .is_signed = is_signed,
        .put_distrust = put_distrust,
    };

    for (const mbedtls_x509_crt *at = chain; at && search.offered_count < PATH_OFFERED_MAX; at = at->next)
        search.offered[search.offered_count++] = (struct der){ at->raw.p, at->raw.len };
    if (path_find(&search))
        return 0;
    verification->reason_length = text_kept(&search.reason);
    memcpy(verification->reason, search.why, verification->reason_length);
    return flags_of(search.faults);
}

bool tls_verify_days(const mbedtls_x509_crt *crt, int64_t days, struct result *result)
{
    enum { DAY = 86400 };
    struct certificate certificate;
    struct text reason = result_begin(result);

    if (!certificate_parse((struct der){ crt->raw.p, crt->raw.len }, &certificate))
        return result_fail(result, "certificate is malformed", NULL);
    int64_t left = certificate.to - time(NULL);
    if (left >= days * DAY)
        return true;
    text_string(&reason, left < 0 ? "certificate expired " : "certificate expires in ");
    if (left >= 0) {
        text_number(&reason, (uint64_t)(left / DAY));
        text_string(&reason, left / DAY == 1 ? " day, on " : " days, on ");
    }
    der_put_date(certificate.to_digits, &reason);
    return result_end(result, &reason, false);
}
