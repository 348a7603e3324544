/* General names: what subjectAltName and nameConstraints consist of (RFC 5280, 4.2.1.6 and 4.2.1.10). Pure. */
#ifndef HEALTHCHECK_TLS_NAMES_H
#define HEALTHCHECK_TLS_NAMES_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"
#include "healthcheck/tls/der.h"

/* Kinds of names, by the number of their tag. */
enum name_kind {
    NAME_NONE = -1,
    NAME_OTHER = 0,
    NAME_EMAIL = 1,
    NAME_DNS = 2,
    NAME_X400 = 3,
    NAME_DIRECTORY = 4, /* a Name: dn.h */
    NAME_EDI = 5,
    NAME_URI = 6,
    NAME_ADDRESS = 7, /* 4 or 16 bytes, network order; in a constraint, a mask of as many follows */
    NAME_ID = 8,
};

/* Takes the next GeneralName of *REST: returns its kind, and its contents in *NAME. NAME_NONE at the end and for what
 * is none. */
enum name_kind names_take(struct der *rest, struct der *name);

/* Whether NAMES, the contents of GeneralNames, are one name or more and nothing else. */
bool names_are_well_formed(struct der names);

/*
 * Takes the next GeneralSubtree of *REST: returns the kind of names that it has, and in *BASE the name that they are
 * under. NAME_NONE at the end, for what is none, and for one with `minimum` or `maximum`, which nobody may use.
 */
enum name_kind names_take_subtree(struct der *rest, struct der *base);

/* Whether SUBTREES, the contents of GeneralSubtrees, are subtrees and nothing else; there may be none. */
bool names_are_subtrees(struct der subtrees);

/*
 * Whether a DNS name in a certificate, PATTERN, is for HOST (RFC 9525, 6.3), the case of ASCII letters aside. `*` has
 * to be the whole first label, with two labels or more behind it; it stands for one label of letters, digits and
 * hyphens.
 */
bool name_matches(struct span pattern, struct span host);

/* Whether NAMES have a DNS name for HOST, or the address ADDRESS. Other kinds of names do not count (6.4). */
bool names_have_host(struct der names, struct span host);
bool names_have_address(struct der names, const struct address *address);

/* Puts the DNS names and addresses: `a.test, *.b.test, 127.0.0.1 and 4 more`, or `no name`. Not sanitised. */
void names_put(struct der names, struct text *out);

#endif
