/*
 * Names in messages of DNS, whatever bytes a server sends.
 */
#include "healthcheck/probes/dnswire.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/prove.h"

/*
 * PROVES   Two names are taken for one only where their bytes are the same, but for the case of letters.
 * FOR      names of up to 4 bytes
 * BREAKS   healthcheck/target/span.c: size_t i = 0; if (a.length != b.length) return false; => size_t i = 0;
 * BREAKS   healthcheck/probes/dnswire.c: (struct span){ (const char *)b->bytes, b->length } => (struct span){
 *          (const char *)a->bytes, b->length }
 * WITH     --no-conversion-check --unwind 6
 */
void proof_same(void)
{
    struct dns_name a, b;
    size_t i;

    assume(a.length <= 4 && b.length <= 4 && i < a.length);
    if (!is_same_name(&a, &b))
        return;
    prove(a.length == b.length, "they are as long");
    prove(lower((char)a.bytes[i]) == lower((char)b.bytes[i]), "and have the same letters");
}
