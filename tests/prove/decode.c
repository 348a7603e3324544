/*
 * %XX and numbers in targets, whatever a user writes.
 */
#include "healthcheck/target/span.c"

#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { SIZE = 5 };

static struct span any_text(const char *room)
{
    struct span text = { NULL, nondet_size() };

    assume(text.length <= SIZE);
    text.at = room + SIZE - text.length;
    return text;
}

/*
 * PROVES   %XX is decoded to no more bytes than it is written in, and never to a NUL. A number is of digits
 *          alone, and is not above its limit.
 * FOR      texts of up to 5 bytes
 * BREAKS   healthcheck/target/span.c: int low = i + 2 < piece.length ? hex_digit(piece.at[i + 2]) : -1; => int low
 *          = hex_digit(piece.at[i + 2]);
 * BREAKS   healthcheck/target/span.c: || high + low == 0) => )
 * BREAKS   healthcheck/target/span.c: if (next > max) return false; =>
 * WITH     --no-conversion-check --unwind 7
 * SLOW
 */
void proof_decoded(void)
{
    char room[SIZE], bytes[SIZE];
    struct span text = any_text(room);
    struct text out = { bytes, nondet_size(), 0 };
    unsigned max, number;
    size_t at;

    assume(out.size <= SIZE);
    bool good = span_decode(text, &out);
    prove(out.length <= text.length, "it becomes no longer");
    assume(at < SIZE && at < text.length && at < out.length && at < out.size);
    prove(implies(good && memchr(text.at, 0, text.length) == NULL, bytes[at] != '\0'), "no NUL comes in");
    if (span_number(text, max, &number))
        prove(number <= max && text.length > 0 && is_digit(text.at[at]), "it is a number within its limit");
}
