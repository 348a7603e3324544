/* Finds and judges a path from a server's certificate to a trusted one (RFC 5280, 6). path.c tells how. Pure. */
#ifndef HEALTHCHECK_TLS_PATH_H
#define HEALTHCHECK_TLS_PATH_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"
#include "healthcheck/tls/certificate.h"

enum {
    PATH_LENGTH_MAX = 10,  /* certificates: eight between a server's own and the trusted one */
    PATH_OFFERED_MAX = 64, /* of what a server sends, more are not looked at */
    PATH_LINKS_MAX = 32,   /* issuers tried among them: names and keys can be made to fit again and again */
};

/* What can be wrong, in groups that the server gets different alerts for (RFC 8446, 6.2). */
enum path_fault {
    FAULT_NAME = 1,
    FAULT_TIME = 2,
    FAULT_ISSUER = 4,
    FAULT_USE = 8,
    FAULT_OTHER = 16,
};

/* Is given SEARCH and a trusted certificate; false: no more of them. */
typedef bool path_visit(void *search, struct der certificate);

struct path_search {
    /* Set by the caller, who owns what is pointed to. */
    struct span host;              /* whom the certificate has to be for, without a final dot; empty: for anybody */
    const struct address *address; /* the same, where that is an IP address; or NULL */
    int64_t now;                   /* s since 1970 */
    struct der offered[PATH_OFFERED_MAX]; /* what the server sent: its own certificate, the others in any order */
    size_t offered_count;
    void *context; /* for the three functions */

    /* Calls VISIT with each trusted certificate that may have the subject ISSUER; with each one if ISSUER is NULL. */
    void (*visit_trusted)(struct path_search *search, const struct der *issuer, path_visit *visit);
    /* Whether ISSUER's key made the signature of CHILD, both of supported algorithms. */
    bool (*is_signed)(struct path_search *search, const struct certificate *child, const struct certificate *issuer);
    /* Puts why CHILD, at the end of a path, is not trusted. NAMED: a trusted one has the name of its issuer. */
    void (*put_distrust)(struct path_search *search, const struct certificate *child, bool named, struct text *out);
    /* The first two may set `done` to end the search where it is. */

    /* The result. */
    bool healthy;       /* there is a path without a fault */
    unsigned faults;    /* else its enum path_fault, */
    struct text reason; /* and in words, in `why` */
    char why[RESULT_REASON_SIZE];

    /* The state of the search. */
    struct certificate path[PATH_LENGTH_MAX]; /* the server's own first */
    size_t length;
    unsigned links; /* issuers tried, of those that were sent */
    bool done;
    bool named;    /* for put_distrust */
    bool anchored; /* `reason` is that of a path that ended in trust */
};

/*
 * Whether CERTIFICATE names itself as its issuer, and says inside that a key of its key's kind has signed it. OpenSSL
 * takes it for self-signed then, and looks for nobody above it, although another key may have made that signature.
 */
bool path_names_itself(const struct certificate *certificate);

/* Searches for a path. All that the caller does not set has to be 0. False with `faults` and `reason`. */
bool path_find(struct path_search *search);

#endif
