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

static bool take_attribute(struct der *set, struct attribute *attribute)
{
    struct der pair;

    if (!der_take(set, DER_SEQUENCE, &pair) || !der_take(&pair, DER_OID, &attribute->type))
        return false;
    attribute->tag = der_take_any(&pair, &attribute->value);
    return attribute->tag >= 0 && pair.length == 0;
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

/* Whether strings of TAG are in UTF-8, or in ASCII, which is part of it; and whether they are in something else. */
static bool is_utf8(int tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING || tag == DER_VISIBLE_STRING;
}

static bool is_other_string(int tag)
{
    return tag == DER_T61_STRING || tag == DER_BMP_STRING || tag == DER_UNIVERSAL_STRING;
}

static bool same_attribute(const struct attribute *a, const struct attribute *b, bool doubt)
{
    if (!der_equal(a->type, b->type))
        return false;
    if (is_utf8(a->tag) && is_utf8(b->tag))
        return same_folded(a->value, b->value);
    if (a->tag == b->tag && der_equal(a->value, b->value))
        return true;
    return (is_other_string(a->tag) || is_other_string(b->tag)) && doubt;
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

bool dn_is_well_formed(struct der name)
{
    struct attribute attribute;
    struct der parts, part;

    if (!der_take(&name, DER_SEQUENCE, &parts) || name.length > 0)
        return false;
    while (parts.length > 0) {
        if (!der_take(&parts, DER_SET, &part) || part.length == 0)
            return false;
        while (part.length > 0)
            if (!take_attribute(&part, &attribute))
                return false;
    }
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

enum dn_kind dn_next(struct dn_walk *walk, struct der *value)
{
    struct attribute attribute;

    if (walk->part.length == 0 && !der_take(&walk->parts, DER_SET, &walk->part))
        return DN_END;
    if (!take_attribute(&walk->part, &attribute))
        return DN_END;
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

    do {
        kind = dn_next(&walk, &value);
        if (kind != DN_END)
            shown = value;
    } while (kind != DN_END && kind != DN_COMMON_NAME);
    if (shown.at)
        text_bytes(out, (const char *)shown.at, shown.length);
}
