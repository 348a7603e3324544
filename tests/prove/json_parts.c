/*
 * The grammar of JSON (RFC 8259): what the reader takes for an array, an object, a string and a number, held against
 * readers that are written down from it here, state by state.
 */
#include "healthcheck/http/json.c"

#include "healthcheck/target/span.c"
#include "lib/text.c"
#include "prove/libc.h"
#include "prove/prove.h"

enum { ARRAY = 7, OBJECT = 9 };

/* A v stands for any value. It may have spaces in front of it. */
static bool contract_read_value(struct reader *reader, const struct span *path, bool first)
{
    (void)path, (void)first;
    skip_space(reader);
    return json_take(reader, 'v');
}

/* And an s for any string. */
static bool contract_read_string(struct reader *reader, struct span word, bool key, bool *equal)
{
    (void)word, (void)key;
    *equal = nondet_bool();
    return json_take(reader, 's');
}

/* One rule of a grammar: in state FROM, BYTE leads to state TO. */
struct rule {
    unsigned from;
    char byte;
    unsigned to;
};

/* The length of what RULES accept, from state 0 to state END; any state may have spaces. 0 where it is nothing. */
static size_t accepted(const char *text, size_t length, const struct rule *rules, size_t count, unsigned end)
{
    unsigned state = 0;
    size_t at = 0;

    for (; at < length && state != end; at++) {
        unsigned next = end + 1;
        if (state > 0 && is_space(text[at]))
            next = state;
        for (size_t i = 0; i < count; i++)
            if (rules[i].from == state && rules[i].byte == text[at])
                next = rules[i].to;
        state = next;
    }
    return state == end ? at : 0;
}

static void read_any(bool (*read)(struct reader *, const struct step *, const struct span *), const char *text,
                     size_t length, const struct rule *rules, size_t count, unsigned end)
{
    struct reader reader = { .at = text, .end = text + length, .verdict = JSON_MISSING };
    struct step step = { .is_index = nondet_bool(), .index = nondet_size() };
    struct span rest = { NULL, 0 };

    assume(*text == rules[0].byte);
    size_t all = accepted(text, length, rules, count, end);
    bool good = read(&reader, nondet_bool() ? &step : NULL, &rest);
    prove(good == (all > 0), "it is accepted where the grammar has it");
    prove(implies(good, reader.at == text + all), "and all of it is taken");
    prove(reader.at <= reader.end, "and nothing behind it");
}

/*
 * PROVES   An array is accepted where it is one by the grammar of RFC 8259, and nothing else is.
 * FOR      texts of up to 7 bytes that begin with `[`, in which `v` stands for any value
 * CUTS     healthcheck/http/json.c: read_value: prove/json.c: proof_value
 * BREAKS   healthcheck/http/json.c: skip_space(reader); if (json_take(reader, ']')) return true; => skip_space(reader);
 * BREAKS   healthcheck/http/json.c: return json_take(reader, ']'); => return json_take(reader, ']') || true;
 * WITH     --unwind 9
 * SLOW
 */
void proof_array(void)
{
    enum { START, OPEN, BEHIND, COMMA, END };
    static const struct rule rules[] = { { START, '[', OPEN },   { OPEN, ']', END },   { OPEN, 'v', BEHIND },
                                         { BEHIND, ',', COMMA }, { BEHIND, ']', END }, { COMMA, 'v', BEHIND } };

    char room[ARRAY];
    size_t length = nondet_size();

    assume(length >= 1 && length <= ARRAY);
    read_any(read_array, room + ARRAY - length, length, rules, sizeof rules / sizeof rules[0], END);
}

/*
 * PROVES   So is an object.
 * FOR      texts of up to 9 bytes that begin with `{`, in which `s` stands for any string and `v` for any value
 * CUTS     healthcheck/http/json.c: read_value: prove/json.c: proof_value
 * CUTS     healthcheck/http/json.c: read_string: prove/json_strings.c: proof_string
 * BREAKS   healthcheck/http/json.c: if (!json_take(reader, ':') || !read_entry => if (!read_entry
 * BREAKS   healthcheck/http/json.c: if (json_take(reader, '}')) return true; => json_take(reader, '}');
 * WITH     --unwind 12
 * SLOW
 */
void proof_object(void)
{
    enum { START, OPEN, KEY, COLON, BEHIND, COMMA, END };
    static const struct rule rules[] = { { START, '{', OPEN }, { OPEN, '}', END },     { OPEN, 's', KEY },
                                         { KEY, ':', COLON },  { COLON, 'v', BEHIND }, { BEHIND, ',', COMMA },
                                         { BEHIND, '}', END }, { COMMA, 's', KEY } };

    char room[OBJECT];
    size_t length = nondet_size();

    assume(length >= 1 && length <= OBJECT);
    read_any(read_object, room + OBJECT - length, length, rules, sizeof rules / sizeof rules[0], END);
}
