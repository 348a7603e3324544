/* Finds the algorithms of signatures and keys by their OIDs. */
#include "healthcheck/tls/algorithm.h"

enum {
    RSA_BITS_MIN = 2048,
    RSA_BITS_MAX = 8192,    /* the library has no larger numbers */
    RSA_EXPONENT_BITS = 32, /* a larger one only makes signatures slow to verify */
    OID_MAX = 9,
};

/* The length of an OID's contents, which the compiler counts, and its bytes. */
#define OID(...)                                                                                                       \
    sizeof((const uint8_t[]){ __VA_ARGS__ }),                                                                          \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

enum { WEAK_HASH = -1 };

/* OIDs of signatures, keys, curves and hashes in one table. Only signatures and hashes have a `hash`. */
static const struct known {
    enum algorithm_kind kind;
    int hash;
    const char *name;
    uint8_t length, oid[OID_MAX];
} known[] = {
    { ALGORITHM_RSA, 256, "RSA", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11) },
    { ALGORITHM_RSA, 384, "RSA", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12) },
    { ALGORITHM_RSA, 512, "RSA", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13) },
    { ALGORITHM_RSA, WEAK_HASH, "MD5", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4) },
    { ALGORITHM_RSA, WEAK_HASH, "SHA-1", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5) },
    { ALGORITHM_PSS, 0, "RSA-PSS", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10) },
    { ALGORITHM_RSA, 0, "RSA", OID(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1) },
    { ALGORITHM_EC, 256, "ECDSA", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2) },
    { ALGORITHM_EC, 384, "ECDSA", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3) },
    { ALGORITHM_EC, 512, "ECDSA", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4) },
    { ALGORITHM_EC, WEAK_HASH, "SHA-1", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1) },
    { ALGORITHM_EC, 0, "EC", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1) },
    { ALGORITHM_EC, 0, "P-256", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7) },
    { ALGORITHM_EC, 0, "P-384", OID(0x2b, 0x81, 4, 0, 34) },
    { ALGORITHM_EC, 0, "P-521", OID(0x2b, 0x81, 4, 0, 35) },
    { ALGORITHM_WEAK, 0, "P-192", OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1) },
    { ALGORITHM_WEAK, 0, "P-224", OID(0x2b, 0x81, 4, 0, 33) },
    { ALGORITHM_UNKNOWN, 0, "secp256k1", OID(0x2b, 0x81, 4, 0, 10) },
    { ALGORITHM_UNKNOWN, 0, "Ed25519", OID(0x2b, 101, 112) },
    { ALGORITHM_UNKNOWN, 0, "Ed448", OID(0x2b, 101, 113) },
    { ALGORITHM_UNKNOWN, 0, "DSA", OID(0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1) },
    { ALGORITHM_UNKNOWN, 0, "DSA", OID(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2) },
    { ALGORITHM_UNKNOWN, 256, "SHA-256", OID(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1) },
    { ALGORITHM_UNKNOWN, 384, "SHA-384", OID(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2) },
    { ALGORITHM_UNKNOWN, 512, "SHA-512", OID(0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3) },
};

static const uint8_t mgf1[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8 };

static struct algorithm describe(const struct known *row, struct der oid)
{
    bool weak = row->hash == WEAK_HASH, signs = row->hash != 0 || row->kind == ALGORITHM_PSS;

    return (struct algorithm){ .kind = weak ? ALGORITHM_WEAK : row->kind,
                               .of_key = signs ? row->kind : ALGORITHM_UNKNOWN,
                               .hash = weak ? 0 : row->hash,
                               .name = row->name,
                               .oid = oid };
}

static struct algorithm find(struct der oid)
{
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (der_equal(oid, (struct der){ known[i].oid, known[i].length }))
            return describe(&known[i], oid);
    return (struct algorithm){ .kind = ALGORITHM_UNKNOWN, .oid = oid };
}

/* Whether PARAMETERS are missing or NULL. */
static bool are_none(struct der parameters)
{
    struct der nothing;

    return parameters.length == 0 ||
           (der_take(&parameters, DER_NULL, &nothing) && nothing.length == 0 && parameters.length == 0);
}

/* The hash that an AlgorithmIdentifier, of which IDENTIFIER are the contents, stands for; or 0. */
static int hash_of(struct der identifier)
{
    struct der oid;

    return der_take_oid(&identifier, &oid) && are_none(identifier) ? find(oid).hash : 0;
}

/* Takes the AlgorithmIdentifier in field NUMBER. The field may be missing and then means SHA-1: false, too. */
static bool take_identifier(struct der *rest, int number, struct der *identifier)
{
    struct der field;

    return der_take(rest, DER_CONTEXT_CONSTRUCTED + number, &field) && der_take(&field, DER_SEQUENCE, identifier) &&
           field.length == 0;
}

static bool take_tagged_number(struct der *rest, int tag, int *number)
{
    struct der field;

    return der_take_optional(rest, DER_CONTEXT_CONSTRUCTED + tag, &field) &&
           (!field.at || (der_take_number(&field, number) && field.length == 0));
}

/* RSASSA-PSS-params (RFC 4055, 3.1). The library wants the hash of the message and of the mask to be the same. */
static bool take_pss(struct der parameters, struct algorithm *algorithm)
{
    struct der fields, hash, mask, oid, mask_hash;
    int trailer = 1;

    algorithm->salt = 20;
    if (!der_take(&parameters, DER_SEQUENCE, &fields) || parameters.length > 0 || !take_identifier(&fields, 0, &hash) ||
        !take_identifier(&fields, 1, &mask) || !take_tagged_number(&fields, 2, &algorithm->salt) ||
        !take_tagged_number(&fields, 3, &trailer) || fields.length > 0 || trailer != 1)
        return false;
    algorithm->hash = hash_of(hash);
    return algorithm->hash > 0 && der_take_oid(&mask, &oid) && der_equal(oid, (struct der){ mgf1, sizeof mgf1 }) &&
           der_take(&mask, DER_SEQUENCE, &mask_hash) && mask.length == 0 && hash_of(mask_hash) == algorithm->hash;
}

struct algorithm algorithm_of_signature(struct der named)
{
    struct der parameters = named, oid;

    if (!der_take_oid(&parameters, &oid))
        return (struct algorithm){ .kind = ALGORITHM_UNKNOWN };
    struct algorithm algorithm = find(oid);
    bool well = algorithm.kind == ALGORITHM_PSS ? take_pss(parameters, &algorithm) : are_none(parameters);
    if (algorithm.kind != ALGORITHM_WEAK && (!well || algorithm.hash == 0))
        algorithm.kind = ALGORITHM_UNKNOWN;
    return algorithm;
}

static size_t bits_of(struct der number)
{
    while (number.length > 0 && number.at[0] == 0)
        der_drop(&number, 1);
    size_t bits = number.length * 8;
    for (uint8_t top = number.length > 0 ? number.at[0] : 0xff; !(top & 0x80); top = (uint8_t)(top << 1))
        bits--;
    return bits;
}

/* RSAPublicKey (RFC 8017, A.1.1). */
static enum algorithm_kind kind_of_rsa(struct der key)
{
    struct der fields, modulus, exponent;

    if (!der_take(&key, DER_SEQUENCE, &fields) || key.length > 0 || !der_take_integer(&fields, &modulus) ||
        !der_take_integer(&fields, &exponent) || fields.length > 0 || (modulus.at[0] | exponent.at[0]) & 0x80)
        return ALGORITHM_UNKNOWN;
    if (bits_of(modulus) < RSA_BITS_MIN || bits_of(exponent) < 2)
        return ALGORITHM_WEAK;
    return bits_of(modulus) <= RSA_BITS_MAX && bits_of(exponent) <= RSA_EXPONENT_BITS ? ALGORITHM_RSA
                                                                                      : ALGORITHM_UNKNOWN;
}

struct algorithm algorithm_of_key(const struct certificate *certificate)
{
    struct der key = certificate->key, fields, identifier, oid, bits;

    if (!der_take(&key, DER_SEQUENCE, &fields) || !der_take(&fields, DER_SEQUENCE, &identifier) ||
        !der_take_oid(&identifier, &oid) || !der_take_bytes(&fields, &bits) || fields.length > 0)
        return (struct algorithm){ .kind = ALGORITHM_UNKNOWN };
    struct algorithm algorithm = find(oid);
    enum algorithm_kind rsa = kind_of_rsa(bits);
    if (algorithm.kind == ALGORITHM_RSA && algorithm.hash == 0 && are_none(identifier))
        algorithm.kind = rsa;
    else if (algorithm.kind == ALGORITHM_PSS && (identifier.length == 0 || take_pss(identifier, &algorithm)))
        algorithm.kind = rsa == ALGORITHM_RSA ? ALGORITHM_PSS : rsa;
    else if (algorithm.kind == ALGORITHM_EC && algorithm.hash == 0 && der_take_oid(&identifier, &oid) &&
             identifier.length == 0)
        algorithm = find(oid);
    else
        algorithm.kind = ALGORITHM_UNKNOWN;
    algorithm.key = bits;
    return algorithm;
}

void algorithm_put(const struct algorithm *algorithm, struct text *out)
{
    if (algorithm->name)
        text_string(out, algorithm->name);
    else
        der_put_oid(algorithm->oid, out);
}
