/*
 * What a hint takes out of /proc and of the cgroup's files, and what it shows of it.
 */
#include "healthcheck/hint/facts.c"

#include "healthcheck/target/address.c"
#include "healthcheck/target/lines.c"
#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { SIZE = 6, NAME = 3 };

/* Byte by byte, as the lengths here vary. */
void *memcpy(void *to, const void *from, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ((char *)to)[i] = ((const char *)from)[i];
    return to;
}

static struct span any_text(const char *room)
{
    struct span text = { NULL, nondet_size() };

    assume(text.length <= SIZE);
    text.at = room + SIZE - text.length;
    return text;
}

/*
 * PROVES   A number is read from within its text, is not negative unless it is not known, and stands behind its key
 *          and a blank at the beginning of a line.
 * FOR      texts of up to 6 bytes, and a key of one
 * BREAKS   healthcheck/hint/facts.c: if (length == 0 || (line.length > 0 && is_blank(*line.at))) => if (length == 0 ||
 *          is_blank(*line.at))
 * BREAKS   healthcheck/hint/facts.c: if (!span_begins(line, key)) continue; => if (!span_begins(line, key)) return
 *          -1;
 * WITH     --unwind 8
 * SLOW
 */
void proof_number(void)
{
    char room[SIZE], key[2];
    struct span text = any_text(room);

    key[1] = '\0';
    assume(key[0] && !is_space(key[0]));
    int64_t number = fact_number(text, key);
    prove(number >= -1 && number < 10000, "it is what six bytes hold");
    if (text.length == 5 && text.at[0] == '\n' && text.at[4] == '\n') {
        bool is_key = text.at[1] == key[0] && is_blank(text.at[2]) && is_digit(text.at[3]);
        prove(number == (is_key ? text.at[3] - '0' : -1), "it is behind its key");
    }
    prove(implies(number >= 0, memchr(text.at, key[0], text.length)), "without the key there is none");
}

/*
 * PROVES   A limit is near from nine tenths of it on, and not where one of the two numbers is not known. No number that
 *          is read overflows on the way.
 * FOR      every number; where nine tenths are, numbers of up to 16 bits
 * BREAKS   healthcheck/hint/facts.c: NEAR = 90 => NEAR = 91
 * BREAKS   healthcheck/hint/facts.c: share.used >= 0 && share.limit > 0 && => share.used >= 0 &&
 * BREAKS   healthcheck/hint/facts.c: INT64_MAX / 128 => INT64_MAX / 64
 * SLOW
 */
void proof_near(void)
{
    struct share share;

    assume(share.used >= -1 && share.used <= number_max && share.limit >= -1 && share.limit <= number_max);
    bool near = share_is_near(share);
    if (share.used < 0 || share.limit <= 0)
        prove(!near, "what is not known is not near");
    else if (share.used <= UINT16_MAX && share.limit <= UINT16_MAX)
        prove(near == (10 * share.used >= 9 * share.limit), "nine tenths are near");
}

/*
 * PROVES   The path of a cgroup is what stands behind the second colon of a line; version 2 is the line without
 *          controllers.
 * FOR      texts of up to 6 bytes
 * BREAKS   healthcheck/hint/facts.c: if (line.length < 2 || => if (
 * BREAKS   healthcheck/hint/facts.c: span_take(&line, ':'); span_drop(&line, line.length > 0); => span_take(&line,
 *          ':'); span_drop(&line, 1);
 * WITH     --unwind 8
 * SLOW
 */
void proof_cgroup(void)
{
    char room[SIZE];
    struct span text = any_text(room);
    struct cgroup cgroup;

    if (!fact_cgroup(text, "m", &cgroup))
        return;
    prove(cgroup.path.at >= text.at + 2 && cgroup.path.at + cgroup.path.length <= room + SIZE, "it is within");
    prove(cgroup.path.length > 0 && !memchr(cgroup.path.at, '\n', cgroup.path.length), "it is in a line");
    prove(cgroup.path.at[-1] == ':', "a colon is in front of it");
    prove(cgroup.unified == (cgroup.path.at[-2] == ':'), "version 2 has no controllers");
}

/*
 * PROVES   Of a name that a process gave itself nothing is shown that ends what it stands in, could be a path, or is
 *          not seen: no control character, and none of `/\(),;"`.
 * FOR      names of up to 3 bytes
 * BREAKS   healthcheck/hint/facts.c: bool plain = n > 0 && => bool plain =
 * BREAKS   healthcheck/hint/facts.c: "/\\(),;\"" => "\\(),;\""
 * WITH     --no-conversion-check --unwind 30
 * SLOW
 */
void proof_program(void)
{
    char room[NAME], shown[NAME];
    size_t length = nondet_size(), at;
    struct text out = { shown, NAME, 0 };

    assume(length <= NAME);
    put_program(room + NAME - length, length, &out);
    prove(out.length <= length && (length == 0 || out.length > 0), "it becomes no longer, nor vanishes");
    assume(at < out.length);
    prove((shown[at] & 0x80) || (shown[at] >= ' ' && shown[at] != 0x7f), "it has no control character");
    prove(!memchr("/\\(),;\"", shown[at], 7), "it ends nothing");
}
