/* DER from a notation that shows it, and certificates made of it. */
#ifndef TESTS_DER_H
#define TESTS_DER_H

#include <stddef.h>
#include <stdint.h>

enum { DER_MAX = 32768 };

/*
 * Writes what NOTATION says to BYTES, which have room for DER_MAX, and returns how many there are. An element is its
 * tag in hexadecimal, and then what is in it, of which the length is told: elements in braces, bytes in hexadecimal
 * behind a colon, or text in quotes; bytes behind `=` stand for themselves. Spaces are for the eye.
 *
 *     30{06:551d13 01:ff 04{30{01:ff}} 0c"text" =0500}
 *
 * Fails the test where that is not the notation.
 */
size_t der_write(const char *notation, uint8_t *bytes);

/* Extensions that certificates of tests have, in the order in which they stand. */
enum {
    EXT_KEY_ID,
    EXT_ISSUER_KEY_ID,
    EXT_USAGE,
    EXT_BASIC,
    EXT_PURPOSE,
    EXT_NAMES,
    EXT_CONSTRAINTS,
    EXT_POLICIES,
    EXT_OTHER,
    EXT_MORE,
    EXT_COUNT
};

/* What each is called there, ready for what is in the OCTET STRING; CRITICAL stands in front of that where it is. */
#define CRITICAL                    "01:ff "
#define KEY_ID(critical, in)        "06:551d0e " critical "04{" in "}"
#define USAGE(critical, in)         "06:551d0f " critical "04{" in "}"
#define NAMES(critical, in)         "06:551d11 " critical "04{" in "}"
#define BASIC(critical, in)         "06:551d13 " critical "04{" in "}"
#define CONSTRAINTS(critical, in)   "06:551d1e " critical "04{" in "}"
#define CRL_POINTS(critical, in)    "06:551d1f " critical "04{" in "}"
#define POLICIES(critical, in)      "06:551d20 " critical "04{" in "}"
#define ISSUER_KEY_ID(critical, in) "06:551d23 " critical "04{" in "}"
#define PURPOSE(critical, in)       "06:551d25 " critical "04{" in "}"
#define NETSCAPE(critical, in)      "06:6086480186f8420101 " critical "04{" in "}"

/* A Name of one attribute, the common name, or another one; purposes. */
#define DN(name)        "30{31{30{06:550403 0c\"" name "\"}}}"
#define RDN(oid, value) "31{30{06:" oid " " value "}}"
#define SERVER_AUTH     "06:2b06010505070301"
#define CLIENT_AUTH     "06:2b06010505070302"
#define ANY_PURPOSE     "06:551d2500"

/* A certificate in parts, each in the notation. */
struct specimen {
    const char *version, *serial, *algorithm, *issuer, *validity, *subject, *key;
    const char *extensions[EXT_COUNT]; /* NULL: not there */
    const char *unique;                /* identifiers in front of them; NULL: none */
    const char *outer_algorithm;       /* NULL: as ALGORITHM */
    const char *signature;             /* NULL: what is signed goes to SIGN */
};

/* A certificate of a server for localhost, app.test, 127.0.0.1 and ::1, and one of a CA, without issuer and key. */
extern const struct specimen specimen_server, specimen_ca;

/* Signs SIZE bytes: writes the contents of the BIT STRING and returns their number. */
typedef size_t specimen_sign(const uint8_t *bytes, size_t size, uint8_t *signature, const void *key);

/* Writes it to BYTES, as der_write. SIGN may be NULL: the signature is one byte. */
size_t specimen_write(const struct specimen *specimen, specimen_sign *sign, const void *key, uint8_t *bytes);

#endif
