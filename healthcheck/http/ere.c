/*
 * Measures what regcomp(3) of musl needs for an extended regular expression, without compiling it.
 *
 * libc makes a tree of the expression, in which each repetition {m,n} is written out as many times. For each node it
 * then makes the sets of characters that this piece may begin and end with. At last it lists all pairs of characters
 * that may follow each other. So a short expression can need gigabytes.
 *
 * Here the expression is parsed in the same way, but of a piece only its weight in bytes is kept, and what its
 * neighbours have to know of it: how many characters it may begin and end with, and whether it may be empty.
 */
#include "healthcheck/http/ere.h"

#include "healthcheck/target/span.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    NODE = 120,            /* bytes of a node, with what it points to */
    MEMBER = 68,           /* bytes of a member of a set */
    PAIR = 56,             /* bytes of a pair of characters */
    STEPS_A_BYTE = 8,      /* time counts as memory: so many steps as a byte */
    WEIGHT_MAX = 32 << 20, /* bytes of the whole expression */
    NODES_MAX = 32768,     /* libc walks over the tree by recursion, which takes stack */
    GROUPS_MAX = 64,       /* that are open at once: here, too, they take recursion */
    UNBOUNDED = -1,
};

/* A piece of the expression: a character, a group, a row of them. */
struct piece {
    uint64_t weight; /* in bytes */
    uint32_t nodes;
    uint32_t firsts; /* how many characters it may begin with; one that stands there twice counts twice */
    uint32_t lasts;  /* how many it may end with */
    uint32_t pairs;  /* how many pairs one of its lasts is in, at the most */
    bool empty;      /* it matches an empty string */
};

struct parse {
    const char *at;
    unsigned groups;
    bool too_large;
};

static const struct piece nothing = { .weight = NODE + 2 * MEMBER, .nodes = 1, .empty = true };
static const struct piece character = { .weight = NODE + 4 * MEMBER, .nodes = 1, .firsts = 1, .lasts = 1 };

/* Where PIECE is too large, notes that and makes it nothing. So no later sum or product can overflow. */
static void weigh(struct parse *parse, struct piece *piece)
{
    if (piece->weight <= WEIGHT_MAX && piece->nodes <= NODES_MAX)
        return;
    parse->too_large = true;
    *piece = nothing;
}

/* Adds the pairs of A's lasts and B's firsts. To enter a pair libc walks over those that are there already. */
static void add_pairs(struct piece *whole, const struct piece *a, const struct piece *b)
{
    uint64_t count = (uint64_t)a->lasts * b->firsts;

    whole->weight += PAIR * count + count * (a->pairs + b->firsts / 2) / STEPS_A_BYTE;
}

/* A becomes A|B. */
static void add_alternative(struct parse *parse, struct piece *a, const struct piece *b)
{
    a->firsts += b->firsts;
    a->lasts += b->lasts;
    a->pairs = a->pairs > b->pairs ? a->pairs : b->pairs;
    a->empty = a->empty || b->empty;
    a->nodes += b->nodes + 1;
    a->weight += b->weight + NODE + (uint64_t)MEMBER * (a->firsts + a->lasts + 2);
    weigh(parse, a);
}

/* A becomes AB. */
static void ere_append(struct parse *parse, struct piece *a, const struct piece *b)
{
    const struct piece before = *a;

    *a = *b;
    a->firsts = before.firsts + (before.empty ? b->firsts : 0);
    if (b->empty) {
        a->lasts += before.lasts;
        a->pairs = a->pairs > before.pairs + b->firsts ? a->pairs : before.pairs + b->firsts;
    }
    a->empty = before.empty && b->empty;
    a->nodes += before.nodes + 1;
    a->weight += before.weight + NODE + (before.empty ? (uint64_t)MEMBER * (a->firsts + 1) : 0) +
                 (b->empty ? (uint64_t)MEMBER * (a->lasts + 1) : 0);
    add_pairs(a, &before, b);
    weigh(parse, a);
}

/* PIECE becomes PIECE?, PIECE+ or PIECE*. */
static void repeat(struct parse *parse, struct piece *piece, bool optional, bool unbounded)
{
    piece->nodes++;
    piece->weight += NODE;
    piece->empty = piece->empty || optional;
    if (unbounded) {
        add_pairs(piece, piece, piece);
        piece->pairs += piece->firsts;
    }
    weigh(parse, piece);
}

/* PIECE becomes PIECE{MIN,MAX}, written out as libc does: aaa(a(a)?)?, or aaaa*. */
static void write_out(struct parse *parse, struct piece *piece, int min, int max)
{
    const struct piece one = *piece;
    struct piece rest = nothing;

    *piece = nothing;
    piece->weight += one.nodes * (uint64_t)NODE; /* libc keeps the original as well */
    for (int i = 0; i < min && !parse->too_large; i++)
        ere_append(parse, piece, &one);
    for (int i = min; i < max && !parse->too_large; i++) {
        struct piece longer = one;
        ere_append(parse, &longer, &rest);
        rest = nothing;
        add_alternative(parse, &rest, &longer);
    }
    if (max == UNBOUNDED) {
        rest = one;
        repeat(parse, &rest, true, true);
    }
    ere_append(parse, piece, &rest);
}

/* Takes a number of a repetition. UNBOUNDED where there is none. */
static int take_count(struct parse *parse)
{
    int count = is_digit(*parse->at) ? 0 : UNBOUNDED;

    for (; is_digit(*parse->at) && count <= RE_DUP_MAX; parse->at++)
        count = count * 10 + (*parse->at - '0');
    return count;
}

/* Takes {m}, {m,} or {m,n}, behind its `{`. Anything else ends the expression, as libc refuses it. */
static void take_braces(struct parse *parse, struct piece *piece)
{
    int min = take_count(parse), max = min;

    if (*parse->at == ',') {
        parse->at++;
        max = take_count(parse);
    }
    if (*parse->at != '}' || min < 0 || min > RE_DUP_MAX || max > RE_DUP_MAX)
        parse->at = "";
    else
        parse->at++;
    if (max == 0)
        *piece = nothing;
    else if (min > 1 || max > 1)
        write_out(parse, piece, min, max);
    else
        repeat(parse, piece, min == 0, max == UNBOUNDED);
}

static void take_repetitions(struct parse *parse, struct piece *piece)
{
    while (*parse->at && strchr("*+?{", *parse->at) && !parse->too_large) {
        char c = *parse->at++;
        if (c == '{')
            take_braces(parse, piece);
        else
            repeat(parse, piece, c != '+', c != '?');
    }
}

/*
 * Takes a bracket expression behind its `[`, and returns how many nodes it becomes. Each member is a node, or in a
 * negated one the gap below it; a range, and a class like [:alpha:], is one member.
 */
static size_t take_bracket(struct parse *parse)
{
    const char *at = parse->at + (*parse->at == '^'), *start = at, *end;
    size_t count = *parse->at == '^' ? 2 : 0; /* for the newline, and for the gap above all members */

    for (; *at && (*at != ']' || at == start); count++) {
        if (at[0] == '[' && at[1] == ':' && (end = strstr(at, ":]")))
            at = end + 2;
        else
            at += at[1] == '-' && at[2] && at[2] != ']' ? 3 : 1;
    }
    parse->at = at + (*at == ']');
    return count;
}

/* Takes an escape behind its backslash, and returns how many nodes it becomes: 0 for an assertion, such as \b. */
static size_t take_escape(struct parse *parse)
{
    char c = *parse->at;
    const char *end = c == 'x' && parse->at[1] == '{' ? strchr(parse->at, '}') : NULL;

    parse->at = end ? end + 1 : parse->at + (c != '\0');
    return c == '\0' || strchr("bB<>", c) ? 0 : strchr("wWsSdD", c) ? 4 : 1;
}

static void take_alternatives(struct parse *parse, struct piece *piece);

/* Takes a group behind its `(`. libc puts a node in front of it. */
static void take_group(struct parse *parse, struct piece *piece)
{
    struct piece inner = nothing;

    parse->too_large = parse->too_large || ++parse->groups > GROUPS_MAX;
    if (!parse->too_large)
        take_alternatives(parse, &inner);
    parse->groups--;
    parse->at += *parse->at == ')';
    *piece = nothing;
    ere_append(parse, piece, &inner);
}

static void take_atom(struct parse *parse, struct piece *piece)
{
    char c = *parse->at++;
    size_t count = c == '[' ? take_bracket(parse) : c == '\\' ? take_escape(parse) : c == '^' || c == '$' ? 0 : 1;

    if (c == '(') {
        take_group(parse, piece);
        return;
    }
    count += c == '.'; /* two ranges: the characters below the newline, and those above it */
    *piece = count > 0 ? character : nothing;
    for (; count > 1 && !parse->too_large; count--)
        add_alternative(parse, piece, &character);
}

/* Takes an alternative, up to `|`, `)` or the end. */
static void take_row(struct parse *parse, struct piece *row)
{
    struct piece atom;

    *row = nothing;
    while (*parse->at && *parse->at != '|' && !(*parse->at == ')' && parse->groups > 0) && !parse->too_large) {
        take_atom(parse, &atom);
        take_repetitions(parse, &atom);
        ere_append(parse, row, &atom);
    }
}

/* Takes alternatives. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than GROUPS_MAX */
static void take_alternatives(struct parse *parse, struct piece *piece)
{
    struct piece row;

    take_row(parse, piece);
    while (*parse->at == '|' && !parse->too_large) {
        parse->at++;
        take_row(parse, &row);
        add_alternative(parse, piece, &row);
    }
}

bool ere_is_small(const char *pattern, uint64_t *weight)
{
    struct parse parse = { .at = pattern };
    struct piece all;

    take_alternatives(&parse, &all);
    ere_append(&parse, &all, &character); /* libc's mark of the end */
    *weight += all.weight;
    return !parse.too_large && *weight <= WEIGHT_MAX;
}
