/*
 * Chains: the first byte says how many certificates are trusted, and those and the ones a server sent follow. What is
 * healthy has no fault, what is not has a reason, and no chain takes more tries than it may.
 */
#include "fuzz.h"
#include "healthcheck/tls/path.h"
#include "healthcheck/tls/pem.h"

enum { NOW = 1800000000, TRUSTED_MAX = 8 };

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
        .host = { "localhost", strlen("localhost") },
        .now = NOW,
        .visit_trusted = visit_trusted,
        .is_signed = is_signed,
        .put_distrust = put_distrust,
    };

    if (size > 0) {
        deal((struct der){ (const uint8_t *)bytes + 1, size - 1 }, data[0] % (TRUSTED_MAX + 1), &search);
        bool healthy = path_find(&search);
        assert(healthy == search.healthy && checks <= PATH_LINKS_MAX);
        assert(!healthy || (trusted_count > 0 && search.offered_count > 0));
        assert(healthy || (search.faults != 0 && search.reason.length > 0));
    }
    free(bytes);
    return 0;
}
