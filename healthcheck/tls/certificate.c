/* Takes certificates apart, extension by extension. */
#include "healthcheck/tls/certificate.h"

#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/names.h"

#include <limits.h>
#include <string.h>

/* --- extensions: each parser is given what is in the OCTET STRING, and says whether that is well-formed --- */

static bool parse_basic_constraints(struct der value, struct certificate *certificate)
{
    struct der fields;

    if (!der_take(&value, DER_SEQUENCE, &fields) || value.length > 0 || !der_take_boolean(&fields, &certificate->is_ca))
        return false;
    /* Only a CA may have a pathLenConstraint (4.2.1.9). */
    if (fields.length > 0 && !(certificate->is_ca && der_take_number(&fields, &certificate->path_max)))
        return false;
    return fields.length == 0;
}

/* A BIT STRING of which one bit at least is set: its first eight in *FIRST. What it calls unused is not set. */
static bool parse_bits(struct der value, uint8_t *first)
{
    struct der bits;
    unsigned unused;
    bool any = false;

    if (!der_take_bits(&value, &bits, &unused) || value.length > 0)
        return false;
    for (size_t i = 0; i < bits.length; i++) {
        uint8_t set = (uint8_t)(bits.at[i] & 0xffU << (i + 1 < bits.length ? 0 : unused));
        any = any || set != 0;
        if (i == 0)
            *first = set;
    }
    return any;
}

static bool parse_key_usage(struct der value, struct certificate *certificate)
{
    return parse_bits(value, &certificate->usage);
}

static bool parse_netscape_usage(struct der value, struct certificate *certificate)
{
    return parse_bits(value, &certificate->netscape_usage);
}

/* anyExtendedKeyUsage does not stand for serverAuth here, nor does it for OpenSSL. */
static bool parse_extended_key_usage(struct der value, struct certificate *certificate)
{
    static const uint8_t server_auth[] = { 0x2b, 6, 1, 5, 5, 7, 3, 1 };
    struct der purposes, purpose;

    certificate->for_servers = false;
    if (!der_take(&value, DER_SEQUENCE, &purposes) || value.length > 0 || purposes.length == 0)
        return false;
    while (purposes.length > 0) {
        if (!der_take_oid(&purposes, &purpose))
            return false;
        if (der_equal(purpose, (struct der){ server_auth, sizeof server_auth }))
            certificate->for_servers = true;
    }
    return true;
}

static bool parse_names(struct der value, struct certificate *certificate)
{
    return der_take(&value, DER_SEQUENCE, &certificate->names) && value.length == 0 &&
           names_are_well_formed(certificate->names);
}

static bool parse_name_constraints(struct der value, struct certificate *certificate)
{
    struct der fields;

    if (!der_take(&value, DER_SEQUENCE, &fields) || value.length > 0 ||
        !der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED + 0, &certificate->permitted) ||
        !der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED + 1, &certificate->excluded) || fields.length > 0)
        return false;
    if (!certificate->permitted.at)
        certificate->permitted = fields; /* no subtrees, which permit all, but a CA with constraints */
    return names_are_subtrees(certificate->permitted) && names_are_subtrees(certificate->excluded);
}

static bool parse_key_id(struct der value, struct certificate *certificate)
{
    return der_take(&value, DER_OCTET_STRING, &certificate->key_id) && value.length == 0;
}

static bool parse_issuer_key_id(struct der value, struct certificate *certificate)
{
    struct der fields;

    return der_take(&value, DER_SEQUENCE, &fields) && value.length == 0 &&
           der_take_optional(&fields, DER_CONTEXT + 0, &certificate->issuer_key_id) &&
           der_take_optional(&fields, DER_CONTEXT_CONSTRUCTED + 1, &certificate->issuer_issuer) &&
           (!certificate->issuer_issuer.at || names_are_well_formed(certificate->issuer_issuer)) &&
           der_take_optional(&fields, DER_CONTEXT + 2, &certificate->issuer_serial) && fields.length == 0 &&
           (!certificate->issuer_serial.at || der_is_integer(certificate->issuer_serial));
}

/* DistributionPointName: whole names, or what stands behind the issuer's. */
static bool is_point_name(struct der name)
{
    struct der contents;
    int tag = der_take_any(&name, &contents);

    return name.length == 0 && (tag == DER_CONTEXT_CONSTRUCTED + 0   ? names_are_well_formed(contents)
                                : tag == DER_CONTEXT_CONSTRUCTED + 1 ? dn_is_part(contents)
                                                                     : false);
}

static bool take_crl_point(struct der *points)
{
    struct der point, name, reasons, issuer;

    return der_take(points, DER_SEQUENCE, &point) && der_take_optional(&point, DER_CONTEXT_CONSTRUCTED + 0, &name) &&
           (!name.at || is_point_name(name)) && der_take_optional(&point, DER_CONTEXT + 1, &reasons) &&
           (!reasons.at || der_are_bits(reasons)) && der_take_optional(&point, DER_CONTEXT_CONSTRUCTED + 2, &issuer) &&
           (!issuer.at || names_are_well_formed(issuer)) && (name.at || issuer.at) && point.length == 0;
}

/* Nothing here looks for revocation lists, but OpenSSL refuses a certificate where this is malformed. */
static bool parse_crl_points(struct der value, struct certificate *certificate)
{
    struct der points;

    (void)certificate;
    if (!der_take(&value, DER_SEQUENCE, &points) || value.length > 0)
        return false;
    while (points.length > 0)
        if (!take_crl_point(&points))
            return false;
    return true;
}

/* Policies restrict nothing for who asks for none (6.1.1): this may be critical and is not read. */
static bool parse_policies(struct der value, struct certificate *certificate)
{
    (void)certificate;
    return value.length > 0;
}

enum { OID_MAX = 9 };

static const struct extension {
    const char *name;
    bool (*parse)(struct der value, struct certificate *certificate);
    bool may_be_critical; /* what it says is heeded */
    uint8_t length, oid[OID_MAX];
} extensions[] = {
    { "subjectKeyIdentifier", parse_key_id, false, 3, { 0x55, 0x1d, 14 } },
    { "keyUsage", parse_key_usage, true, 3, { 0x55, 0x1d, 15 } },
    { "subjectAltName", parse_names, true, 3, { 0x55, 0x1d, 17 } },
    { "basicConstraints", parse_basic_constraints, true, 3, { 0x55, 0x1d, 19 } },
    { "nameConstraints", parse_name_constraints, true, 3, { 0x55, 0x1d, 30 } },
    { "cRLDistributionPoints", parse_crl_points, false, 3, { 0x55, 0x1d, 31 } },
    { "certificatePolicies", parse_policies, true, 3, { 0x55, 0x1d, 32 } },
    { "authorityKeyIdentifier", parse_issuer_key_id, false, 3, { 0x55, 0x1d, 35 } },
    { "extKeyUsage", parse_extended_key_usage, true, 3, { 0x55, 0x1d, 37 } },
    { "nsCertType", parse_netscape_usage, true, 9, { 0x60, 0x86, 0x48, 1, 0x86, 0xf8, 0x42, 1, 1 } },
    /* Not supported, critical or not: IP addresses, AS numbers (RFC 3779) and proxies (RFC 3820). */
    { NULL, NULL, false, 8, { 0x2b, 6, 1, 5, 5, 7, 1, 7 } },
    { NULL, NULL, false, 8, { 0x2b, 6, 1, 5, 5, 7, 1, 8 } },
    { NULL, NULL, false, 8, { 0x2b, 6, 1, 5, 5, 7, 1, 14 } },
};

static const struct extension *find_extension(struct der oid)
{
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (der_equal(oid, (struct der){ extensions[i].oid, extensions[i].length }))
            return &extensions[i];
    return NULL;
}

static bool take_extension(struct der *rest, struct der *oid, bool *critical, struct der *value)
{
    struct der extension;

    return der_take(rest, DER_SEQUENCE, &extension) && der_take_oid(&extension, oid) &&
           der_take_boolean(&extension, critical) && der_take(&extension, DER_OCTET_STRING, value) &&
           extension.length == 0;
}

/* Each may be there once (4.2): SEEN has a bit for each row above. Of two faults the first one is told. */
static void parse_extension(struct certificate *certificate, struct der oid, bool critical, struct der value,
                            unsigned *seen)
{
    const struct extension *known = find_extension(oid);
    bool strange = known ? !known->name || (critical && !known->may_be_critical) : critical;

    if (strange && !certificate->strange.at)
        certificate->strange = oid;
    if (!known || !known->name || certificate->fault)
        return;
    unsigned bit = 1U << (known - extensions);
    if (*seen & bit)
        certificate->fault = "an extension that is there twice";
    else if (!known->parse(value, certificate))
        certificate->fault = known->name;
    *seen |= bit;
}

static bool parse_extensions(struct der field, struct certificate *certificate)
{
    struct der list, oid, value;
    bool critical;
    unsigned seen = 0;

    if (!der_take(&field, DER_SEQUENCE, &list) || field.length > 0)
        return false;
    while (list.length > 0) {
        if (!take_extension(&list, &oid, &critical, &value))
            return false;
        parse_extension(certificate, oid, critical, value, &seen);
    }
    return true;
}

/* --- the certificate around them --------------------------------------------------------------------- */

static bool take_version(struct der *rest, int *version)
{
    struct der field;

    *version = 0;
    if (!der_take_optional(rest, DER_CONTEXT_CONSTRUCTED + 0, &field) ||
        (field.at && (!der_take_number(&field, version) || field.length > 0)) || *version > 2)
        return false;
    ++*version;
    return true;
}

static bool take_validity(struct der *rest, struct certificate *certificate)
{
    struct der validity;

    return der_take(rest, DER_SEQUENCE, &validity) &&
           der_take_time(&validity, &certificate->from_digits, &certificate->from) &&
           der_take_time(&validity, &certificate->to_digits, &certificate->to) && validity.length == 0;
}

/* AlgorithmIdentifier (4.1.1.2): an OID, and what may follow it. */
static bool take_algorithm(struct der *rest, struct der *algorithm)
{
    struct der fields, oid, parameters;

    if (!der_take(rest, DER_SEQUENCE, algorithm))
        return false;
    fields = *algorithm;
    return der_take_oid(&fields, &oid) && (fields.length == 0 || der_take_value(&fields, &parameters)) &&
           fields.length == 0;
}

static bool take_key(struct der *rest, struct der *key)
{
    struct der whole, fields, algorithm, bits;
    unsigned unused;

    if (!der_take_whole(rest, DER_SEQUENCE, key))
        return false;
    whole = *key;
    return der_take(&whole, DER_SEQUENCE, &fields) && take_algorithm(&fields, &algorithm) &&
           der_take_bits(&fields, &bits, &unused) && fields.length == 0;
}

/* A unique identifier (4.1.2.8), which is not used. */
static bool take_unique(struct der *rest, int tag)
{
    struct der bits;

    return der_take_optional(rest, tag, &bits) && (!bits.at || der_are_bits(bits));
}

/* Unique identifiers, and extensions, which version 3 alone has. */
static bool take_rest(struct der *rest, struct certificate *certificate)
{
    struct der field;

    return take_unique(rest, DER_CONTEXT + 1) && take_unique(rest, DER_CONTEXT + 2) &&
           der_take_optional(rest, DER_CONTEXT_CONSTRUCTED + 3, &field) && rest->length == 0 &&
           (!field.at || (certificate->version == 3 && parse_extensions(field, certificate)));
}

static bool parse_tbs(struct der tbs, struct certificate *certificate)
{
    struct der rest;

    return der_take(&tbs, DER_SEQUENCE, &rest) && take_version(&rest, &certificate->version) &&
           der_take_integer(&rest, &certificate->serial) && take_algorithm(&rest, &certificate->inner_algorithm) &&
           der_take_whole(&rest, DER_SEQUENCE, &certificate->issuer) && dn_is_well_formed(certificate->issuer) &&
           take_validity(&rest, certificate) && der_take_whole(&rest, DER_SEQUENCE, &certificate->subject) &&
           dn_is_well_formed(certificate->subject) && take_key(&rest, &certificate->key) &&
           take_rest(&rest, certificate);
}

bool certificate_parse(struct der der, struct certificate *certificate)
{
    struct der rest = der, fields;

    *certificate = (struct certificate){
        .whole = der, .path_max = INT_MAX, .usage = USAGE_ANY, .netscape_usage = USAGE_ANY, .for_servers = true
    };
    return der_take(&rest, DER_SEQUENCE, &fields) && rest.length == 0 &&
           der_take_whole(&fields, DER_SEQUENCE, &certificate->tbs) &&
           take_algorithm(&fields, &certificate->algorithm) && der_take_bytes(&fields, &certificate->signature) &&
           fields.length == 0 && parse_tbs(certificate->tbs, certificate);
}

/* --- issuers ----------------------------------------------------------------------------------------- */

/* Whether the first directory name of NAMES is ISSUER; also true where there is none. */
static bool has_issuer(struct der names, struct der issuer)
{
    struct der name;
    enum name_kind kind;

    while ((kind = names_take(&names, &name)) != NAME_NONE)
        if (kind == NAME_DIRECTORY)
            return dn_equal(name, issuer);
    return true;
}

bool certificate_names_issuer(const struct certificate *child, const struct certificate *issuer)
{
    if (!dn_equal(child->issuer, issuer->subject))
        return false;
    if (child->issuer_key_id.at && issuer->key_id.at && !der_equal(child->issuer_key_id, issuer->key_id))
        return false;
    if (child->issuer_serial.at && !der_equal(child->issuer_serial, issuer->serial))
        return false;
    return has_issuer(child->issuer_issuer, issuer->issuer);
}

bool certificate_is_self_issued(const struct certificate *certificate)
{
    return dn_equal(certificate->issuer, certificate->subject);
}
