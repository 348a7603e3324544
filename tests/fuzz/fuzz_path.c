/*
 * Chains: the first byte says how many certificates are trusted, and those and the ones a server sent follow. What is
 * healthy has no fault, and OpenSSL takes it too; what is not has a reason; and no chain takes more tries than it may.
 */
#include "fuzz.h"
#include "healthcheck/tls/path.h"
#include "healthcheck/tls/pem.h"
#include "openssl_path.h"

#include <stdio.h>

#define HOST "localhost"
enum { NOW = 1800000000, TRUSTED_MAX = 8 };

extern const size_t der_from;
const size_t der_from = 1;

static struct der trusted[TRUSTED_MAX];
static size_t trusted_count, checks;

static void visit_trusted(struct path_search *search, const struct der *issuer, path_visit *visit)
{
    struct der subject;

    for (size_t i = 0; i < trusted_count; i++)
        if (!issuer || (pem_subject(trusted[i], &subject) && pem_names_alike(subject, *issuer)))
            if (!visit(search, trusted[i]))
                return;
}

/* A key made every signature but those that end with 0. Those of trusted keys are not counted. */
static bool is_signed(struct path_search *search, const struct certificate *child, const struct certificate *issuer)
{
    bool by_trusted = false;

    (void)search;
    for (size_t i = 0; i < trusted_count; i++)
        by_trusted = by_trusted || trusted[i].at == issuer->whole.at;
    checks += !by_trusted;
    return child->signature.length == 0 || child->signature.at[child->signature.length - 1] != 0;
}

static void put_distrust(struct path_search *search, const struct certificate *child, bool named, struct text *out)
{
    assert(child == &search->path[search->length - 1] && search->length <= PATH_LENGTH_MAX);
    text_string(out, named ? "is not by who has that name" : "is by nobody known");
}

static bool is_trusted(struct der certificate)
{
    for (size_t i = 0; i < trusted_count; i++)
        if (der_equal(certificate, trusted[i]))
            return true;
    return false;
}

/* Whether OpenSSL takes the path that SEARCH found. What a longer one left stands behind it, so any that ends in trust
 * may be it. */
static bool is_taken(const struct path_search *search)
{
    struct der path[PATH_LENGTH_MAX];
    const char *why = "no path";

    for (size_t i = 0; i < PATH_LENGTH_MAX && search->path[i].whole.at; i++) {
        path[i] = search->path[i].whole;
        if (is_trusted(path[i]) && openssl_takes(path, i + 1, HOST, NOW, &why))
            return true;
    }
    fprintf(stderr, "OpenSSL refuses it: %s\n", why);
    return false;
}

/* Deals the certificates that stand one behind the other in REST. */
static void deal(struct der rest, size_t wanted, struct path_search *search)
{
    struct der certificate;

    trusted_count = checks = 0;
    while (der_take_whole(&rest, DER_SEQUENCE, &certificate) && search->offered_count < PATH_OFFERED_MAX)
        if (trusted_count < wanted)
            trusted[trusted_count++] = certificate;
        else
            search->offered[search->offered_count++] = certificate;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = fuzz_bytes(data, size);
    struct path_search search = {
        .host = { HOST, strlen(HOST) },
        .now = NOW,
        .visit_trusted = visit_trusted,
        .is_signed = is_signed,
        .put_distrust = put_distrust,
    };

    if (size > 0) {
        deal((struct der){ (const uint8_t *)bytes + 1, size - 1 }, data[0] % (TRUSTED_MAX + 1), &search);
        bool healthy = path_find(&search);
        assert(healthy == search.healthy && checks <= PATH_LINKS_MAX);
        assert(!healthy || is_taken(&search));
        assert(healthy || (search.faults != 0 && search.reason.length > 0));
    }
    free(bytes);
    return 0;
}
