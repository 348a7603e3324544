/* Takes DER (X.690) apart, one element at a time; nothing is copied. Pure. */
#ifndef HEALTHCHECK_TLS_DER_H
#define HEALTHCHECK_TLS_DER_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of DER that somebody else owns; `at` is NULL where there are none. */
struct der {
    const uint8_t *at;
    size_t length;
};

enum der_tag {
    DER_NONE = -1,
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_VISIBLE_STRING = 0x1a,
    DER_UNIVERSAL_STRING = 0x1c,
    DER_BMP_STRING = 0x1e,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT = 0x80, /* the number is added */
    DER_CONTEXT_CONSTRUCTED = 0xa0,
};

/* The tag of the element that REST begins with; DER_NONE where nothing is left. */
static inline int der_tag(struct der rest)
{
    return rest.length > 0 ? rest.at[0] : DER_NONE;
}

/*
 * Takes the tag and the length (X.690, 8.1) that *REST begins with, of which the contents may be cut off. Its tag, or
 * DER_NONE where that is no DER: an indefinite length, one of more bytes than it needs or than three, a tag of several.
 */
int der_take_head(struct der *rest, size_t *length);

/*
 * Takes the element that *REST begins with, which has to be whole: its tag, or DER_NONE. *CONTENTS is what it holds, or
 * nothing.
 */
int der_take_any(struct der *rest, struct der *contents);

/* The same, of TAG and no other; *REST is not to be used any more after false. */
bool der_take(struct der *rest, int tag, struct der *contents);

/* The same, with its head: *ELEMENT is what der_take could take again. */
bool der_take_whole(struct der *rest, int tag, struct der *element);

/* The same where it may be left out: then *CONTENTS has no bytes (`at` is NULL). False where it is there and no DER. */
bool der_take_optional(struct der *rest, int tag, struct der *contents);

/* An INTEGER of as few bytes as it needs (8.3), in two's complement. */
bool der_take_integer(struct der *rest, struct der *bytes);

/* The same as a number from 0 to INT_MAX, which also stands for what is larger. */
bool der_take_number(struct der *rest, int *number);

/* A BOOLEAN that is false where it is left out; TRUE is FF (11.1). */
bool der_take_boolean(struct der *rest, bool *value);

/* A BIT STRING: its bytes in *BITS, of the last of which *UNUSED bits do not count; and one of whole bytes. */
bool der_take_bits(struct der *rest, struct der *bits, unsigned *unused);
bool der_take_bytes(struct der *rest, struct der *bytes);

/* A UTCTime or GeneralizedTime as certificates have to have it (RFC 5280, 4.1.2.5): its digits, and s since 1970. */
bool der_take_time(struct der *rest, struct der *digits, int64_t *seconds);

/* `2026-11-02`, from such digits. */
void der_put_date(struct der digits, struct text *out);

bool der_equal(struct der a, struct der b);

/* `1.2.840.10045.2.1`, from the contents of an OID. */
void der_put_oid(struct der oid, struct text *out);

#endif
