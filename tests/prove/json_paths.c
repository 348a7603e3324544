/*
 * The paths of --json, whatever a user types.
 */
#include "healthcheck/http/json.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { PATH = 7, MATCH = 6 };

/*
 * PROVES   A step is taken from the front of a path and is within it: an index in brackets, a key in quotes and
 *          brackets, or a plain one, which is not empty and has none of `.[]"` in it. So each path comes to an end.
 * FOR      paths of up to 7 bytes
 * BREAKS   healthcheck/http/json.c: return n > 0; } => return true; }
 * BREAKS   healthcheck/http/json.c: if (n == 1 || n == path->length || => if (n == path->length ||
 * BREAKS   healthcheck/http/json.c: n += path->at[n] == '\\' ? 2 : 1; => n += 1;
 * BREAKS   healthcheck/http/json.c: if (n + 1 >= path->length || => if (n >= path->length ||
 * BREAKS   healthcheck/http/json.c: step->key = (struct span){ path->at + 2, n - 2 }; => step->key = (struct span){
 *          path->at + 2, n };
 * WITH     --no-conversion-check --unwind 9
 * SLOW
 */
void proof_step(void)
{
    char room[PATH];
    size_t length = nondet_size(), at = nondet_size();
    bool first = nondet_bool();
    struct step step;

    assume(length <= PATH);
    const char *from = room + PATH - length;
    struct span path = { from, length };
    if (!take_step(&path, &step, first))
        return;
    prove(path.at > from && path.at + path.length == room + PATH, "it is taken from the front");
    if (from[0] != '[') {
        prove(first || from[0] == '.', "a dot is between two steps");
        prove(!step.is_index && step.key.length > 0 && step.key.at == from + !first, "a key is there");
        prove(step.key.at + step.key.length == path.at, "and all that is taken");
        assume(at < step.key.length);
        prove(!memchr(".[]\"", step.key.at[at], 4), "it has no byte of the other steps");
        return;
    }
    prove(path.at[-1] == ']', "a bracket closes");
    if (step.is_index) {
        prove(path.at > from + 2, "an index has a digit");
        assume(at > 0 && at < (size_t)(path.at - from) - 1);
        prove(is_digit(from[at]), "and nothing else");
        prove(implies(at == 1 && path.at == from + 3, step.index == (uint64_t)(from[1] - '0')), "of which it is made");
        prove(implies(at == 2 && path.at == from + 4, step.index == (uint64_t)(from[1] * 10 + from[2] - 11 * '0')),
              "from the left");
        return;
    }
    prove(step.key.at == from + 2 && step.key.at[-1] == '"', "a quote opens");
    prove(step.key.at + step.key.length + 2 == path.at && path.at[-2] == '"', "and closes");
    size_t end = 0;
    while (end < step.key.length)
        end += step.key.at[end] == '\\' ? 2 : 1;
    prove(end == step.key.length, "no backslash is in front of that one");
    assume(at < step.key.length && step.key.at[at] == '"');
    prove(at > 0 && step.key.at[at - 1] == '\\', "within, a backslash is in front of it");
}

/*
 * PROVES   What is asked for is divided where a path ends: at the first `=` that is in no quotes, with or without a `!`
 *          in front of it. No path is empty.
 * FOR      texts of up to 6 bytes
 * BREAKS   healthcheck/http/json.c: (quoted || *match != '=') => (*match != '=')
 * BREAKS   healthcheck/http/json.c: if (quoted && *match == '\\' && match[1]) => if (quoted && *match == '\\')
 * BREAKS   healthcheck/http/json.c: *differs = equals[-1] == '!'; => *differs = equals[1] == '!';
 * BREAKS   healthcheck/http/json.c: return path->length > 0; => return true;
 * WITH     --no-conversion-check --unwind 9
 * SLOW
 */
void proof_split(void)
{
    char match[MATCH + 1];
    struct span path;
    const char *value;
    bool differs, quoted = false;

    match[MATCH] = '\0';
    bool good = json_split(match, &path, &value, &differs), plain = match[2] && match[2] != '"' && match[2] != '\\';
    prove(implies(plain && !memcmp(match, "[\"", 2) && !memcmp(match + 3, "\"]=", 3), good), "a key may be any byte");
    if (!good)
        return;
    prove(path.at == match && path.length > 0, "a path is in front");
    prove(value == match + path.length + differs + 1 && value[-1] == '=', "then comes what it is compared with");
    prove(differs == (value[-2] == '!'), "a `!` stands for the opposite");
    for (const char *at = match; at < value - 1; at++) {
        prove(quoted || *at != '=', "it is the first that is in no quotes");
        if (quoted && *at == '\\')
            at++;
        else
            quoted ^= *at == '"';
    }
    prove(!quoted, "it is in none");
}
