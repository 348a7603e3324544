/* Certificates: any bytes. All that is found lies in them, and two questions that are one have one answer. */
#include "fuzz.h"
#include "healthcheck/tls/algorithm.h"
#include "healthcheck/tls/certificate.h"
#include "healthcheck/tls/constraints.h"
#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/names.h"
#include "healthcheck/tls/pem.h"

extern const size_t der_from;
const size_t der_from = 0;

static struct der input;

static void assert_in_input(struct der part)
{
    assert(!part.at || (part.at >= input.at && part.at + part.length <= input.at + input.length));
}

static void check_dn(struct der name)
{
    struct dn_walk walk = dn_begin(name);
    struct der value;
    size_t count = 0;
    int tag;

    assert(dn_is_well_formed(name) && dn_equal(name, name) && dn_within(name, name, false));
    for (; dn_next(&walk, &tag, &value) != DN_END; count++)
        assert_in_input(value);
    assert(dn_is_empty(name) == (count == 0));
}

static void check_names(const struct certificate *certificate)
{
    struct der rest = certificate->names, name;
    enum name_kind kind;
    char shown[256];
    struct text out = { shown, sizeof shown, 0 };

    while ((kind = names_take(&rest, &name)) != NAME_NONE) {
        assert_in_input(name);
        assert(kind != NAME_DIRECTORY || dn_is_well_formed(name));
        if (kind == NAME_DNS)
            assert(name_matches(der_span(name), der_span(name)) && names_have_host(certificate->names, der_span(name)));
    }
    assert(certificate->fault || rest.length == 0);
    names_put(certificate->names, &out);
}

static void check_subtrees(struct der rest)
{
    struct der base;

    assert(names_are_subtrees(rest));
    while (names_take_subtree(&rest, &base) != NAME_NONE)
        assert_in_input(base);
    assert(rest.length == 0);
}

static void check_constraints(const struct certificate *certificate)
{
    struct certificate free = *certificate;

    constraints_allow(certificate, certificate, false);
    if (constraints_allow(certificate, certificate, true))
        assert(constraints_allow(certificate, certificate, false));
    free.permitted = free.excluded = (struct der){ NULL, 0 };
    assert(constraints_allow(&free, certificate, true));
    if (certificate->fault)
        return;
    check_subtrees(certificate->permitted);
    check_subtrees(certificate->excluded);
}

static void check_algorithms(const struct certificate *certificate)
{
    const struct algorithm algorithms[] = { algorithm_of_signature(certificate->algorithm),
                                            algorithm_of_key(certificate) };
    char shown[128];

    for (size_t i = 0; i < 2; i++) {
        struct text out = { shown, sizeof shown, 0 };
        assert_in_input(algorithms[i].oid);
        assert(algorithms[i].kind == ALGORITHM_UNKNOWN || algorithms[i].name);
        algorithm_put(&algorithms[i], &out);
    }
    assert(algorithms[0].kind <= ALGORITHM_WEAK || algorithms[0].hash >= 256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = fuzz_bytes(data, size), shown[64];
    struct text out = { shown, sizeof shown, 0 };
    struct certificate certificate;
    struct der subject;

    input = (struct der){ (const uint8_t *)bytes, size };
    if (certificate_parse(input, &certificate)) {
        assert(pem_subject(input, &subject) && der_equal(subject, certificate.subject));
        check_dn(certificate.subject);
        check_dn(certificate.issuer);
        check_names(&certificate);
        check_constraints(&certificate);
        check_algorithms(&certificate);
        assert_in_input(certificate.strange);
        assert(certificate_is_self_issued(&certificate) == dn_equal(certificate.subject, certificate.issuer));
        der_put_oid(certificate.strange, &out);
        der_put_date(certificate.to_digits, &out);
    }
    free(bytes);
    return 0;
}
