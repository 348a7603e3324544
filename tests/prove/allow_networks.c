/*
 * The networks of the allow file, whatever stands there.
 */
#include "healthcheck/target/address.h"

bool contract_address_parse(struct span text, struct address *address, struct span *zone);
#define address_parse contract_address_parse /* what allow.c calls */
#include "healthcheck/net/allow.c"
#undef address_parse

#include "healthcheck/target/address.c"
#include "healthcheck/target/lines.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

/* Whether a text is an address, and of which family, may be as it likes. */
bool contract_address_parse(struct span text, struct address *address, struct span *zone)
{
    address->family = nondet_bool() ? AF_INET : AF_INET6;
    return nondet_bool();
}

/*
 * PROVES   A network of the allow file has no more bits than its address has, and is none of names: an entry with a
 *          slash is an address, a slash and a number.
 * FOR      hosts of 4 bytes, what is in front of the slash being an address or not
 * CUTS     healthcheck/target/address.c: address_parse: unit/test_hc_target.c: addresses_are_read_and_written
 * BREAKS   healthcheck/net/allow.c: span_number(bits, whole, &entry->bits)); => span_number(bits, whole + 1,
 *          &entry->bits));
 * BREAKS   healthcheck/net/allow.c: return !slash || (entry->numeric && => return !slash || (
 * WITH     --unwind 5
 */
void proof_block(void)
{
    char room[4];
    struct entry entry;

    entry.host = (struct span){ room, sizeof room };
    if (!parse_block(&entry))
        return;
    prove(entry.bits <= (entry.network.family == AF_INET ? 32 : 128), "no more bits than there are");
    prove(entry.numeric || !memchr(room, '/', sizeof room), "a network is of addresses");
    if (room[0] != '/' && room[1] == '/')
        prove(entry.bits == (unsigned)(room[2] - '0') * 10 + (unsigned)(room[3] - '0'), "of the bits that are written");
}
