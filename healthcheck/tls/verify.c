/* What is wrong with a certificate, in words. */
#include "healthcheck/tls/verify.h"

#include <mbedtls/oid.h>
#include <string.h>
#include <time.h>

enum { NAMES_SHOWN = 3 };

static void put_two_digits(struct text *out, int number)
{
    text_char(out, (char)('0' + number / 10 % 10));
    text_char(out, (char)('0' + number % 10));
}

static void put_date(struct text *out, const mbedtls_x509_time *time)
{
    put_two_digits(out, time->year / 100);
    put_two_digits(out, time->year);
    text_char(out, '-');
    put_two_digits(out, time->mon);
    text_char(out, '-');
    put_two_digits(out, time->day);
}

/* The common name; where there is none the last part of the name will do. */
static void put_name(struct text *out, const mbedtls_x509_name *name)
{
    const mbedtls_x509_name *shown = name;

    while (shown->next && MBEDTLS_OID_CMP(MBEDTLS_OID_AT_CN, &shown->oid) != 0)
        shown = shown->next;
    text_bytes(out, (const char *)shown->val.p, shown->val.len);
}

static int san_type(const mbedtls_x509_sequence *san)
{
    return san->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;
}

/* The address in a subjectAltName; false for other kinds. */
static bool san_address(const mbedtls_x509_sequence *san, struct address *address)
{
    if (san_type(san) != MBEDTLS_X509_SAN_IP_ADDRESS || (san->buf.len != 4 && san->buf.len != 16))
        return false;
    *address = (struct address){ .family = san->buf.len == 4 ? AF_INET : AF_INET6 };
    memcpy(address->bytes, san->buf.p, san->buf.len);
    return true;
}

static bool has_address(const mbedtls_x509_crt *certificate, const struct address *wanted)
{
    struct address address;

    if (!mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME))
        return false;
    for (const mbedtls_x509_sequence *san = &certificate->subject_alt_names; san; san = san->next)
        if (san_address(san, &address) && address_equal(&address, wanted))
            return true;
    return false;
}

/* `a.test, *.b.test, 127.0.0.1 and 4 more`, or the common name of a certificate without such names. */
static void put_names(struct text *out, const mbedtls_x509_crt *certificate)
{
    const mbedtls_x509_sequence *san = &certificate->subject_alt_names;
    struct address address;
    unsigned names = 0;

    if (!mbedtls_x509_crt_has_ext_type(certificate, MBEDTLS_X509_EXT_SUBJECT_ALT_NAME)) {
        put_name(out, &certificate->subject);
        return;
    }
    for (; san; san = san->next) {
        bool is_address = san_address(san, &address);
        if (!is_address && san_type(san) != MBEDTLS_X509_SAN_DNS_NAME)
            continue;
        if (names++ >= NAMES_SHOWN)
            continue;
        text_string(out, names > 1 ? ", " : "");
        if (is_address)
            address_show(&address, out);
        else
            text_bytes(out, (const char *)san->buf.p, san->buf.len);
    }
    if (names > NAMES_SHOWN) {
        text_string(out, " and ");
        text_number(out, names - NAMES_SHOWN);
        text_string(out, " more");
    }
    if (names == 0)
        text_string(out, "no name");
}

/* Starts a clause: `certificate ...`, or `CA certificate (Some CA) ...` for those that issued it. */
static struct text *clause(struct text *out, const mbedtls_x509_crt *certificate, int depth)
{
    text_string(out, out->length > 0 ? "; " : "");
    text_string(out, depth == 0 ? "certificate " : "CA certificate (");
    if (depth > 0) {
        put_name(out, &certificate->subject);
        text_string(out, ") ");
    }
    return out;
}

static bool is_self_issued(const mbedtls_x509_crt *certificate)
{
    return certificate->issuer_raw.len == certificate->subject_raw.len &&
           memcmp(certificate->issuer_raw.p, certificate->subject_raw.p, certificate->subject_raw.len) == 0;
}

static void put_distrust(struct text *out, const struct trust *trust, const mbedtls_x509_crt *certificate)
{
    if (trust->error != 0 || trust->count == 0) {
        text_string(out, "cannot be verified: no certificate in ");
        text_string(out, trust->path);
    } else if (is_self_issued(certificate)) {
        text_string(out, "is self-signed and not trusted");
    } else {
        text_string(out, trust->unread  ? "comes from a CA that cannot be used ("
                         : trust->named ? "is not signed by the trusted CA of that name ("
                                        : "comes from an unknown CA (");
        put_name(out, &certificate->issuer);
        text_char(out, ')');
    }
}

static void put_mismatch(struct text *out, const struct tls_verification *verification,
                         const mbedtls_x509_crt *certificate)
{
    text_string(out, "is for ");
    put_names(out, certificate);
    text_string(out, verification->is_address ? ", not for the address " : ", not for ");
    text_string(out, verification->name);
}

/* One clause a flag. */
static void put_faults(struct tls_verification *verification, const mbedtls_x509_crt *certificate, int depth,
                       uint32_t flags)
{
    static const struct {
        uint32_t flags;
        const char *text;
    } plain[] = {
        { MBEDTLS_X509_BADCERT_BAD_MD, "is signed with a weak hash" },
        { MBEDTLS_X509_BADCERT_BAD_KEY | MBEDTLS_X509_BADCERT_BAD_PK, "has a weak key" },
        { MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE, "is not for servers (key usage)" },
    };
    struct text *out = &verification->reason;

    if (flags & MBEDTLS_X509_BADCERT_EXPIRED) {
        text_string(clause(out, certificate, depth), "expired ");
        put_date(out, &certificate->valid_to);
    }
    if (flags & MBEDTLS_X509_BADCERT_FUTURE) {
        text_string(clause(out, certificate, depth), "is not valid before ");
        put_date(out, &certificate->valid_from);
    }
    if (flags & MBEDTLS_X509_BADCERT_CN_MISMATCH)
        put_mismatch(clause(out, certificate, depth), verification, certificate);
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (flags & plain[i].flags)
            text_string(clause(out, certificate, depth), plain[i].text);
    if (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)
        put_distrust(clause(out, certificate, depth), &verification->trust, certificate);
}

/* What only the server's own certificate can have. It is judged last: the library goes down from the top. */
static void judge_server(struct tls_verification *verification, const mbedtls_x509_crt *certificate, uint32_t *flags)
{
    if (verification->is_address && !has_address(certificate, &verification->address))
        *flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
    /* The library looks at this only when all else is well, and says no more than no. */
    if (mbedtls_x509_crt_check_extended_key_usage(certificate, MBEDTLS_OID_SERVER_AUTH,
                                                  MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH)) != 0)
        *flags |= MBEDTLS_X509_BADCERT_EXT_KEY_USAGE;
    /* It may be what is trusted, CA or not, whoever issued it: the look-up by issuer cannot tell. */
    if ((verification->issuers || (*flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED)) &&
        trust_has(&verification->trust, certificate)) {
        *flags &= ~(uint32_t)MBEDTLS_X509_BADCERT_NOT_TRUSTED;
        verification->issuers = 0;
        verification->reason.length = 0;
    }
}

int tls_verify(void *verification_, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    struct tls_verification *verification = verification_;

    if (depth == 0)
        judge_server(verification, certificate, flags);
    if (*flags != 0)
        put_faults(verification, certificate, depth, *flags);
    verification->issuers |= *flags;
    *flags = depth == 0 ? verification->issuers : 0;
    return 0;
}

static int64_t seconds_of(const mbedtls_x509_time *time)
{
    struct tm tm = { .tm_year = time->year - 1900,
                     .tm_mon = time->mon - 1,
                     .tm_mday = time->day,
                     .tm_hour = time->hour,
                     .tm_min = time->min,
                     .tm_sec = time->sec };

    return timegm(&tm);
}

bool tls_verify_days(const mbedtls_x509_crt *certificate, int64_t days, struct result *result)
{
    enum { DAY = 86400 };
    int64_t left = seconds_of(&certificate->valid_to) - time(NULL);
    struct text reason = result_begin(result);

    if (left >= days * DAY)
        return true;
    text_string(&reason, left < 0 ? "certificate expired " : "certificate expires in ");
    if (left >= 0) {
        text_number(&reason, (uint64_t)(left / DAY));
        text_string(&reason, left / DAY == 1 ? " day, on " : " days, on ");
    }
    put_date(&reason, &certificate->valid_to);
    return result_end(result, &reason, false);
}
