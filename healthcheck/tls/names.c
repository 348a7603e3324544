/* Takes general names apart and matches them against hosts and addresses. */
#include "healthcheck/tls/names.h"

#include "healthcheck/tls/dn.h"

#include <string.h>

enum { NAMES_SHOWN = 3 };

/* The kind of name that TAG stands for. Kinds of several elements have a constructed tag. */
static enum name_kind kind_of(int tag)
{
    switch (tag) {
    case DER_CONTEXT_CONSTRUCTED + NAME_OTHER:
    case DER_CONTEXT_CONSTRUCTED + NAME_X400:
    case DER_CONTEXT_CONSTRUCTED + NAME_DIRECTORY:
    case DER_CONTEXT_CONSTRUCTED + NAME_EDI:
        return (enum name_kind)(tag - DER_CONTEXT_CONSTRUCTED);
    case DER_CONTEXT + NAME_EMAIL:
    case DER_CONTEXT + NAME_DNS:
    case DER_CONTEXT + NAME_URI:
    case DER_CONTEXT + NAME_ADDRESS:
    case DER_CONTEXT + NAME_ID:
        return (enum name_kind)(tag - DER_CONTEXT);
    default:
        return NAME_NONE;
    }
}

/* AnotherName: an OID, and a value of any type. */
static bool is_other_name(struct der fields)
{
    struct der oid, value, contents;

    return der_take_oid(&fields, &oid) && der_take(&fields, DER_CONTEXT_CONSTRUCTED + 0, &value) &&
           fields.length == 0 && der_take_value(&value, &contents) && value.length == 0;
}

/* Whether CONTENTS are a DirectoryString and nothing else. */
static bool is_string(struct der contents)
{
    struct der string;
    int tag = der_take_any(&contents, &string);

    return tag >= 0 && dn_is_string(tag, string) && contents.length == 0;
}

/* EDIPartyName: who assigned the name, which may be missing, and the name. */
static bool is_edi_name(struct der fields)
{
    struct der assigner, name;

    return der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED + 0, &assigner) &&
           (!assigner.at || is_string(assigner)) && der_take(&fields, DER_CONTEXT_CONSTRUCTED + 1, &name) &&
           fields.length == 0 && is_string(name);
}

static bool is_name(enum name_kind kind, struct der name)
{
    switch (kind) {
    case NAME_OTHER:
        return is_other_name(name);
    case NAME_DIRECTORY:
        return dn_is_well_formed(name);
    case NAME_EDI:
        return is_edi_name(name);
    case NAME_ID:
        return der_is_oid(name);
    default:
        return true;
    }
}

enum name_kind names_take(struct der *rest, struct der *name)
{
    enum name_kind kind = kind_of(der_take_any(rest, name));

    return is_name(kind, *name) ? kind : NAME_NONE;
}

bool names_are_well_formed(struct der names)
{
    struct der name;

    do
        if (names_take(&names, &name) == NAME_NONE)
            return false;
    while (names.length > 0);
    return true;
}

static bool is_letter_or_digit(char c)
{
    return is_digit(c) || is_letter(c);
}

/* Letters, digits and hyphens, no hyphen first or last. */
static bool is_label(struct span label)
{
    if (label.length == 0 || label.at[0] == '-' || label.at[label.length - 1] == '-')
        return false;
    for (size_t i = 0; i < label.length; i++)
        if (!is_letter_or_digit(label.at[i]) && label.at[i] != '-')
            return false;
    return true;
}

/* Takes the first label and its dot; false where no other label follows. */
static bool take_label(struct span *rest, struct span *label)
{
    *label = span_take(rest, '.');
    if (rest->length == 0)
        return false;
    span_drop(rest, 1);
    return true;
}

/* Whether DOMAIN is two labels or more. */
static bool is_domain(struct span domain)
{
    struct span label;
    size_t labels = 1;

    for (; take_label(&domain, &label); labels++)
        if (!is_label(label))
            return false;
    return labels > 1 && is_label(label);
}

bool name_matches(struct span pattern, struct span host)
{
    struct span star, label, domain = pattern, rest = host;

    if (span_same(pattern, host))
        return true;
    if (!take_label(&domain, &star) || !span_is(star, "*") || !is_domain(domain) || !take_label(&rest, &label))
        return false;
    for (size_t i = 0; i < label.length; i++)
        if (!is_letter_or_digit(label.at[i]) && label.at[i] != '-')
            return false;
    return label.length > 0 && span_same(domain, rest);
}

bool names_have_host(struct der names, struct span host)
{
    struct der name;
    enum name_kind kind;

    while ((kind = names_take(&names, &name)) != NAME_NONE)
        if (kind == NAME_DNS && name_matches(der_span(name), host))
            return true;
    return false;
}

static bool is_address(struct der name)
{
    return name.length == 4 || name.length == 16;
}

bool names_have_address(struct der names, const struct address *address)
{
    const struct der wanted = { address->bytes, address->family == AF_INET ? 4 : 16 };
    struct der name;
    enum name_kind kind;

    while ((kind = names_take(&names, &name)) != NAME_NONE)
        if (kind == NAME_ADDRESS && der_equal(name, wanted))
            return true;
    return false;
}

static void put_name(enum name_kind kind, struct der name, struct text *out)
{
    struct address address = { .family = name.length == 4 ? AF_INET : AF_INET6 };

    if (kind == NAME_DNS) {
        text_bytes(out, (const char *)name.at, name.length);
    } else {
        memcpy(address.bytes, name.at, name.length);
        address_show(&address, out);
    }
}

void names_put(struct der names, struct text *out)
{
    struct der name;
    enum name_kind kind;
    unsigned count = 0;

    while ((kind = names_take(&names, &name)) != NAME_NONE) {
        if (kind != NAME_DNS && !(kind == NAME_ADDRESS && is_address(name)))
            continue;
        if (count++ >= NAMES_SHOWN)
            continue;
        text_string(out, count > 1 ? ", " : "");
        put_name(kind, name, out);
    }
    if (count > NAMES_SHOWN) {
        text_string(out, " and ");
        text_number(out, count - NAMES_SHOWN);
        text_string(out, " more");
    }
    if (count == 0)
        text_string(out, "no name");
}

enum name_kind names_take_subtree(struct der *rest, struct der *base)
{
    struct der subtree;

    if (!der_take(rest, DER_SEQUENCE, &subtree))
        return NAME_NONE;
    enum name_kind kind = names_take(&subtree, base);
    return subtree.length == 0 ? kind : NAME_NONE;
}

static bool is_network(struct der base)
{
    return base.length == 8 || base.length == 32;
}

bool names_are_subtrees(struct der subtrees)
{
    struct der base;

    while (subtrees.length > 0) {
        enum name_kind kind = names_take_subtree(&subtrees, &base);
        if (kind == NAME_NONE || (kind == NAME_ADDRESS && !is_network(base)))
            return false;
    }
    return true;
}
