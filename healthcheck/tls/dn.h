/* Distinguished names (X.501; Name of RFC 5280), each the DER of a whole Name. Pure. */
#ifndef HEALTHCHECK_TLS_DN_H
#define HEALTHCHECK_TLS_DN_H

#include "healthcheck/tls/der.h"

/* Whether NAME is one, and nothing behind it. The other functions are for what is. */
bool dn_is_well_formed(struct der name);

/*
 * Whether NAME begins with all that BASE is made of (RFC 5280, 7.1: the case of ASCII letters, the number of spaces and
 * the kind of string aside). DOUBT is the answer where that cannot be told: strings that are not in UTF-8, parts of
 * several attributes that are not the same byte for byte.
 */
bool dn_within(struct der name, struct der base, bool doubt);

/* Whether both are the same; false in doubt. */
bool dn_equal(struct der a, struct der b);

bool dn_is_empty(struct der name);

/* Kinds of attributes that are told apart. */
enum dn_kind { DN_END = -1, DN_OTHER, DN_COMMON_NAME, DN_EMAIL };

/* Goes over the attributes of a name: what is left of it. */
struct dn_walk {
    struct der parts, part;
};

struct dn_walk dn_begin(struct der name);

/* The next attribute's kind, its value in *VALUE; DN_END behind the last. */
enum dn_kind dn_next(struct dn_walk *walk, struct der *value);

/* Its first common name; where there is none the last attribute. As it came: report.c sanitises. */
void dn_put(struct der name, struct text *out);

#endif
