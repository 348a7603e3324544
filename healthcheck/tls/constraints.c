/* Holds names against name constraints. */
#include "healthcheck/tls/constraints.h"

#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/names.h"

#include <string.h>

/* Names times constraints. Millions would fit into a handshake and keep a probe beyond its deadline. */
enum { COMPARISONS_MAX = 65536 };

/* Within `example.test` are itself and all below it, within `.example.test` what is below, within an empty name all. */
static bool domain_within(struct span name, struct span base)
{
    if (base.length == 0 || span_same(name, base))
        return true;
    return span_ends(name, base) && (base.at[0] == '.' || name.at[name.length - base.length - 1] == '.');
}

/* `*.example.test` also stands for `x.example.test`, which may be excluded. */
static bool may_be_within(struct span name, struct span base)
{
    if (base.length > 0 && base.at[0] == '.')
        span_drop(&base, 1);
    return domain_within(name, base) || name_matches(name, base);
}

static bool address_within(struct der address, struct der network)
{
    if (network.length != 2 * address.length)
        return false;
    for (size_t i = 0; i < address.length; i++)
        if ((address.at[i] ^ network.at[i]) & network.at[address.length + i])
            return false;
    return true;
}

static bool is_permitted(enum name_kind kind, struct der name, struct der base)
{
    return (kind == NAME_DNS && domain_within(der_span(name), der_span(base))) ||
           (kind == NAME_ADDRESS && address_within(name, base)) ||
           (kind == NAME_DIRECTORY && dn_within(name, base, false));
}

/* In doubt, a name is excluded. */
static bool is_excluded(enum name_kind kind, struct der name, struct der base)
{
    switch (kind) {
    case NAME_DNS:
        return may_be_within(der_span(name), der_span(base));
    case NAME_ADDRESS:
        return address_within(name, base) || (name.length != 4 && name.length != 16);
    case NAME_DIRECTORY:
        return dn_within(name, base, true);
    default:
        return true;
    }
}

static bool allows(const struct certificate *ca, enum name_kind kind, struct der name)
{
    struct der permitted = ca->permitted, excluded = ca->excluded, base;
    bool constrained = false, within = false;
    enum name_kind other;

    while ((other = names_take_subtree(&permitted, &base)) != NAME_NONE)
        if (other == kind) {
            constrained = true;
            within = within || is_permitted(kind, name, base);
        }
    while ((other = names_take_subtree(&excluded, &base)) != NAME_NONE)
        if (other == kind && is_excluded(kind, name, base))
            return false;
    return within || !constrained;
}

/* Letters, digits, hyphens, underscores and dots, one dot at least: what OpenSSL takes for a host's name. */
static bool looks_like_domain(struct span name)
{
    bool dotted = false;

    for (size_t i = 0; i < name.length; i++) {
        char c = lower(name.at[i]);
        if (!is_digit(c) && !(c >= 'a' && c <= 'z') && c != '-' && c != '_' && c != '.')
            return false;
        dotted = dotted || c == '.';
    }
    return dotted;
}

static bool has_domain(struct der names)
{
    struct der name;
    enum name_kind kind;

    do
        kind = names_take(&names, &name);
    while (kind != NAME_NONE && kind != NAME_DNS);
    return kind == NAME_DNS;
}

/*
 * A common name that looks like a domain has to be one that is permitted. One with a NUL within is nobody's: it could
 * be read as what is in front of it, and text of two or four bytes a character has them too. At the end they count for
 * nothing.
 */
static bool allows_common_name(const struct certificate *ca, struct der name)
{
    while (name.length > 0 && name.at[name.length - 1] == '\0')
        name.length--;
    if (name.length > 0 && memchr(name.at, '\0', name.length))
        return false;
    return !looks_like_domain(der_span(name)) || allows(ca, NAME_DNS, name);
}

/*
 * Attributes of the subject that are also names of another kind: e-mail addresses, and a server's common name where it
 * has no DNS names. That one identifies nobody here, but older clients fall back to it, so OpenSSL constrains it. An
 * address that is no IA5String can be held against nothing.
 */
static bool allows_attributes(const struct certificate *ca, const struct certificate *certificate, bool is_server)
{
    struct dn_walk walk = dn_begin(certificate->subject);
    bool common = is_server && !has_domain(certificate->names);
    struct der value;
    enum dn_kind kind;
    int tag;

    while ((kind = dn_next(&walk, &tag, &value)) != DN_END) {
        if (kind == DN_EMAIL && (tag != DER_IA5_STRING || !allows(ca, NAME_EMAIL, value)))
            return false;
        if (kind == DN_COMMON_NAME && common && !allows_common_name(ca, value))
            return false;
    }
    return true;
}

/* Whether OTHER, of NAME_OTHER, is an e-mail address with letters beyond ASCII: an SmtpUTF8Mailbox (RFC 9598, 3). */
static bool is_mailbox(struct der other)
{
    static const uint8_t mailbox[] = { 0x2b, 6, 1, 5, 5, 7, 8, 9 };
    struct der oid;

    return der_take_oid(&other, &oid) && der_equal(oid, (struct der){ mailbox, sizeof mailbox });
}

static size_t count_names(struct der names)
{
    struct der name;
    size_t count = 0;

    while (names_take(&names, &name) != NAME_NONE)
        count++;
    return count;
}

static size_t count_subtrees(struct der subtrees)
{
    struct der base;
    size_t count = 0;

    while (names_take_subtree(&subtrees, &base) != NAME_NONE)
        count++;
    return count;
}

bool constraints_allow(const struct certificate *ca, const struct certificate *certificate, bool is_server)
{
    struct der names = certificate->names, name;
    size_t subtrees = count_subtrees(ca->permitted) + count_subtrees(ca->excluded);
    enum name_kind kind;

    if (!ca->permitted.at && !ca->excluded.at)
        return true;
    if (count_names(names) * subtrees > COMPARISONS_MAX)
        return false;
    if (!dn_is_empty(certificate->subject) && !allows(ca, NAME_DIRECTORY, certificate->subject))
        return false;
    while ((kind = names_take(&names, &name)) != NAME_NONE)
        if (!allows(ca, kind == NAME_OTHER && is_mailbox(name) ? NAME_EMAIL : kind, name))
            return false;
    return allows_attributes(ca, certificate, is_server);
}
