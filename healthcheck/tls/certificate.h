/* An X.509 certificate (RFC 5280), taken apart but not judged: path.h does that. Pure; nothing is copied. */
#ifndef HEALTHCHECK_TLS_CERTIFICATE_H
#define HEALTHCHECK_TLS_CERTIFICATE_H

#include "healthcheck/tls/der.h"

/* Bits of keyUsage (4.2.1.3) and of nsCertType; the first bit of such an extension is the highest. */
enum {
    USAGE_SIGNATURE = 0x80,    /* keyUsage: digitalSignature */
    USAGE_CERTIFICATES = 0x04, /* keyUsage: keyCertSign */
    USAGE_SERVER = 0x40,       /* nsCertType: SSL server */
    USAGE_ANY = 0xff,          /* the extension is not there */
};

struct certificate {
    struct der whole;
    struct der tbs;             /* TBSCertificate, whole: what is signed */
    struct der algorithm;       /* of the signature: the contents of its AlgorithmIdentifier */
    struct der inner_algorithm; /* the same again, inside what is signed; they have to be equal */
    struct der signature;
    struct der serial;
    struct der issuer, subject;        /* Names: dn.h */
    struct der key;                    /* SubjectPublicKeyInfo, whole */
    struct der from_digits, to_digits; /* validity, for der_put_date */
    int64_t from, to;                  /* the same in s since 1970 */
    int version;                       /* 1 to 3 */

    /* Extensions. What is not there has the value that restricts nothing, but is_ca, which is false. */
    const char *fault;      /* what is malformed, or there twice: a static string for people, or NULL */
    struct der strange;     /* OID of the first that may not be ignored and is not supported; `at` is NULL: none */
    bool is_ca;             /* basicConstraints: cA */
    int path_max;           /* basicConstraints: CAs that may be below this one; INT_MAX: any number */
    uint8_t usage;          /* keyUsage: its first eight bits */
    uint8_t netscape_usage; /* nsCertType */
    bool for_servers;       /* extKeyUsage: serverAuth is among them */
    struct der names;       /* subjectAltName: names.h */
    struct der permitted;   /* nameConstraints: subtrees, names.h */
    struct der excluded;
    struct der key_id;        /* subjectKeyIdentifier */
    struct der issuer_key_id; /* authorityKeyIdentifier: the issuer's key_id, */
    struct der issuer_issuer; /* the names of who issued that one's certificate, */
    struct der issuer_serial; /* and its serial number */
};

/*
 * Takes the certificate that DER is apart; DER has to live as long as *CERTIFICATE. False where it is malformed. Where
 * only the contents of an extension are malformed, the result is true and `fault` says so.
 */
bool certificate_parse(struct der der, struct certificate *certificate);

/*
 * Whether CHILD names ISSUER as its issuer: by its issuer's name, and by each field of authorityKeyIdentifier that can
 * be compared. Says nothing about the signature.
 */
bool certificate_names_issuer(const struct certificate *child, const struct certificate *issuer);

/* Whether issuer and subject are the same. */
bool certificate_is_self_issued(const struct certificate *certificate);

#endif
