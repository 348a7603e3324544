/*
 * Distinguished names: when two strings of them are the same.
 */
#include "healthcheck/tls/dn.c"

#include "healthcheck/target/span.c"
#include "healthcheck/tls/der.c"
#include "lib/text.c"
#include "prove/prove.h"

enum { SIZE = 3, PAIR = 2 };

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

static void compare_any(size_t length, size_t other_length)
{
    uint8_t one[PAIR], other[PAIR];
    struct der a = { one, length }, b = { other, other_length };
    bool plain = true, alike = length == other_length;

    for (size_t i = 0; i < length; i++)
        plain = plain && !is_white(one[i]);
    for (size_t i = 0; i < other_length; i++)
        plain = plain && !is_white(other[i]);
    for (size_t i = 0; i < length && i < other_length; i++)
        alike = alike && lower((char)one[i]) == lower((char)other[i]);
    bool same = same_folded(a, b);
    prove(implies(plain, same == alike), "without spaces the letters decide");
    if (length != 1 || other_length != 2 || is_white(one[0]))
        return;
    bool behind = lower((char)one[0]) == lower((char)other[0]) && is_white(other[1]);
    bool before = lower((char)one[0]) == lower((char)other[1]) && is_white(other[0]);
    prove(same == (behind || before), "spaces around a string are none");
}

/*
 * PROVES   Strings without spaces are the same where they are as long, and are so but for the case of letters; spaces
 *          around them change nothing.
 * FOR      strings of up to 2 bytes
 * BREAKS   healthcheck/tls/dn.c: if (byte < 0) return true; => if (byte < 'b') return true;
 * BREAKS   healthcheck/tls/dn.c: while (b.length > 0 && is_dn_space(*b.at)) der_drop(&b, 1); =>
 * WITH     --no-conversion-check --unwind 5
 * SLOW
 */
void proof_same(void)
{
    for (size_t length = 0; length <= PAIR; length++)
        for (size_t other = 0; other <= PAIR; other++)
            compare_any(length, other);
}
