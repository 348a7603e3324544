/* The names in a certificate's subjectAltName: the contents of its GeneralNames (RFC 5280, 4.2.1.6). Pure. */
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
    NAME_DIRECTORY = 4, /* the DER of a Name: dn.h */
    NAME_EDI = 5,
    NAME_URI = 6,
    NAME_ADDRESS = 7, /* 4 or 16 bytes, in a constraint with a mask of as many behind them */
    NAME_ID = 8,
};

/* Takes the next name off *REST: its kind, and in *NAME what it is. NAME_NONE at the end and where there is none. */
enum name_kind names_take(struct der *rest, struct der *name);

/* Whether NAMES are names to their end, one at least. */
bool names_are_well_formed(struct der names);

/*
 * Takes the next of GeneralSubtrees (RFC 5280, 4.2.1.10) off *REST: its kind, and in *BASE the name under which the
 * names of the subtree are. NAME_NONE at the end, and where it has a `minimum` or `maximum`.
 */
enum name_kind names_take_subtree(struct der *rest, struct der *base);

/* Whether SUBTREES are such a list to their end, or nothing. */
bool names_are_subtrees(struct der subtrees);

/*
 * Whether a certificate for PATTERN is one for HOST (RFC 9525, 6.3), ASCII case aside. A `*` stands for one label of
 * letters, digits and hyphens where it is all of the first one and two labels or more are behind it.
 */
bool name_matches(struct span pattern, struct span host);

/* Whether HOST, or ADDRESS, is among NAMES: a DNS name or an address, no other kind. */
bool names_have_host(struct der names, struct span host);
bool names_have_address(struct der names, const struct address *address);

/* `a.test, *.b.test, 127.0.0.1 and 4 more`, of the same kinds; `no name` where there is none. */
void names_put(struct der names, struct text *out);

#endif
