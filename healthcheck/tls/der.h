/*
 * Reads DER (X.690), in which certificates are written: elements of a tag, a length and contents, which may be elements
 * again. Strict: a value has one encoding, any other is an error. Pure; nothing is copied.
 *
 * Each der_take function takes the element that *REST begins with and moves *REST behind it. It returns false where
 * that element is missing, cut off, of another tag or not DER; neither *REST nor a result may be used then.
 */
#ifndef HEALTHCHECK_TLS_DER_H
#define HEALTHCHECK_TLS_DER_H

#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns; `at` is NULL where something optional is not there. */
struct der {
    const uint8_t *at;
    size_t length;
};

/* Tags as they are encoded: class, constructed bit and number in one byte. */
enum der_tag {
    DER_NONE = -1,
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0a,
    DER_UTF8_STRING = 0x0c,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONSTRUCTED = 0x20, /* in the tag of what has elements in it */
    DER_CLASS = 0xc0,       /* in a tag: not one of ASN.1's own types */
    DER_CONTEXT = 0x80,     /* plus the number: [0] to [30] */
    DER_CONTEXT_CONSTRUCTED = 0xa0,
};

/* The tag that REST begins with, or DER_NONE at its end. */
static inline int der_tag(struct der rest)
{
    return rest.length > 0 ? rest.at[0] : DER_NONE;
}

/* Moves *REST forward by LENGTH bytes, which it has. */
static inline void der_drop(struct der *rest, size_t length)
{
    rest->at += length;
    rest->length -= length;
}

/* The same bytes as text. */
static inline struct span der_span(struct der bytes)
{
    return (struct span){ (const char *)bytes.at, bytes.length };
}

/*
 * Takes tag and *LENGTH alone (8.1); the contents may be cut off. Returns the tag, or DER_NONE: at the end, and for
 * what is not used here, indefinite lengths, lengths of more than three bytes or of more than needed, and tags
 * above 30.
 */
int der_take_head(struct der *rest, size_t *length);

/* Takes an element of any tag: returns the tag, or DER_NONE. *CONTENTS is empty then. */
int der_take_any(struct der *rest, struct der *contents);

/* Takes an element of TAG. */
bool der_take(struct der *rest, int tag, struct der *contents);

/* The same, and *ELEMENT is all of it: tag, length and contents. */
bool der_take_whole(struct der *rest, int tag, struct der *element);

/* The same for an element that may be missing: true then, and contents->at is NULL. */
bool der_take_optional(struct der *rest, int tag, struct der *contents);

/*
 * The same for what may be of any type. Of ASN.1's own types the contents are ones that the type has; those of a
 * SEQUENCE or SET are not looked into.
 */
bool der_take_value(struct der *rest, struct der *contents);

/* Whether CONTENTS are those of an INTEGER (8.3). */
bool der_is_integer(struct der contents);

/* INTEGER (8.3): *BYTES are its two's complement, the most significant first. */
bool der_take_integer(struct der *rest, struct der *bytes);

/* INTEGER that is not negative; INT_MAX stands for whatever is larger. */
bool der_take_number(struct der *rest, int *number);

/* BOOLEAN DEFAULT FALSE: FF (11.1), 00, or missing. DER leaves a default out, but certificates with a 00 are common. */
bool der_take_boolean(struct der *rest, bool *value);

/* OBJECT IDENTIFIER (8.19): *OID are its contents. */
bool der_take_oid(struct der *rest, struct der *oid);

/* Whether CONTENTS are those of an OBJECT IDENTIFIER. */
bool der_is_oid(struct der contents);

/* BIT STRING (8.6): *UNUSED bits, 0 to 7, of the last byte do not count. */
bool der_take_bits(struct der *rest, struct der *bits, unsigned *unused);

/* Whether CONTENTS are those of a BIT STRING. */
bool der_are_bits(struct der contents);

/* BIT STRING of whole bytes. */
bool der_take_bytes(struct der *rest, struct der *bytes);

/*
 * UTCTime or GeneralizedTime in the one form that certificates may have it (RFC 5280, 4.1.2.5): to the second, in UTC,
 * with a Z. *SECONDS are since 1970; *DIGITS are for der_put_date.
 */
bool der_take_time(struct der *rest, struct der *digits, int64_t *seconds);

/* Puts the day of a time, `2026-11-02`. */
void der_put_date(struct der digits, struct text *out);

/* Puts the contents of an OID in dots: `1.2.840.10045.2.1`. */
void der_put_oid(struct der oid, struct text *out);

/* Whether both are the same, byte for byte. */
bool der_equal(struct der a, struct der b);

#endif
