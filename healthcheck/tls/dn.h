/* Distinguished names, such as a certificate's issuer and subject: whole Names (RFC 5280, 4.1.2.4) in DER. Pure. */
#ifndef HEALTHCHECK_TLS_DN_H
#define HEALTHCHECK_TLS_DN_H

#include "healthcheck/tls/der.h"

/* Whether NAME is a Name and nothing follows it. All other functions are for such names. */
bool dn_is_well_formed(struct der name);

/* Whether VALUE is a DirectoryString by its TAG, and well formed. */
bool dn_is_string(int tag, struct der value);

/* Whether PART is the contents of a RelativeDistinguishedName. */
bool dn_is_part(struct der part);

/*
 * Whether NAME begins with all parts of BASE. The case of ASCII letters, runs of spaces and the kind of string do not
 * matter (7.1). NumericStrings, text in another encoding than UTF-8 and parts of several attributes are compared as
 * they are; where these differ the names could still be the same, and the answer is DOUBT.
 */
bool dn_within(struct der name, struct der base, bool doubt);

/* Whether both are the same; false in doubt. */
bool dn_equal(struct der a, struct der b);

/* Whether NAME has no parts. */
bool dn_is_empty(struct der name);

/* Kinds of attributes that are told apart. */
enum dn_kind { DN_END = -1, DN_OTHER, DN_COMMON_NAME, DN_EMAIL };

/* What is left of a name while its attributes are gone over. */
struct dn_walk {
    struct der parts, part;
};

struct dn_walk dn_begin(struct der name);

/* Takes the next attribute: returns its kind, and its value in *VALUE with its tag in *TAG. DN_END behind the last. */
enum dn_kind dn_next(struct dn_walk *walk, int *tag, struct der *value);

/* Puts the first common name, or else the last attribute. Not sanitised: report.c does that. */
void dn_put(struct der name, struct text *out);

#endif
