/*
 * How IPv6 addresses are shown, piece by piece.
 */
#include "healthcheck/target/address.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

/*
 * PROVES   A group of an IPv6 address is shown in one to four digits, without a zero in front, and reads as itself.
 * FOR      every group
 * BREAKS   healthcheck/target/address.c: started = started || digit > 0 || shift == 0; => started = started ||
 *          digit > 0;
 * BREAKS   healthcheck/target/address.c: group[0] = (uint8_t)(value >> 8); => group[0] = (uint8_t)(value >> 4);
 * WITH     --no-conversion-check --unwind 6
 */
void proof_group(void)
{
    char shown[4];
    uint8_t bytes[2];
    uint16_t group;
    struct text out = { shown, sizeof shown, 0 };

    show_group(group, &out);
    prove(out.length >= 1 && out.length <= 4, "it has one to four digits");
    prove(out.length == 1 || shown[0] != '0', "and no zero in front");
    for (size_t length = 1; length <= 4; length++)
        if (length == out.length) {
            prove(parse_group((struct span){ shown, length }, bytes) == length, "all of it is read");
            prove(bytes[0] == group >> 8 && bytes[1] == (group & 0xff), "as the same group");
        }
}

/*
 * PROVES   What `::` stands for in an address that is shown is its longest run of two or more groups of zeros, the
 *          first of equals (RFC 5952, 4.2).
 * FOR      every IPv6 address
 * BREAKS   healthcheck/target/address.c: if (run > *length) => if (run >= *length)
 * BREAKS   healthcheck/target/address.c: best = i + 1 - run; => best = i - run;
 * WITH     --unwind 10
 */
void proof_gap(void)
{
    uint8_t bytes[16];
    int length, gap = longest_gap(bytes, &length), other, run = 0;

    assume(other >= 0 && other < 8);
    while (other + run < 8 && group_at(bytes, other + run) == 0)
        run++;
    if (gap < 0) {
        prove(run < 2, "where there is none, no run has two groups");
        return;
    }
    prove(length >= 2 && gap + length <= 8, "it has two groups or more");
    prove(implies(other >= gap && gap + length > other, run > 0), "all of zeros");
    prove(run < length || (run == length && other >= gap), "none is longer, and none as long is in front of it");
}

/* A group as one byte; what is shown of it is in proof_group. */
static void contract_show_group(unsigned group, struct text *out)
{
    text_char(out, group == 0 ? '0' : 'x');
}

/*
 * PROVES   An IPv6 address is shown as its eight groups with a `:` between them, or with one `::` in the place of a run
 *          of zeros: in 39 bytes at most.
 * FOR      every IPv6 address
 * CUTS     healthcheck/target/address.c: show_group: prove/address_text.c: proof_group
 * BREAKS   healthcheck/target/address.c: if (i > 0 && i != gap + length) => if (i > 0)
 * BREAKS   healthcheck/target/address.c: i += length - 1; => i += length;
 * WITH     --unwind 17
 * SLOW
 */
void proof_ipv6(void)
{
    char shown[16];
    struct text out = { shown, sizeof shown, 0 };
    struct address address;
    int length, at = 0;

    address.family = AF_INET6;
    int gap = longest_gap(address.bytes, &length);
    address_show(&address, &out);
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            prove(shown[at] == ':' && shown[at + 1] == ':', "`::` stands for a run of zeros");
            at += 2;
            i += length - 1;
            continue;
        }
        prove(i == 0 || i == gap + length || shown[at++] == ':', "a `:` is between groups");
        prove(shown[at++] == (group_at(address.bytes, i) == 0 ? '0' : 'x'), "each group is there");
    }
    prove(out.length == (size_t)at, "and nothing else is");
}
