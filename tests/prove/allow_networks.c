/*
 * The entries of the allow file, whatever stands there.
 */
#include "healthcheck/target/address.h"
#include "prove/libc.h"

bool contract_address_parse(struct span text, struct address *address, struct span *zone);
#define address_parse contract_address_parse /* what allow.c calls */
#include "healthcheck/net/allow.c"
#undef address_parse

#include "healthcheck/target/address.c"
#include "healthcheck/target/lines.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

enum { WORD = 5 };

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

/* What proof_block shows of parse_block. */
static bool contract_parse_block(struct entry *entry)
{
    entry->numeric = nondet_bool();
    return nondet_bool();
}

/* LENGTH is one number for cbmc, so that it has few places to look at. */
static void parse_any(size_t length)
{
    char room[WORD];
    const char *word = room + WORD - length, *end = room + WORD;
    struct entry entry;

    if (!parse_entry((struct span){ word, length }, &entry))
        return;
    const char *behind = entry.host.at + entry.host.length;
    bool brackets = word[0] == '[';
    prove(entry.host.at == word + brackets && behind < end, "the host is within");
    prove(behind[0] == (brackets ? ']' : ':') && behind[brackets] == ':', "a colon is behind it");
    prove(brackets || (entry.host.length > 0 && !memchr(entry.host.at, ':', entry.host.length)), "and none in it");
    prove(implies(brackets, entry.numeric), "what is in brackets is an address");
    prove(entry.port <= PORT_MAX && implies(entry.port == 0, end[-1] == '*'), "only * is any port");
    prove(implies(entry.port > 0 && behind[brackets] == ':' && behind + brackets + 2 == end,
                  entry.port == (unsigned)(end[-1] - '0')),
          "a port is the number that is written");
}

/*
 * PROVES   A line of the allow file is an entry only where it is a host, a colon, and a port from 1 to 65535, or
 *          `*`, which alone stands for any. The host is within the line, and has a colon in it only where it is an
 *          address in brackets.
 * FOR      words of 1 to 5 bytes
 * CUTS     healthcheck/net/allow.c: parse_block: prove/allow_networks.c: proof_block
 * BREAKS   healthcheck/net/allow.c: || entry->port == 0)) => ))
 * BREAKS   healthcheck/net/allow.c: if (!colon || colon == word.at) => if (!colon)
 * BREAKS   healthcheck/net/allow.c: return !memchr(entry->host.at, ':', entry->host.length) && parse_block(entry);
 *          => return parse_block(entry);
 * WITH     --unwind 7
 * SLOW
 */
void proof_entry(void)
{
    for (size_t length = 1; length <= WORD; length++)
        parse_any(length);
}
