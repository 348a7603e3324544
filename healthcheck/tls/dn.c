/* Compares distinguished names. */
#include "healthcheck/tls/dn.h"

#include <string.h>

static const uint8_t common_name[] = { 0x55, 4, 3 };
static const uint8_t email_address[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 1 };

struct attribute {
    struct der type; /* an OID */
    int tag;         /* of the value */
    struct der value;
};

/* Takes a code point of UNIT bytes; -1 where there is none. */
static int32_t take_wide(struct der *string, size_t unit)
{
    uint32_t point = 0;

    if (string->length < unit)
        return -1;
    for (size_t i = 0; i < unit; i++)
        point = point << 8 | string->at[i];
    der_drop(string, unit);
    return point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ? -1 : (int32_t)point;
}

static int32_t take_utf8(struct der *string)
{
    size_t length = 0;
    int32_t point = text_utf8((const char *)string->at, string->length, &length);

    der_drop(string, length);
    return point;
}

/* Whether all of VALUE is text in Unicode, a code point in each UNIT bytes, or in UTF-8 for 1. */
static bool is_unicode(struct der value, size_t unit)
{
    while (value.length > 0)
        if ((unit == 1 ? take_utf8(&value) : take_wide(&value, unit)) < 0)
            return false;
    return true;
}

/* Whether VALUE is one of the types that attributes have (RFC 5280, A.1), and well formed. */
static bool is_value(int tag, struct der value)
{
    switch (tag) {
    case DER_UTF8_STRING:
        return is_unicode(value, 1);
    case DER_BMP_STRING:
        return is_unicode(value, 2);
    case DER_UNIVERSAL_STRING:
        return is_unicode(value, 4);
    case DER_BIT_STRING: /* x500UniqueIdentifier */
        return der_are_bits(value);
    case DER_NUMERIC_STRING:
    case DER_PRINTABLE_STRING:
    case DER_T61_STRING:
    case DER_IA5_STRING:
        return true;
    default:
        return false;
    }
}

bool dn_is_string(int tag, struct der value)
{
    return tag != DER_BIT_STRING && tag != DER_NUMERIC_STRING && tag != DER_IA5_STRING && is_value(tag, value);
}

static bool take_attribute(struct der *set, struct attribute *attribute)
{
    struct der pair;

    if (!der_take(set, DER_SEQUENCE, &pair) || !der_take_oid(&pair, &attribute->type))
        return false;
    attribute->tag = der_take_any(&pair, &attribute->value);
    return attribute->tag >= 0 && pair.length == 0 && is_value(attribute->tag, attribute->value);
}

static bool is_dn_space(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* Takes a byte, a letter as a small one, a run of spaces as one space, none at the end; -1 at the end. */
static int next_folded(struct der *rest)
{
    bool space = rest->length > 0 && is_dn_space(*rest->at);

    while (rest->length > 0 && is_dn_space(*rest->at))
        der_drop(rest, 1);
    if (rest->length == 0)
        return -1;
    if (space)
        return ' ';
    int byte = *rest->at;
    der_drop(rest, 1);
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static bool same_folded(struct der a, struct der b)
{
    int byte;

    while (a.length > 0 && is_dn_space(*a.at))
        der_drop(&a, 1);
    while (b.length > 0 && is_dn_space(*b.at))
        der_drop(&b, 1);
    while ((byte = next_folded(&a)) == next_folded(&b))
        if (byte < 0)
            return true;
    return false;
}

static bool is_ascii(struct der value)
{
    for (size_t i = 0; i < value.length; i++)
        if (value.at[i] & 0x80)
            return false;
    return true;
}

/*
 * Whether the value is text in UTF-8, or in ASCII, which is part of it; and whether it is another string. OpenSSL does
 * not take a NumericString for text.
 */
static bool is_utf8(const struct attribute *attribute)
{
    return attribute->tag == DER_UTF8_STRING ||
           ((attribute->tag == DER_PRINTABLE_STRING || attribute->tag == DER_IA5_STRING) && is_ascii(attribute->value));
}

static bool is_other_string(const struct attribute *attribute)
{
    return !is_utf8(attribute) && attribute->tag != DER_BIT_STRING;
}

static bool same_attribute(const struct attribute *a, const struct attribute *b, bool doubt)
{
    if (!der_equal(a->type, b->type))
        return false;
    if (is_utf8(a) && is_utf8(b))
        return same_folded(a->value, b->value);
    if (a->tag == b->tag && der_equal(a->value, b->value))
        return true;
    return (is_other_string(a) || is_other_string(b)) && doubt;
}

/* Whether two RelativeDistinguishedNames are the same. */
static bool same_part(struct der a, struct der b, bool doubt)
{
    struct attribute one, other;

    if (der_equal(a, b))
        return true;
    if (!take_attribute(&a, &one) || !take_attribute(&b, &other) || a.length > 0 || b.length > 0)
        return doubt;
    return same_attribute(&one, &other, doubt);
}

/* Takes the parts of BASE off the front of NAME. */
static bool take_base(struct der *name, struct der base, bool doubt)
{
    struct der part, wanted;

    while (der_take(&base, DER_SET, &wanted))
        if (!der_take(name, DER_SET, &part) || !same_part(part, wanted, doubt))
            return false;
    return true;
}

bool dn_within(struct der name, struct der base, bool doubt)
{
    struct der parts, wanted;

    return der_take(&name, DER_SEQUENCE, &parts) && der_take(&base, DER_SEQUENCE, &wanted) &&
           take_base(&parts, wanted, doubt);
}

bool dn_equal(struct der a, struct der b)
{
    struct der parts, others;

    return der_equal(a, b) || (der_take(&a, DER_SEQUENCE, &parts) && der_take(&b, DER_SEQUENCE, &others) &&
                               take_base(&parts, others, false) && parts.length == 0);
}

bool dn_is_part(struct der part)
{
    struct attribute attribute;

    do
        if (!take_attribute(&part, &attribute))
            return false;
    while (part.length > 0);
    return true;
}

bool dn_is_well_formed(struct der name)
{
    struct der parts, part;

    if (!der_take(&name, DER_SEQUENCE, &parts) || name.length > 0)
        return false;
    while (parts.length > 0)
        if (!der_take(&parts, DER_SET, &part) || !dn_is_part(part))
            return false;
    return true;
}

bool dn_is_empty(struct der name)
{
    struct der parts;

    return !der_take(&name, DER_SEQUENCE, &parts) || parts.length == 0;
}

struct dn_walk dn_begin(struct der name)
{
    struct dn_walk walk = { { NULL, 0 }, { NULL, 0 } };

    der_take(&name, DER_SEQUENCE, &walk.parts);
    return walk;
}

enum dn_kind dn_next(struct dn_walk *walk, int *tag, struct der *value)
{
    struct attribute attribute;

    if (walk->part.length == 0 && !der_take(&walk->parts, DER_SET, &walk->part))
        return DN_END;
    if (!take_attribute(&walk->part, &attribute))
        return DN_END;
    *tag = attribute.tag;
    *value = attribute.value;
    if (der_equal(attribute.type, (struct der){ common_name, sizeof common_name }))
        return DN_COMMON_NAME;
    return der_equal(attribute.type, (struct der){ email_address, sizeof email_address }) ? DN_EMAIL : DN_OTHER;
}

void dn_put(struct der name, struct text *out)
{
    struct dn_walk walk = dn_begin(name);
    struct der value, shown = { NULL, 0 };
    enum dn_kind kind;
    int tag;

    do {
        kind = dn_next(&walk, &tag, &value);
        if (kind != DN_END)
            shown = value;
    } while (kind != DN_END && kind != DN_COMMON_NAME);
    if (shown.at)
        text_bytes(out, (const char *)shown.at, shown.length);
}
