/*
 * Names in messages of DNS, whatever bytes a server sends.
 */
#include "healthcheck/probes/dnswire.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/memcpy.h"
#include "prove/prove.h"

enum { SIZE = 6 };

/*
 * PROVES   The reading of a name comes to an end whatever its pointers lead to, and stays within the message. It goes
 *          on behind the name: the last byte of that, which is at least one, is the empty label or that of a pointer.
 * FOR      messages of up to 6 bytes, from any place in them
 * BREAKS   healthcheck/probes/dnswire.c: size >= reader->length - at || => size > reader->length - at ||
 * BREAKS   healthcheck/probes/dnswire.c: if (at + 2 > reader->length) => if (at + 1 > reader->length)
 * BREAKS   healthcheck/probes/dnswire.c: reader->at = jumped ? reader->at : at + 2; => reader->at = at + 2;
 * BREAKS   healthcheck/probes/dnswire.c: reader->at = jumped ? reader->at : at; => reader->at = at;
 * WITH     --no-conversion-check --unwind 16
 */
void proof_read_name(void)
{
    uint8_t room[SIZE];
    struct dns_name name;
    size_t length = nondet_size(), at = nondet_size();

    assume(length <= SIZE && at <= length);
    struct reader reader = { room + SIZE - length, length, at };
    if (!read_name(&reader, &name))
        return;
    prove(reader.at > at && reader.at <= length, "it goes on, within the message");
    prove(name.length >= 1 && name.length <= DNS_NAME_MAX, "a name has a length");
    bool ends = reader.bytes[reader.at - 1] == 0;
    bool leads = reader.at >= at + 2 && (reader.bytes[reader.at - 2] & LENGTH_BITS) == LENGTH_BITS;
    prove(ends || leads, "the name ends there");
}

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
