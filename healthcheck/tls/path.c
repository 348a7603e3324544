/*
 * Searches for a path: certificates of which each is issued by the next, from the server's own to a trusted one.
 *
 * The search goes upwards and depth first. It starts with the path that is the server's own certificate. For the
 * certificate at the top of a path, extend() tries every issuer: first the trusted certificates, then those that the
 * server sent, in whatever order. An issuer is a certificate whose subject is the name of the top's issuer, that
 * authorityKeyIdentifier does not rule out, and whose key made the top's signature. A trusted one ends the path, root
 * or not; one that was sent makes the path longer, and extend() goes on from there; then the next one is tried.
 *
 * Each path that ends is judged as a whole, and its faults are put into words. The search is over with the first path
 * that has none. Otherwise the reason is that of the first path that ended in trust, or else of the first path, which
 * then says why the certificate at its top is not trusted. Length and number of tries have limits (path.h), as a server
 * can send certificates that all issue each other.
 *
 * Faults are judged as OpenSSL judges them (x509_verify.c, v3_purp.c), or more strictly.
 */
#include "healthcheck/tls/path.h"

#include "healthcheck/tls/algorithm.h"
#include "healthcheck/tls/constraints.h"
#include "healthcheck/tls/dn.h"
#include "healthcheck/tls/names.h"

/* --- judging ---------------------------------------------------------------------------------------- */

/* A path being judged: the faults found so far. */
struct verdict {
    const struct path_search *search;
    bool anchored;
    unsigned faults;
    struct text *out;
};

/* Starts a clause about the certificate at DEPTH: `certificate ...` or `CA certificate (Some CA) ...`. */
static struct text *fault(struct verdict *verdict, size_t depth, enum path_fault kind)
{
    struct text *out = verdict->out;

    verdict->faults |= kind;
    text_string(out, out->length > 0 ? "; " : "");
    if (depth == 0) {
        text_string(out, "certificate ");
        return out;
    }
    text_string(out, "CA certificate (");
    dn_put(verdict->search->path[depth].subject, out);
    text_string(out, ") ");
    return out;
}

/* A whole clause: WHAT is wrong, and the algorithm, or other OID, in parentheses. */
static void fault_about(struct verdict *verdict, size_t depth, const char *what, const struct algorithm *algorithm)
{
    struct text *out = fault(verdict, depth, FAULT_OTHER);

    text_string(out, what);
    text_string(out, " (");
    algorithm_put(algorithm, out);
    text_char(out, ')');
}

static void judge_form(struct verdict *verdict, size_t depth)
{
    const struct certificate *certificate = &verdict->search->path[depth];

    if (certificate->fault)
        text_strings(fault(verdict, depth, FAULT_OTHER), "is malformed (", certificate->fault, ")", NULL);
    if (certificate->strange.at)
        fault_about(verdict, depth, "has an extension that is not known and may not be ignored",
                    &(struct algorithm){ .oid = certificate->strange });
}

static void judge_times(struct verdict *verdict, size_t depth)
{
    const struct certificate *certificate = &verdict->search->path[depth];
    int64_t now = verdict->search->now;

    if (now >= certificate->to) {
        text_string(fault(verdict, depth, FAULT_TIME), "expired ");
        der_put_date(certificate->to_digits, verdict->out);
    }
    if (now < certificate->from) {
        text_string(fault(verdict, depth, FAULT_TIME), "is not valid before ");
        der_put_date(certificate->from_digits, verdict->out);
    }
}

/* The signature of what is trusted proves nothing and is not judged. */
static void judge_algorithms(struct verdict *verdict, size_t depth)
{
    const struct certificate *certificate = &verdict->search->path[depth];
    struct algorithm signature = algorithm_of_signature(certificate->algorithm), key = algorithm_of_key(certificate);

    if (depth + 1 < verdict->search->length || !verdict->anchored) {
        if (signature.kind == ALGORITHM_WEAK)
            fault_about(verdict, depth, "is signed with a weak hash", &signature);
        if (signature.kind == ALGORITHM_UNKNOWN)
            fault_about(verdict, depth, "is signed by an algorithm that is not supported", &signature);
        if (!der_equal(certificate->algorithm, certificate->inner_algorithm))
            text_string(fault(verdict, depth, FAULT_OTHER), "is signed by another algorithm than it says");
    }
    if (key.kind == ALGORITHM_WEAK)
        fault_about(verdict, depth, "has a weak key", &key);
    if (key.kind == ALGORITHM_UNKNOWN)
        fault_about(verdict, depth, "has a key of a type that is not supported", &key);
}

static bool is_for_target(const struct path_search *search)
{
    struct der names = search->path[0].names;

    if (search->host.length == 0)
        return true;
    return search->address ? names_have_address(names, search->address) : names_have_host(names, search->host);
}

static void put_mismatch(struct verdict *verdict)
{
    const struct path_search *search = verdict->search;
    struct text *out = fault(verdict, 0, FAULT_NAME);

    if (!search->path[0].names.at) {
        text_string(out, "has no subjectAltName, only the common name ");
        dn_put(search->path[0].subject, out);
        text_string(out, ", which does not count");
        return;
    }
    text_string(out, "is for ");
    names_put(search->path[0].names, out);
    text_string(out, search->address ? ", not for the address " : ", not for ");
    text_bytes(out, search->host.at, search->host.length);
}

static void judge_server(struct verdict *verdict)
{
    const struct certificate *certificate = &verdict->search->path[0];

    if (!is_for_target(verdict->search))
        put_mismatch(verdict);
    if (!(certificate->usage & USAGE_SIGNATURE) || !(certificate->netscape_usage & USAGE_SERVER) ||
        !certificate->for_servers)
        text_string(fault(verdict, 0, FAULT_USE), "is not for servers (key usage)");
}

/* Whether the CA at DEPTH may issue all certificates below it. What a CA issued to itself is exempt (RFC 5280, 6.1.4).
 */
static bool names_are_allowed(const struct path_search *search, size_t depth)
{
    for (size_t i = 0; i < depth; i++)
        if ((i == 0 || !certificate_is_self_issued(&search->path[i])) &&
            !constraints_allow(&search->path[depth], &search->path[i], i == 0))
            return false;
    return true;
}

/* How many CAs are below the one at DEPTH; what a CA issued to itself does not count (RFC 5280, 4.2.1.9). */
static int cas_below(const struct path_search *search, size_t depth)
{
    int count = 0;

    for (size_t i = 1; i < depth; i++)
        count += !certificate_is_self_issued(&search->path[i]);
    return count;
}

bool path_names_itself(const struct certificate *certificate)
{
    enum algorithm_kind made = algorithm_of_signature(certificate->inner_algorithm).of_key,
                        key = algorithm_of_key(certificate).kind;

    return certificate_is_self_issued(certificate) && certificate_names_issuer(certificate, certificate) &&
           (made == key || (made == ALGORITHM_PSS && key == ALGORITHM_RSA));
}

static void judge_ca(struct verdict *verdict, size_t depth)
{
    const struct path_search *search = verdict->search;
    const struct certificate *certificate = &search->path[depth];
    bool old_root =
        verdict->anchored && depth + 1 == search->length && certificate->version == 1 && path_names_itself(certificate);

    if (!certificate->is_ca && !old_root)
        text_string(fault(verdict, depth, FAULT_USE), "may not issue certificates (basicConstraints)");
    if (!(certificate->usage & USAGE_CERTIFICATES))
        text_string(fault(verdict, depth, FAULT_USE), "may not issue certificates (key usage)");
    if (!certificate->for_servers)
        text_string(fault(verdict, depth, FAULT_USE), "may not issue certificates for servers (extended key usage)");
    if (cas_below(search, depth) > certificate->path_max)
        text_string(fault(verdict, depth, FAULT_USE), "has more CAs below it than it may have (path length)");
    if (!names_are_allowed(search, depth))
        text_string(fault(verdict, depth, FAULT_USE), "may not issue certificates for such names (name constraints)");
}

static void judge_path(struct verdict *verdict)
{
    for (size_t depth = 0; depth < verdict->search->length; depth++) {
        judge_form(verdict, depth);
        judge_times(verdict, depth);
        judge_algorithms(verdict, depth);
        if (verdict->search->path[depth].fault)
            continue; /* what it may be used for cannot be told */
        if (depth == 0)
            judge_server(verdict);
        else
            judge_ca(verdict, depth);
    }
}

/* --- finding ---------------------------------------------------------------------------------------- */

static struct certificate *top(struct path_search *search)
{
    return &search->path[search->length - 1];
}

/* Says why the path does not go on. */
static void put_end(struct path_search *search, struct text *out)
{
    if (search->length == PATH_LENGTH_MAX)
        text_string(out, "has more CAs above it than are looked at");
    else
        search->put_distrust(search, top(search), search->named, out);
}

/* Judges the path, which ends here, in trust if ANCHORED. A good one ends the search. */
static void conclude(struct path_search *search, bool anchored)
{
    char why[RESULT_REASON_SIZE];
    struct text reason = { why, sizeof why, 0 };
    struct verdict verdict = { .search = search, .anchored = anchored, .out = &reason };

    judge_path(&verdict);
    if (!anchored)
        put_end(search, fault(&verdict, search->length - 1, FAULT_ISSUER));
    if (verdict.faults == 0)
        search->healthy = search->done = true;
    if (verdict.faults == 0 || (search->reason.length > 0 && search->anchored >= anchored))
        return;
    search->reason.length = 0;
    text_bytes(&search->reason, why, text_kept(&reason));
    search->faults = verdict.faults;
    search->anchored = anchored;
}

/* Whether KEY may make signatures by an algorithm: one for RSASSA-PSS says by which (RFC 4055, 3.3). */
static bool may_sign(const struct algorithm *key, const struct algorithm *signature)
{
    return key->kind != ALGORITHM_PSS || (signature->kind == ALGORITHM_PSS && signature->salt >= key->salt &&
                                          (key->hash == 0 || key->hash == signature->hash));
}

/* Whether ISSUER's key made the signature of CHILD. True where that cannot be checked: judging finds this fault. */
static bool links(struct path_search *search, const struct certificate *child, const struct certificate *issuer)
{
    struct algorithm signature = algorithm_of_signature(child->algorithm), key = algorithm_of_key(issuer);
    bool known = signature.kind > ALGORITHM_WEAK && key.kind > ALGORITHM_WEAK;

    search->links++;
    return !known || (may_sign(&key, &signature) && search->is_signed(search, child, issuer));
}

/* Makes the path longer by DER, if that issued its top. */
static bool push_issuer(struct path_search *search, struct der der)
{
    struct certificate *child = top(search), *issuer = child + 1;

    if (path_names_itself(child) || !certificate_parse(der, issuer) || !dn_equal(child->issuer, issuer->subject))
        return false;
    search->named = true;
    if (!certificate_names_issuer(child, issuer) || !links(search, child, issuer))
        return false;
    search->length++;
    return true;
}

/* Ends the path in trust: with its top, where DER is that, or with DER above it. */
static bool try_trusted(void *search_, struct der der)
{
    struct path_search *search = search_;
    unsigned links = search->links;

    if (der_equal(der, top(search)->whole)) {
        conclude(search, true);
    } else if (search->length < PATH_LENGTH_MAX && push_issuer(search, der)) {
        conclude(search, true);
        search->length--;
    }
    search->links = links; /* the limit is for what a server sends */
    return !search->done;
}

static bool is_on_path(const struct path_search *search, struct der der)
{
    for (size_t i = 0; i < search->length; i++)
        if (der_equal(search->path[i].whole, der))
            return true;
    return false;
}

static void extend(struct path_search *search);

/* Makes the path longer by each issuer that was sent, in turn (RFC 8446, 4.4.2). False where there is none. */
static bool try_offered(struct path_search *search)
{
    bool further = false;

    for (size_t i = 1; i < search->offered_count && !search->done && search->length < PATH_LENGTH_MAX; i++) {
        if (search->links >= PATH_LINKS_MAX || is_on_path(search, search->offered[i]) ||
            !push_issuer(search, search->offered[i]))
            continue;
        further = true;
        extend(search);
        search->length--;
    }
    return further;
}

/* Tries all that may be above the path. Where nothing that was sent is, the path ends, and not in trust. */
static void extend(struct path_search *search)
{
    search->named = false;
    search->visit_trusted(search, &top(search)->issuer, try_trusted);
    bool named = search->named;
    if (search->done || try_offered(search))
        return;
    search->named = named;
    conclude(search, false);
}

/* The server's own certificate may be trusted, whoever issued it: looking issuers up does not find that. */
static bool try_itself(void *search_, struct der der)
{
    struct path_search *search = search_;

    if (der_equal(der, top(search)->whole))
        conclude(search, true);
    return !search->done;
}

bool path_find(struct path_search *search)
{
    search->reason = (struct text){ search->why, sizeof search->why, 0 };
    if (search->offered_count == 0 || !certificate_parse(search->offered[0], &search->path[0])) {
        text_string(&search->reason, "certificate is malformed");
        search->faults = FAULT_OTHER;
        return false;
    }
    search->length = 1;
    extend(search);
    if (!search->done)
        search->visit_trusted(search, NULL, try_itself);
    return search->healthy;
}
