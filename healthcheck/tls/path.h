/* A chain of certificates from a server's own up to one that is trusted: finding it and judging it. Pure. */
#ifndef HEALTHCHECK_TLS_PATH_H
#define HEALTHCHECK_TLS_PATH_H

#include "healthcheck/result.h"
#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"
#include "healthcheck/tls/certificate.h"

enum {
    PATH_LENGTH_MAX = 10,  /* certificates: eight between a server's own and the trusted one */
    PATH_OFFERED_MAX = 64, /* what a server sends beyond them is not looked at */
    PATH_LINKS_MAX = 32,   /* issuers that are tried of what it sends, as names and keys can be made to fit at will */
};

/* What can be wrong, for the alert that the server gets (RFC 8446, 6.2). */
enum path_fault {
    FAULT_NAME = 1,
    FAULT_TIME = 2,
    FAULT_ISSUER = 4,
    FAULT_USE = 8,
    FAULT_OTHER = 16,
};

/* Given the search and each trusted certificate until it returns false. */
typedef bool path_visit(void *search, struct der certificate);

struct path_search {
    /* set by the caller: whom the certificate has to be for, and when */
    struct span host;                     /* as typed, without a final dot */
    const struct address *address;        /* where that is one; or NULL */
    int64_t now;                          /* s since 1970 */
    struct der offered[PATH_OFFERED_MAX]; /* what the server sent, its own first, the others in any order */
    size_t offered_count;
    void *context; /* the caller's own */

    /* Calls VISIT with each trusted certificate that may have the subject ISSUER, or with all for NULL. */
    void (*visit_trusted)(struct path_search *search, const struct der *issuer, path_visit *visit);
    /* Whether ISSUER's key made the signature of CHILD, both of known algorithms. May end the search: sets `done`. */
    bool (*is_signed)(struct path_search *search, const struct certificate *child, const struct certificate *issuer);
    /* Says why CHILD, at the end of a path, is not trusted, although NAMED: who is trusted has its issuer's name. */
    void (*put_distrust)(struct path_search *search, const struct certificate *child, bool named, struct text *out);

    /* what was found */
    bool healthy;    /* a path in which nothing is wrong */
    unsigned faults; /* else enum path_fault, of the path that came closest, */
    char why[RESULT_REASON_SIZE];
    struct text reason; /* and in words, over `why` */

    /* the path as it is */
    struct certificate path[PATH_LENGTH_MAX];
    size_t length;
    unsigned links; /* tried so far */
    bool done;      /* nothing more is tried */
    bool named;     /* somebody has the name of the last one's issuer */
    bool anchored;  /* `reason` is that of a path that ends with a trusted certificate */
};

/* Looks for a path; what is not set is 0. False with `faults` and `reason`. */
bool path_find(struct path_search *search);

#endif
