/* An X.509 certificate (RFC 5280), taken apart and not yet judged. Pure; nothing is copied. */
#ifndef HEALTHCHECK_TLS_CERTIFICATE_H
#define HEALTHCHECK_TLS_CERTIFICATE_H

#include "healthcheck/tls/der.h"

/* Bits of keyUsage (4.2.1.3) and of nsCertType that are looked at; the first bit of the extension is the highest. */
enum {
    USAGE_SIGNATURE = 0x80,    /* digitalSignature */
    USAGE_CERTIFICATES = 0x04, /* keyCertSign */
    USAGE_SERVER = 0x40,       /* nsCertType: SSL server */
    USAGE_ANY = 0xff,          /* without the extension */
};

struct certificate {
    struct der whole;
    struct der tbs;             /* what is signed */
    struct der algorithm;       /* of the signature: the contents of an AlgorithmIdentifier */
    struct der inner_algorithm; /* what was signed of it, which has to be the same */
    struct der signature;
    struct der serial;
    struct der issuer, subject; /* dn.h */
    struct der key;             /* the SubjectPublicKeyInfo, whole */
    struct der from_digits, to_digits;
    int64_t from, to; /* s since 1970 */
    int version;      /* 1 to 3 */

    /* Extensions, as if each were there and asked for nothing where it is not. */
    const char *fault; /* the name of the first that is malformed or there twice, or NULL */
    struct der
        strange;  /* the OID of the first that is critical, or changes what a certificate is, and not known here */
    bool is_ca;   /* basicConstraints */
    int path_max; /* CAs below it, INT_MAX: any number */
    uint8_t usage, netscape_usage;
    bool for_servers;               /* extKeyUsage */
    struct der names;               /* subjectAltName: names.h */
    struct der permitted, excluded; /* nameConstraints: constraints.h */
    struct der key_id;
    struct der issuer_key_id, issuer_issuer, issuer_serial; /* authorityKeyIdentifier; the second are names */
};

/*
 * Takes DER apart, which has to live as long. False where that is no certificate; where only an extension is not what
 * it should be, `fault` says so.
 */
bool certificate_parse(struct der der, struct certificate *certificate);

/* Whether CHILD says that ISSUER issued it: by the name, and by authorityKeyIdentifier where both have what it is for.
 */
bool certificate_names_issuer(const struct certificate *child, const struct certificate *issuer);

/* Whether its issuer has its own name. */
bool certificate_is_self_issued(const struct certificate *certificate);

#endif
