/*
 * The allow file: whom an entry of it lists.
 */
#include "healthcheck/net/allow.c"

#include "healthcheck/target/address.c"
#include "healthcheck/target/lines.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { HOST = 3 };

/*
 * PROVES   A host is listed by `*`; by a network that its address is in; or, where neither is an address, by its
 *          own name or by `*.` and what it ends with. No name is listed by an address, and no address by a name.
 * FOR      hosts of up to 3 bytes, any address, and entries of up to 3 bytes
 * BREAKS   healthcheck/net/allow.c: return entry->numeric && query->address && => return
 * BREAKS   healthcheck/net/allow.c: return span_ends(name, (struct span){ wanted.at + 1, wanted.length - 1 }); =>
 *          return span_ends(name, (struct span){ wanted.at + 2, wanted.length - 2 });
 * WITH     --unwind 17
 */
void proof_listed(void)
{
    char one[HOST], other[HOST];
    struct address address;
    struct allow_query query = { .host = { one, nondet_size() }, .address = nondet_bool() ? &address : NULL };
    struct entry entry;

    entry.numeric = nondet_bool();
    entry.host = (struct span){ other, nondet_size() };
    assume(query.host.length >= 1 && query.host.length <= HOST && entry.host.length >= 1 && entry.host.length <= HOST);
    assume(implies(entry.host.length == 1, !entry.numeric));
    if (!host_matches(&entry, &query) || (entry.host.length == 1 && other[0] == '*'))
        return;
    prove(entry.numeric == (query.address != NULL), "no name by an address, no address by a name");
    if (entry.numeric)
        return;
    if (other[0] == '*' && other[1] == '.')
        prove(query.host.length >= entry.host.length - 1u && memchr(one, '.', query.host.length), "what it ends with");
    else
        prove(lower(one[0]) == lower(other[0]), "its own name");
}
