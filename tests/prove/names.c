/*
 * Names in certificates, whatever bytes stand there.
 */
#include "healthcheck/tls/names.c"

#include "healthcheck/target/address.c"
#include "healthcheck/target/span.c"
#include "healthcheck/tls/der.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { SIZE = 7, PATTERN = 5, HOST = 6 };

/* What they say is dn.c's matter: they may say anything. */
bool dn_is_well_formed(struct der name)
{
    return nondet_bool();
}

bool dn_is_string(int tag, struct der value)
{
    return nondet_bool();
}

static struct der any_der(uint8_t *room, size_t size)
{
    struct der der = { NULL, nondet_size() };

    assume(der.length <= size);
    der.at = room + size - der.length;
    return der;
}

/*
 * PROVES   A name, and the subtree of a constraint, is within the bytes that it is taken from, and something is
 *          taken: so every walk over names ends.
 * FOR      any bytes, up to 7
 * BREAKS   healthcheck/tls/names.c: case DER_CONTEXT + NAME_DNS: => case DER_CONTEXT + NAME_DNS + 7:
 * BREAKS   healthcheck/tls/names.c: return subtree.length == 0 ? kind : NAME_NONE; => return kind == NAME_NONE ?
 *          NAME_OTHER : kind;
 * BREAKS   healthcheck/tls/der.c: || rest->length < head + more || => ||
 * WITH     --unwind 8
 * SLOW
 */
void proof_taken(void)
{
    uint8_t room[SIZE];
    struct der all = any_der(room, SIZE), rest = all, name;
    bool subtree = nondet_bool();
    enum name_kind kind = subtree ? names_take_subtree(&rest, &name) : names_take(&rest, &name);

    if (kind == NAME_NONE)
        return;
    prove(kind >= NAME_OTHER && kind <= NAME_ID, "it is one of the kinds");
    prove(name.at > all.at && name.at + name.length == rest.at, "the name is what was taken");
    prove(rest.length < all.length && rest.at + rest.length == room + SIZE, "something is taken");
    prove(implies(kind == NAME_DNS, name.at[-2] == 0x82 || name.length > 127), "a DNS name has its tag");
}

/* The same host, but for the case of letters. */
static bool is_host(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

/* Lengths are numbers for cbmc, so that it has few places to look at. */
static void match_any(size_t length, size_t host_length)
{
    char names[PATTERN], hosts[HOST];
    struct span name = { names, length }, host = { hosts, host_length };
    size_t first = 0;
    bool dotted = false;

    bool matches = name_matches(name, host);
    if (name.length == host.length && is_host(names, hosts, host.length)) {
        prove(matches, "a name is for itself");
        return;
    }
    if (!matches)
        return;
    while (first < host.length && hosts[first] != '.')
        first++;
    prove(name.length > 2 && names[0] == '*' && names[1] == '.', "only a wildcard is for others");
    prove(first > 0 && host.length - first == name.length - 1, "it stands for one label");
    prove(is_host(names + 1, hosts + first, host.length - first), "what is behind it is the same");
    for (size_t i = 2; i < name.length; i++)
        dotted = dotted || names[i] == '.';
    prove(dotted, "and is two labels at least");
}

/*
 * PROVES   A name is for a host where both are the same; or where it begins with `*.`, two labels follow, and the
 *          host is one label of letters, digits and hyphens in front of these.
 * FOR      a name of 5 bytes and a host of 4, 5 or 6
 * BREAKS   healthcheck/tls/names.c: return labels > 1 && is_label(label); => return is_label(label);
 * BREAKS   healthcheck/tls/names.c: || !span_is(star, "*") || => ||
 * BREAKS   healthcheck/tls/names.c: return label.length > 0 && span_same(domain, rest); => return span_same(domain,
 *          rest);
 * WITH     --unwind 8
 * SLOW
 */
void proof_match(void)
{
    match_any(PATTERN, HOST);
    match_any(PATTERN, HOST - 1);
    match_any(PATTERN, HOST - 2);
}
