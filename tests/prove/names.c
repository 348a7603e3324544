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

enum { SIZE = 7 };

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
