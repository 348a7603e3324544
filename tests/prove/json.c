/*
 * The reader of JSON, one level of it: the values inside an object or an array are read by what the proof of a value
 * shows. So it holds for every depth.
 */
#include "healthcheck/http/json.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { SIZE = 5, PATH = 3 };

/* Something, or nothing where it is refused, and never more than there is. */
static bool take_any(struct reader *reader)
{
    size_t taken = nondet_size();

    prove(reader->at <= reader->end, "it is read from within");
    assume(taken <= (size_t)(reader->end - reader->at));
    reader->at += taken;
    return taken > 0 && nondet_bool();
}

static bool contract_read_value(struct reader *reader, const struct span *path, bool first)
{
    (void)first;
    prove(reader->depth <= JSON_DEPTH_MAX, "it is not too deep");
    if (path)
        reader->verdict = nondet_bool() ? JSON_EQUAL : nondet_bool() ? JSON_DIFFERENT : JSON_MISSING;
    return take_any(reader);
}

static bool contract_read_string(struct reader *reader, struct span word, bool key, bool *equal)
{
    (void)key;
    *equal = word.at && nondet_bool();
    return take_any(reader);
}

static bool contract_read_number(struct reader *reader, bool *equal)
{
    *equal = nondet_bool();
    return take_any(reader);
}

/*
 * PROVES   A value is read forward and within the document, whatever stands there, and takes something: so reading
 *          ends. What is too deep is refused. A value that the path does not lead to changes no verdict.
 * FOR      documents of up to 5 bytes; paths of up to 3; wanted values of up to 1; every depth
 * CUTS     healthcheck/http/json.c: read_value: prove/json.c: proof_value
 * CUTS     healthcheck/http/json.c: read_string: prove/json_strings.c: proof_string
 * CUTS     healthcheck/http/json.c: read_number: prove/json_strings.c: proof_number
 * BREAKS   healthcheck/http/json.c: if (++reader->depth > JSON_DEPTH_MAX) => if (++reader->depth > JSON_DEPTH_MAX +
 *          1)
 * BREAKS   healthcheck/http/json.c: if (reader->at == reader->end || *reader->at != c) => if (*reader->at != c)
 * BREAKS   healthcheck/http/json.c: return read_value(reader, is_it ? rest : NULL, false); => return
 *          read_value(reader, rest, false);
 * WITH     --unwind 7 --unwindset strlen.0:6
 * SLOW
 */
void proof_value(void)
{
    char room[SIZE], text[PATH], wanted[1];
    size_t length = nondet_size();
    struct span path = { text, nondet_size() };
    bool has_path = nondet_bool();
    struct reader reader;

    assume(length <= SIZE && path.length <= PATH && reader.depth <= JSON_DEPTH_MAX && reader.verdict < JSON_INVALID);
    reader.at = room + SIZE - length;
    reader.end = room + SIZE;
    reader.wanted = (struct span){ wanted, nondet_bool() };
    struct reader before = reader;
    bool good = read_value(&reader, has_path ? &path : NULL, nondet_bool());
    prove(reader.at >= before.at && reader.at <= reader.end && reader.end == before.end, "it goes forward, within");
    prove(implies(good, reader.at > before.at), "a value is something");
    prove(implies(good, reader.depth == before.depth), "it comes back up");
    prove(implies(!has_path, reader.verdict == before.verdict), "another value changes no verdict");
    prove(reader.verdict < JSON_INVALID, "there is a verdict");
}
