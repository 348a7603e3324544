/* Judges what a server showed. */
#include "healthcheck/tls/verify.h"

#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/path.h"
#include "healthcheck/tls/signature.h"
#include "pith/duration.h"

#include <string.h>
#include <time.h>

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
    } else if (certificate_is_self_issued(child)) {
        text_string(out, "is self-signed and not trusted");
    } else {
        text_string(out, named ? "is not signed by the trusted CA of that name (" : "comes from an unknown CA (");
        dn_put(child->issuer, out);
        text_char(out, ')');
    }
}

/* The library picks its alert by them. */
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
        .host = { verification->name, strlen(verification->name) },
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
