/* Chains of certificates: each is the usual one with parts of it changed, and what is to be found of it. */
#ifndef TESTS_CHAINS_H
#define TESTS_CHAINS_H

#include "support/der.h"

#include <stdbool.h>

/* Who has a certificate: the server, who issued it, the CA above that one where it is sent, the root, and two others.
 */
enum { NOBODY, SERVER, INT, UPPER, ROOT, STRANGER, DOUBLE, PEOPLE };

enum verdict {
    HEALTHY,  /* OpenSSL accepts it, too */
    REFUSED,  /* by both */
    STRICTER, /* refused, whatever OpenSSL does: `says` is why */
    AROUND,   /* healthy on a path that OpenSSL does not look for, and accepts when it is given no other */
};

struct person {
    struct specimen specimen;
    const char *key;    /* of `keys` in test_chains.c */
    const char *signer; /* the key that signs; NULL: that of the issuer */
};

/* All zero: none. */
struct change {
    int who;
    size_t part; /* offset in struct person of a string */
    const char *notation;
};

struct chain {
    const char *name;
    enum verdict verdict;
    const char *says; /* in the reason */
    struct change changes[6];
    const char *sent;    /* behind the server's own, a letter each of S I U R X D; NULL: I */
    const char *trusted; /* such letters; NULL: R */
    const char *host;    /* NULL: localhost */
    bool unfit;          /* OpenSSL may not show it at all, and says that there is nothing in common */
    bool misread;        /* an OpenSSL that cannot read it cannot show it; its times are in unit/test_hc_certificate */
    bool alone;          /* with changes of others this would be another one */
};

/* clang-format off */
#define PART(field)               offsetof(struct person, field)
#define EXT(who, which, notation) { who, PART(specimen.extensions) + sizeof(char *) * EXT_##which, notation }
#define WITHOUT(who, which)       EXT(who, which, NULL)
#define SET(who, field, notation) { who, PART(specimen.field), notation }
#define KEY(who, name)            { who, PART(key), name }
#define SIGNER(who, name)         { who, PART(signer), name }
#define NAMED(names)              EXT(SERVER, NAMES, NAMES("", "30{" names "}"))
/* clang-format on */

#define PERMITTED(in) CONSTRAINTS("", "30{a0{" in "}}")
#define EXCLUDED(in)  CONSTRAINTS("", "30{a1{" in "}}")

/* SHA-256 is "1", SHA-384 is "2", SHA-512 is "3". */
#define HASH(sha)    "30{06:60864801650304020" sha " 05:}"
#define RSA_PSS(sha) "06:2a864886f70d01010a 30{a0{" HASH(sha) "} a1{30{06:2a864886f70d010108 " HASH(sha) "}} a2{02:20}}"

static const struct chain chains[] = {
    /* --- nothing is wrong */
    { "the usual chain", HEALTHY, NULL, .host = NULL },
    { "an address", HEALTHY, NULL, .host = "127.0.0.1" },
    { "an address of IPv6", HEALTHY, NULL, .host = "::1" },
    { "another of its names, in capitals", HEALTHY, NULL, .host = "APP.Test" },
    { "RSA", HEALTHY, NULL, .changes = { KEY(SERVER, "rsa"), KEY(INT, "rsa"), KEY(ROOT, "rsa") } },
    { "RSA-PSS", HEALTHY, NULL, .changes = { KEY(INT, "rsa"), SET(SERVER, algorithm, RSA_PSS("1")) } },
    { "RSA-PSS with SHA-384", HEALTHY, NULL, .changes = { KEY(INT, "rsa"), SET(SERVER, algorithm, RSA_PSS("2")) } },
    { "RSA-PSS with SHA-512", HEALTHY, NULL, .changes = { KEY(INT, "rsa"), SET(SERVER, algorithm, RSA_PSS("3")) } },
    { "RSA with SHA-384", HEALTHY, NULL,
      .changes = { KEY(INT, "rsa"), SET(SERVER, algorithm, "06:2a864886f70d01010c 05:") } },
    { "RSA with SHA-512", HEALTHY, NULL,
      .changes = { KEY(INT, "rsa"), SET(SERVER, algorithm, "06:2a864886f70d01010d 05:") } },
    { "ECDSA with SHA-384", HEALTHY, NULL, .changes = { SET(SERVER, algorithm, "06:2a8648ce3d040303") } },
    { "ECDSA with SHA-512", HEALTHY, NULL, .changes = { SET(SERVER, algorithm, "06:2a8648ce3d040304") } },
    { "P-384 and P-521", HEALTHY, NULL, .changes = { KEY(SERVER, "p384"), KEY(INT, "p521") } },
    { "two CAs between", HEALTHY, NULL, .sent = "IU" },
    { "two CAs between, the upper one first", HEALTHY, NULL, .sent = "UI" },
    { "the root first, then from the top down", HEALTHY, NULL, .sent = "RUI" },
    { "each twice", HEALTHY, NULL, .sent = "SUIIUS" },
    { "a stranger among them", HEALTHY, NULL, .sent = "XI" },
    { "a stranger with an Ed25519 key", HEALTHY, NULL, .changes = { KEY(STRANGER, "ed25519") }, .sent = "XI" },
    { "a stranger with a key of no known type", HEALTHY, NULL, .changes = { KEY(STRANGER, "unknown") }, .sent = "XI" },
    { "a stranger signed by no known algorithm", HEALTHY, NULL, .changes = { SET(STRANGER, algorithm, "06:2a0304") },
      .sent = "XI" },
    { "a stranger with a malformed extension", HEALTHY, NULL, .changes = { EXT(STRANGER, BASIC, BASIC("", "02:01")) },
      .sent = "XI" },
    { "an expired stranger of version 1", HEALTHY, NULL,
      .changes = { SET(STRANGER, version, ""), WITHOUT(STRANGER, BASIC), WITHOUT(STRANGER, USAGE),
                   SET(STRANGER, validity, "17\"100101000000Z\" 17\"110101000000Z\"") },
      .sent = "IX" },
    { "no extKeyUsage, no keyUsage", HEALTHY, NULL, .changes = { WITHOUT(SERVER, PURPOSE), WITHOUT(SERVER, USAGE) } },
    { "serverAuth beside clientAuth", HEALTHY, NULL,
      .changes = { EXT(SERVER, PURPOSE, PURPOSE("", "30{" CLIENT_AUTH " " SERVER_AUTH "}")) } },
    { "CAs for servers", HEALTHY, NULL,
      .changes = { EXT(INT, PURPOSE, PURPOSE("", "30{" SERVER_AUTH "}")),
                   EXT(ROOT, PURPOSE, PURPOSE(CRITICAL, "30{" CLIENT_AUTH " " SERVER_AUTH "}")) } },
    { "a server that is a CA", HEALTHY, NULL, .changes = { EXT(SERVER, BASIC, BASIC("", "30{01:ff}")) } },
    { "no CA, said out loud", HEALTHY, NULL, .changes = { EXT(SERVER, BASIC, BASIC("01:00 ", "30{01:00}")) } },
    { "basicConstraints of a CA that is not critical", HEALTHY, NULL,
      .changes = { EXT(INT, BASIC, BASIC("", "30{01:ff}")) } },
    { "path lengths that suffice", HEALTHY, NULL,
      .changes = { EXT(INT, BASIC, BASIC("", "30{01:ff 02:00}")), EXT(UPPER, BASIC, BASIC("", "30{01:ff 02:01}")),
                   EXT(ROOT, BASIC, BASIC("", "30{01:ff 02:02}")) },
      .sent = "IU" },
    { "a CA without keyUsage", HEALTHY, NULL, .changes = { WITHOUT(INT, USAGE) } },
    { "a root of version 1", HEALTHY, NULL,
      .changes = { SET(ROOT, version, ""), WITHOUT(ROOT, BASIC), WITHOUT(ROOT, USAGE) }, .alone = true },
    { "trust in the CA between", HEALTHY, NULL, .trusted = "I" },
    { "trust in the server's own", HEALTHY, NULL, .trusted = "S" },
    { "trust in a server's own that signed itself", HEALTHY, NULL,
      .changes = { SET(SERVER, issuer, DN("Server")), SIGNER(SERVER, "server") }, .sent = "", .trusted = "S" },
    { "a serial number of 0", HEALTHY, NULL, .changes = { SET(SERVER, serial, "02:00") } },
    { "a negative serial number", HEALTHY, NULL,
      .changes = { SET(SERVER, serial, "02:80"), SET(INT, serial, "02:ff7f") } },
    { "a long serial number", HEALTHY, NULL,
      .changes = { SET(SERVER, serial, "02:0102030405060708090a0b0c0d0e0f101112131415161718") } },
    { "critical policies", HEALTHY, NULL,
      .changes = { EXT(SERVER, POLICIES, POLICIES(CRITICAL, "30{30{06:2a0304}}")) } },
    { "names that are critical, of no subject", HEALTHY, NULL,
      .changes = { SET(SERVER, subject, "30{}"), EXT(SERVER, NAMES, NAMES(CRITICAL, "30{82\"localhost\"}")) } },
    { "an unknown extension that is not critical", HEALTHY, NULL, .changes = { EXT(SERVER, OTHER, "06:2a0304 04:") } },
    { "identifiers of keys that match", HEALTHY, NULL,
      .changes = { EXT(INT, KEY_ID, KEY_ID("", "04:0102")),
                   EXT(SERVER, ISSUER_KEY_ID, ISSUER_KEY_ID("", "30{80:0102}")) } },
    { "the issuer's issuer and serial number", HEALTHY, NULL,
      .changes = { EXT(SERVER, ISSUER_KEY_ID, ISSUER_KEY_ID("", "30{a1{a4{" DN("Root") "}} 82:0456}")) } },
    { "an issuer's name in other letters, spaces and strings", HEALTHY, NULL,
      .changes = { SET(SERVER, issuer, "30{31{30{06:550403 13\" some   INT\"}}}"),
                   SET(INT, subject, DN("Some Int")) } },
    { "a wildcard", HEALTHY, NULL, .changes = { NAMED("82\"*.app.test\"") }, .host = "x.app.test" },
    { "a name of international letters", HEALTHY, NULL, .changes = { NAMED("82\"XN--bcher-kva.test\"") },
      .host = "xn--bcher-kva.test" },
    { "a wildcard for a name of international letters", HEALTHY, NULL, .changes = { NAMED("82\"*.app.test\"") },
      .host = "xn--bcher-kva.app.test" },
    { "names of every kind", HEALTHY, NULL,
      .changes = { NAMED("81\"a@b.test\" 86\"https://a.test/\" 88:2a03 a4{" DN("x") "} 82\"localhost\"") } },
    { "domains that are permitted", HEALTHY, NULL,
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{82\"localhost\"} 30{82\"test\"}")),
                   EXT(ROOT, CONSTRAINTS, EXCLUDED("30{82\"example\"}")) } },
    { "addresses that are permitted", HEALTHY, NULL,
      .changes = { EXT(INT, CONSTRAINTS,
                       PERMITTED("30{87:7f000000ff000000} 30{87:000000000000000000000000000000000000000000"
                                 "0000000000000000000000}")) } },
    { "a directory that is permitted", HEALTHY, NULL,
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{a4{30{" RDN("55040a", "0c\"Org\"") "}}}")),
                   SET(SERVER, subject, "30{" RDN("55040a", "13\"ORG\"") RDN("550403", "0c\"x\"") "}") } },
    { "constraints on what is not there", HEALTHY, NULL,
      .changes = { EXT(INT, CONSTRAINTS,
                       CONSTRAINTS(CRITICAL, "30{a0{30{81\"a.test\"} 30{86\"a.test\"}} a1{30{82\"a.test\"}}}")) } },
    { "a constraint on what a CA issued to itself", HEALTHY, NULL,
      .changes = { SET(INT, issuer, DN("Int")), EXT(INT, KEY_ID, KEY_ID("", "04:0101")),
                   EXT(INT, ISSUER_KEY_ID, ISSUER_KEY_ID("", "30{80:0102}")), SET(UPPER, subject, DN("Int")),
                   EXT(UPPER, KEY_ID, KEY_ID("", "04:0102")),
                   EXT(UPPER, CONSTRAINTS, EXCLUDED("30{a4{" DN("Int") "}}")) },
      .sent = "IU", .alone = true },
    { "a Netscape server", HEALTHY, NULL, .changes = { EXT(SERVER, OTHER, NETSCAPE(CRITICAL, "03:0640")) } },
    { "revocation lists", HEALTHY, NULL,
      .changes = { EXT(SERVER, OTHER, CRL_POINTS("", "30{30{a0{a0{86\"http://a.test/\"}}}}")) } },
    { "times of four digits a year", HEALTHY, NULL,
      .changes = { SET(SERVER, validity, "18\"20200101000000Z\" 18\"99991231235959Z\"") } },

    /* --- paths that OpenSSL does not look for */
    { "another CA of the same name first", AROUND, NULL, .sent = "DI" },
    { "another root of the same name first", AROUND, NULL, .changes = { SET(DOUBLE, subject, DN("Root")) },
      .trusted = "DR" },
    { "the same CA, issued by nobody who is known, first", AROUND, NULL,
      .changes = { KEY(DOUBLE, "int"), SET(DOUBLE, issuer, DN("Nobody")) }, .sent = "DI" },

    /* --- basicConstraints */
    { "a CA that is none", REFUSED, "may not issue certificates (basic",
      .changes = { EXT(INT, BASIC, BASIC("", "30{}")) } },
    { "a CA without basicConstraints", REFUSED, "may not issue certificates (basic",
      .changes = { WITHOUT(INT, BASIC), WITHOUT(INT, USAGE) } },
    { "a CA by keyUsage alone", REFUSED, "may not issue certificates (basic", .changes = { WITHOUT(INT, BASIC) } },
    { "basicConstraints of a number", REFUSED, "malformed (basicConstraints)",
      .changes = { EXT(INT, BASIC, BASIC(CRITICAL, "30{02:01}")) } },
    { "an empty basicConstraints with bytes behind it", REFUSED, "malformed (basicConstraints)",
      .changes = { EXT(INT, BASIC, BASIC(CRITICAL, "30{} 01:ff")) } },
    { "a CA of version 1", REFUSED, "may not issue certificates (basic",
      .changes = { SET(INT, version, ""), WITHOUT(INT, BASIC), WITHOUT(INT, USAGE) } },
    { "a TRUE that is not FF", STRICTER, "malformed (basicConstraints)",
      .changes = { EXT(INT, BASIC, BASIC("", "30{01:01}")) } },
    { "basicConstraints with bytes behind it", STRICTER, "malformed (basicConstraints)",
      .changes = { EXT(INT, BASIC, BASIC("", "30{01:ff} 05:")) } },
    { "a path length below 0", REFUSED, "malformed (basicConstraints)",
      .changes = { EXT(INT, BASIC, BASIC("", "30{01:ff 02:ff}")) } },
    { "a path length of what is no CA", STRICTER, "malformed (basicConstraints)",
      .changes = { EXT(SERVER, BASIC, BASIC("", "30{02:00}")) } },
    { "a path length of 0 above a CA", REFUSED, "(path length)",
      .changes = { EXT(UPPER, BASIC, BASIC("", "30{01:ff 02:00}")) }, .sent = "IU" },
    { "a root's path length of 0 above a CA", REFUSED, "(path length)",
      .changes = { EXT(ROOT, BASIC, BASIC("", "30{01:ff 02:00}")) } },

    /* --- what certificates are for */
    { "a CA that may not sign certificates", REFUSED, "may not issue certificates (key usage)",
      .changes = { EXT(INT, USAGE, USAGE("", "03:0102")) } },
    { "a root that may not sign certificates", REFUSED, "may not issue certificates (key usage)",
      .changes = { EXT(ROOT, USAGE, USAGE("", "03:0102")) } },
    { "a CA for clients", REFUSED, "(extended key usage)",
      .changes = { EXT(INT, PURPOSE, PURPOSE("", "30{" CLIENT_AUTH "}")) } },
    { "a CA for code", REFUSED, "(extended key usage)",
      .changes = { EXT(INT, PURPOSE, PURPOSE("", "30{06:2b06010505070303}")) } },
    { "a CA for what nobody knows", REFUSED, "(extended key usage)",
      .changes = { EXT(INT, PURPOSE, PURPOSE("", "30{06:2a0304}")) } },
    { "a CA for anything", REFUSED, "(extended key usage)",
      .changes = { EXT(INT, PURPOSE, PURPOSE("", "30{" ANY_PURPOSE "}")) } },
    { "a root for clients", REFUSED, "(extended key usage)",
      .changes = { EXT(ROOT, PURPOSE, PURPOSE("", "30{" CLIENT_AUTH "}")) } },
    { "a CA with no purpose", REFUSED, "malformed (extKeyUsage)",
      .changes = { EXT(INT, PURPOSE, PURPOSE("", "30{}")) } },
    { "a client", REFUSED, "is not for servers",
      .changes = { EXT(SERVER, PURPOSE, PURPOSE("", "30{" CLIENT_AUTH "}")) } },
    { "anything", REFUSED, "is not for servers",
      .changes = { EXT(SERVER, PURPOSE, PURPOSE("", "30{" ANY_PURPOSE "}")) } },
    { "a server of Netscape's step-up", STRICTER, "is not for servers",
      .changes = { EXT(SERVER, PURPOSE, PURPOSE("", "30{06:6086480186f8420401}")) } },
    { "a key that may sign lists alone", REFUSED, "is not for servers",
      .changes = { EXT(SERVER, USAGE, USAGE("", "03:0102")) }, .unfit = true },
    { "a key that may encipher keys alone", STRICTER, "is not for servers",
      .changes = { EXT(SERVER, USAGE, USAGE("", "03:0520")) }, .unfit = true },
    { "a key for nothing", REFUSED, "malformed (keyUsage)", .changes = { EXT(SERVER, USAGE, USAGE("", "03:0700")) },
      .unfit = true },
    { "a Netscape client", REFUSED, "is not for servers", .changes = { EXT(SERVER, OTHER, NETSCAPE("", "03:0780")) } },

    /* --- names */
    { "another name", REFUSED, "is for a.test, not for localhost", .changes = { NAMED("82\"a.test\"") } },
    { "a URI of that name", REFUSED, "is for no name", .changes = { NAMED("86\"localhost\"") } },
    { "a URI with that name", REFUSED, "is for no name", .changes = { NAMED("86\"https://localhost/\"") } },
    { "an e-mail address of that name", REFUSED, "is for no name", .changes = { NAMED("81\"localhost\"") } },
    { "a directory of that name", REFUSED, "is for no name", .changes = { NAMED("a4{" DN("localhost") "}") } },
    { "a common name alone", STRICTER, "common name localhost, which does not count",
      .changes = { SET(SERVER, subject, DN("localhost")), WITHOUT(SERVER, NAMES) } },
    { "a common name beside another name", REFUSED, "is for a.test",
      .changes = { SET(SERVER, subject, DN("localhost")), NAMED("82\"a.test\"") } },
    { "an address as a name", REFUSED, "not for the address", .changes = { NAMED("82\"127.0.0.1\"") },
      .host = "127.0.0.1" },
    { "another address", REFUSED, "not for the address", .changes = { NAMED("87:7f000002") }, .host = "127.0.0.1" },
    { "an address of IPv4 in one of IPv6", REFUSED, "not for the address",
      .changes = { NAMED("87:00000000000000000000ffff7f000001") }, .host = "127.0.0.1" },
    { "a wildcard of a top level domain", REFUSED, "not for app.test", .changes = { NAMED("82\"*.test\"") },
      .host = "app.test" },
    { "a wildcard for everything", REFUSED, "not for localhost", .changes = { NAMED("82\"*\"") } },
    { "a wildcard for two labels", REFUSED, "not for x.y.app.test", .changes = { NAMED("82\"*.app.test\"") },
      .host = "x.y.app.test" },
    { "a wildcard for none", REFUSED, "not for app.test", .changes = { NAMED("82\"*.app.test\"") },
      .host = "app.test" },
    { "a wildcard for an underscore", REFUSED, "not for x_y.app.test", .changes = { NAMED("82\"*.app.test\"") },
      .host = "x_y.app.test" },
    { "a wildcard further down", REFUSED, "not for a.x.test", .changes = { NAMED("82\"a.*.test\"") },
      .host = "a.x.test" },
    { "a wildcard of a part of a label", STRICTER, "not for foo.app.test", .changes = { NAMED("82\"f*.app.test\"") },
      .host = "foo.app.test" },
    { "two wildcards", REFUSED, "not for x.y.test", .changes = { NAMED("82\"*.*.test\"") }, .host = "x.y.test" },
    { "a wildcard in international letters", REFUSED, "not for xn--bcher.app.test",
      .changes = { NAMED("82\"xn--*.app.test\"") }, .host = "xn--bcher.app.test" },
    { "a name with a dot behind it", REFUSED, "not for localhost", .changes = { NAMED("82\"localhost.\"") } },
    { "a name with a NUL in it", REFUSED, "not for localhost",
      .changes = { NAMED("82:6c6f63616c686f7374002e6576696c2e74657374") } },
    { "names that are none", REFUSED, "malformed (subjectAltName)", .changes = { NAMED("0c\"localhost\"") },
      .unfit = true },
    { "no name in the list", STRICTER, "malformed (subjectAltName)",
      .changes = { NAMED(""), SET(SERVER, subject, DN("localhost")) } },

    /* --- name constraints, critical or not */
    { "a domain that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{82\"other.test\"}")) } },
    { "one of two domains that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{82\"localhost\"}")) } },
    { "a domain that is excluded", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, EXCLUDED("30{82\"App.test\"}")) } },
    { "a domain that a root excludes", REFUSED, "(name constraints)",
      .changes = { EXT(ROOT, CONSTRAINTS, EXCLUDED("30{82\"test\"}")) } },
    { "a domain that the upper CA excludes", REFUSED, "CA certificate (Upper) may not",
      .changes = { EXT(UPPER, CONSTRAINTS, EXCLUDED("30{82\"test\"}")) }, .sent = "UI" },
    { "every domain excluded", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, EXCLUDED("30{82\"\"}")) } },
    { "a wildcard that stands for what is excluded, too", STRICTER, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, EXCLUDED("30{82\"x.app.test\"}")), NAMED("82\"*.app.test\"") },
      .host = "x.app.test" },
    { "an address that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{87:0a000000ff000000}")) } },
    { "an address that is excluded", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, EXCLUDED("30{87:7f000000ff000000}")) } },
    { "a directory that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{a4{30{" RDN("55040a", "0c\"Org\"") "}}}")) } },
    { "a directory that is excluded, in other letters", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, EXCLUDED("30{a4{30{" RDN("55040a", "0c\"Some  Org\"") "}}}")),
                   SET(SERVER, subject, "30{" RDN("55040a", "13\"some ORG\"") RDN("550403", "0c\"x\"") "}") } },
    { "an e-mail address that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{81\"a.test\"}")), NAMED("82\"localhost\" 81\"x@b.test\"") } },
    { "an e-mail address that is permitted", STRICTER, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{81\"a.test\"}")), NAMED("82\"localhost\" 81\"x@a.test\"") } },
    { "an e-mail address in a subject that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{81\"a.test\"}")),
                   SET(SERVER, subject, "30{" RDN("2a864886f70d010901", "16\"x@b.test\"") "}") } },
    { "a URI that is excluded", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, EXCLUDED("30{86\"b.test\"}")),
                   NAMED("82\"localhost\" 86\"https://b.test/\"") } },
    { "a kind of name that nobody compares", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{88:2a03}")), NAMED("82\"localhost\" 88:2a04") } },
    { "a common name that is not permitted", REFUSED, "(name constraints)",
      .changes = { EXT(INT, CONSTRAINTS, PERMITTED("30{82\"a.test\"}")), SET(SERVER, subject, DN("b.test")),
                   NAMED("87:7f000001") },
      .host = "127.0.0.1" },
    { "a constraint from a minimum on", STRICTER, "malformed (nameConstraints)",
      .changes = { EXT(INT, CONSTRAINTS,
                       PERMITTED("30{82\"other.test\" 80:01} 30{82\"localhost\"} 30{82\"test\"}")) } },
    { "constraints that are none", REFUSED, "malformed (nameConstraints)",
      .changes = { EXT(INT, CONSTRAINTS, CONSTRAINTS("", "30{a0{82\"x\"}}")) } },

    /* --- time */
    { "a server of the past", REFUSED, "certificate expired 2021-01-01",
      .changes = { SET(SERVER, validity, "17\"200101000000Z\" 17\"210101000000Z\"") } },
    { "a server of the future", REFUSED, "certificate is not valid before 2090-01-01",
      .changes = { SET(SERVER, validity, "18\"20900101000000Z\" 18\"20910101000000Z\"") } },
    { "a CA of the past", REFUSED, "CA certificate (Int) expired 2021-01-01",
      .changes = { SET(INT, validity, "17\"200101000000Z\" 17\"210101000000Z\"") } },
    { "a root of the past", REFUSED, "CA certificate (Root) expired 2021-01-01",
      .changes = { SET(ROOT, validity, "17\"200101000000Z\" 17\"210101000000Z\"") } },
    { "trust in the server's own of the past", REFUSED, "certificate expired 2021-01-01",
      .changes = { SET(SERVER, validity, "17\"200101000000Z\" 17\"210101000000Z\"") }, .trusted = "S" },
    { "a time without its Z", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, validity, "17\"200101000000\" 18\"20991231235959Z\"") }, .misread = true },
    { "a time of elsewhere", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, validity, "17\"200101000000+0100\" 18\"20991231235959Z\"") } },
    { "a time without seconds", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, validity, "17\"2001010000Z\" 18\"20991231235959Z\"") }, .misread = true },
    { "a time in fractions", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, validity, "17\"200101000000Z\" 18\"20991231235959.5Z\"") } },
    { "a 30th of February", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, validity, "17\"200101000000Z\" 18\"20990230000000Z\"") } },

    /* --- extensions */
    { "a critical extension that nobody knows", REFUSED, "certificate has an extension that is not known",
      .changes = { EXT(SERVER, OTHER, "06:2a0304 01:ff 04:") } },
    { "one of a CA", REFUSED, "CA certificate (Int) has an extension that is not known",
      .changes = { EXT(INT, OTHER, "06:2a0304 01:ff 04:") } },
    { "one of a root", REFUSED, "CA certificate (Root) has an extension that is not known",
      .changes = { EXT(ROOT, OTHER, "06:2a0304 01:ff 04:") } },
    { "a critical subjectKeyIdentifier", STRICTER, "(2.5.29.14)",
      .changes = { EXT(SERVER, KEY_ID, KEY_ID(CRITICAL, "04:01")) } },
    { "critical policyConstraints", STRICTER, "(2.5.29.36)",
      .changes = { EXT(INT, OTHER, "06:551d24 01:ff 04{30{80:00}}") } },
    { "a critical inhibitAnyPolicy", STRICTER, "(2.5.29.54)",
      .changes = { EXT(INT, OTHER, "06:551d36 01:ff 04{02:00}") } },
    { "critical revocation lists", STRICTER, "(2.5.29.31)",
      .changes = { EXT(SERVER, OTHER, CRL_POINTS(CRITICAL, "30{30{a0{a0{86\"http://a.test/\"}}}}")) } },
    { "addresses of the Internet's own", STRICTER, "(1.3.6.1.5.5.7.1.7)",
      .changes = { EXT(SERVER, OTHER, "06:2b06010505070107 04{30{}}") } },
    { "a proxy", REFUSED, "(1.3.6.1.5.5.7.1.14)",
      .changes = { EXT(SERVER, OTHER, "06:2b0601050507010e 04{30{30{06:2b06010505071501}}}"),
                   WITHOUT(SERVER, NAMES) } },
    { "names that are there twice", REFUSED, "there twice",
      .changes = { EXT(SERVER, OTHER, NAMES("", "30{82\"localhost\"}")) }, .unfit = true },
    { "basicConstraints that are there twice", REFUSED, "there twice",
      .changes = { EXT(INT, OTHER, BASIC("", "30{01:ff}")) } },
    { "what nobody knows twice", HEALTHY, NULL,
      .changes = { EXT(SERVER, OTHER, "06:2a0304 04:"), EXT(SERVER, MORE, "06:2a0304 04:") } },
    { "revocation lists that are none", REFUSED, "malformed (cRLDistributionPoints)",
      .changes = { EXT(SERVER, OTHER, CRL_POINTS("", "30{01:00}")) }, .unfit = true },
    { "an identifier that is none", REFUSED, "malformed (subjectKeyIdentifier)",
      .changes = { EXT(SERVER, KEY_ID, KEY_ID("", "02:01")) }, .unfit = true },
    { "an issuer's identifier that is none", REFUSED, "malformed (authorityKeyIdentifier)",
      .changes = { EXT(SERVER, ISSUER_KEY_ID, ISSUER_KEY_ID("", "02:01")) }, .unfit = true },
    { "a subject that is not UTF-8", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, subject, "30{31{30{06:550403 0c:61c3}}}") }, .misread = true },
    { "a root whose name is not UTF-8", REFUSED, "unknown CA",
      .changes = { SET(ROOT, subject, "30{31{30{06:550403 0c:61c3}}}"),
                   SET(ROOT, issuer, "30{31{30{06:550403 0c:61c3}}}") } },
    { "extensions of version 1", STRICTER, "certificate is malformed", .changes = { SET(SERVER, version, "") } },

    /* --- who issued whom */
    { "an unknown root", REFUSED, "CA certificate (Int) comes from an unknown CA (Root)", .trusted = "X" },
    { "a CA that was not sent", REFUSED, "certificate comes from an unknown CA (Int)", .sent = "" },
    { "a server's own that signed itself", REFUSED, "certificate is self-signed and not trusted",
      .changes = { SET(SERVER, issuer, DN("Server")), SIGNER(SERVER, "server") }, .sent = "" },
    { "an issuer of another name", REFUSED, "unknown CA (Other)", .changes = { SET(SERVER, issuer, DN("Other")) } },
    { "an issuer of another key", REFUSED, "certificate comes from an unknown CA (Int)",
      .changes = { SIGNER(SERVER, "other") } },
    { "a root of another key", REFUSED, "CA certificate (Int) is not signed by the trusted CA of that name (Root)",
      .changes = { SIGNER(INT, "other") } },
    { "an issuer of another key identifier", REFUSED, "certificate comes from an unknown CA (Int)",
      .changes = { EXT(INT, KEY_ID, KEY_ID("", "04:0102")),
                   EXT(SERVER, ISSUER_KEY_ID, ISSUER_KEY_ID("", "30{80:0103}")) } },
    { "an issuer of another serial number", REFUSED, "certificate comes from an unknown CA (Int)",
      .changes = { EXT(SERVER, ISSUER_KEY_ID, ISSUER_KEY_ID("", "30{82:0457}")) } },
    { "an issuer of another issuer", REFUSED, "certificate comes from an unknown CA (Int)",
      .changes = { EXT(SERVER, ISSUER_KEY_ID, ISSUER_KEY_ID("", "30{a1{a4{" DN("Other") "}}}")) } },
    { "a root whose name has other spaces", STRICTER, "unknown CA (some  root)",
      .changes = { SET(INT, issuer, DN("some  root")), SET(ROOT, subject, DN("Some Root")),
                   SET(ROOT, issuer, DN("Some Root")) } },

    /* --- signatures and keys */
    { "a signature that is none", REFUSED, "unknown CA",
      .changes = { SET(SERVER, signature, "=00 =3006020101020101") } },
    { "a signature with bits left", REFUSED, "certificate is malformed",
      .changes = { SET(SERVER, signature, "=01 =3006020101020102") } },
    { "two algorithms", REFUSED, "by another algorithm than it says",
      .changes = { SET(SERVER, outer_algorithm, "06:2a8648ce3d040302 05:") } },
    { "MD5", STRICTER, "certificate is signed with a weak hash (MD5)",
      .changes = { KEY(INT, "rsa"), SET(SERVER, algorithm, "06:2a864886f70d010104 05:") } },
    { "SHA-1", STRICTER, "certificate is signed with a weak hash (SHA-1)",
      .changes = { SET(SERVER, algorithm, "06:2a8648ce3d0401") } },
    { "SHA-1 of a CA", STRICTER, "CA certificate (Int) is signed with a weak hash (SHA-1)",
      .changes = { SET(INT, algorithm, "06:2a8648ce3d0401") } },
    { "SHA-1 of a root, which nobody checks", HEALTHY, NULL, .changes = { SET(ROOT, algorithm, "06:2a8648ce3d0401") } },
    { "an Ed25519 key of a CA", STRICTER, "certificate is signed by an algorithm that is not supported (Ed25519)",
      .changes = { KEY(INT, "ed25519") } },
    { "an Ed25519 key of a root", STRICTER,
      "CA certificate (Int) is signed by an algorithm that is not supported (Ed25519)",
      .changes = { KEY(ROOT, "ed25519") } },
    { "an Ed25519 key of a server", STRICTER, "no certificate type, cipher or curve in common",
      .changes = { KEY(SERVER, "ed25519") } },
    { "a curve of coins", STRICTER, "no certificate type, cipher or curve in common",
      .changes = { KEY(SERVER, "secp256k1") } },
    { "a small RSA key", STRICTER, "certificate has a weak key (RSA)", .changes = { KEY(SERVER, "rsa1024") } },
    { "a small RSA key of a CA", STRICTER, "CA certificate (Int) has a weak key (RSA)",
      .changes = { KEY(INT, "rsa1024") } },
    { "a small curve of a CA", STRICTER, "CA certificate (Int) has a weak key (P-224)",
      .changes = { KEY(INT, "p224") } },
    { "an RSA key whose exponent makes others work", STRICTER,
      "CA certificate (Int) has a key of a type that is not supported", .changes = { KEY(INT, "rsa-slow") } },
};

#endif
