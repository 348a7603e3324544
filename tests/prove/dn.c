/*
 * Distinguished names: how strings of them are compared.
 */
#include "healthcheck/tls/dn.c"

#include "healthcheck/target/span.c"
#include "healthcheck/tls/der.c"
#include "lib/text.c"
#include "prove/prove.h"

enum { SIZE = 3 };

static bool is_white(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\v' || byte == '\f' || byte == '\r';
}

static void fold_any(size_t length)
{
    uint8_t bytes[SIZE];
    struct der rest = { bytes, length };
    size_t spaces = 0;

    while (spaces < length && is_white(bytes[spaces]))
        spaces++;
    int folded = next_folded(&rest);
    prove(rest.length <= length && rest.at == bytes + length - rest.length, "it goes forward, within");
    if (spaces == length)
        prove(folded == -1 && rest.length == 0, "spaces at the end are none");
    else if (spaces > 0)
        prove(folded == ' ' && rest.length == length - spaces, "a run of spaces is one");
    else
        prove(folded == (uint8_t)lower((char)bytes[0]) && rest.length == length - 1, "a letter is a small one");
}

/*
 * PROVES   A string is compared byte by byte, a letter as a small one, a run of spaces as one space and those at
 *          its end as none. Each takes something: so every walk ends.
 * FOR      strings of up to 3 bytes
 * BREAKS   healthcheck/tls/dn.c: if (rest->length == 0) return -1; if (space) return ' '; => if (space) return ' ';
 *          if (rest->length == 0) return -1;
 * BREAKS   healthcheck/tls/dn.c: (byte >= '\t' && byte <= '\r'); => (byte >= '\t' && byte <= 0x1f);
 * WITH     --no-conversion-check --unwind 5 --unwindset next_folded.0:4
 */
void proof_folded(void)
{
    for (size_t length = 0; length <= SIZE; length++)
        fold_any(length);
}
