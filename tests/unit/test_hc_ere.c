/* What an extended regular expression weighs: forms that libc makes into the same tree, or into one that is written
 * out. */
#include "healthcheck/http/ere.h"
#include "support/test.h"

#include <stdio.h>

enum { TIMES_MAX = 40000, PIECE_MAX = 48, PATTERN_SIZE = TIMES_MAX * PIECE_MAX }; /* of all rows and frames */

/* Rows of a piece: one after the other, as alternatives, and those that may follow each other. */
static const char *const frames[][3] = { { "", "", "" }, { "", "|", "" }, { "(", "", ")*" }, { "(", "|", ")+" } };

/* Whether FRAME with PIECE so many times is taken. */
static bool is_taken(const char *const frame[3], const char *piece, size_t times)
{
    static char pattern[PATTERN_SIZE];
    size_t length = (size_t)sprintf(pattern, "%s", frame[0]);

    for (size_t i = 0; i < times; i++)
        length += (size_t)sprintf(pattern + length, "%s%s", i ? frame[1] : "", piece);
    sprintf(pattern + length, "%s", frame[2]);
    uint64_t weight = 0;

    return ere_is_small(pattern, &weight);
}

/* The largest number of times that FRAME takes PIECE. */
static size_t most(const char *const frame[3], const char *piece)
{
    size_t taken = 0, refused = TIMES_MAX;

    assert_false(is_taken(frame, piece, refused));
    while (refused - taken > 1) {
        size_t middle = (taken + refused) / 2;
        if (is_taken(frame, piece, middle))
            taken = middle;
        else
            refused = middle;
    }
    return taken;
}

static void forms_of_the_same_weigh_the_same(void **state)
{
    static const struct {
        const char *form, *other;
    } rows[] = {
        /* repetitions */
        { "a{0,1}", "a?" },
        { "a{1,}", "a+" },
        { "a{0,}", "a*" },
        { "a{0}", "^" },
        { "a{0,0}", "^" },
        { "a{1,020}", "a{1,20}" },
        { "a{3}", "a{3,3}" },
        /* sets, of which each member is a character, as is a gap of a negated one */
        { "[a]", "a" },
        { "[ab]", "." },
        { "[a-z]", "a" },
        { "[a-cx-zy]", "[xyz]" },
        { "[]a]", "[ab]" },
        { "[]-a]", "a" },
        { "[a-]", "[ab]" },
        { "[-a]", "[ab]" },
        { "[[:alpha:]]", "a" },
        { "[[:alpha:]b[:digit:]]", "[abc]" },
        { "[[:a]", "[abc]" },
        { "[:a:]", "[abc]" },
        { "[a[]", "[ab]" },
        { "[^a]", "[abc]" },
        { "[^]]", "[abc]" },
        { "[^]ab]", "[abcde]" },
        /* escapes */
        { "\\.", "a" },
        { "\\n", "a" },
        { "\\x41", "a41" },
        { "\\x{41}", "a" },
        { "\\w", "[abcd]" },
        { "\\W", "[abcd]" },
        { "\\s", "[abcd]" },
        { "\\S", "[abcd]" },
        { "\\d", "[abcd]" },
        { "\\D", "[abcd]" },
        { "a\\b", "a^" },
        { "a\\B", "a^" },
        { "a\\<", "a^" },
        { "a\\>", "a^" },
        { "a$", "a^" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t f = 0; f < COUNT(frames); f++)
            if (most(frames[f], rows[i].form) != most(frames[f], rows[i].other))
                fail_msg("%s%s%s: %zu times, and %s: %zu", frames[f][0], rows[i].form, frames[f][2],
                         most(frames[f], rows[i].form), rows[i].other, most(frames[f], rows[i].other));
}

/* About that, as libc keeps what it writes out, and a group is a node of its own. */
static void a_repetition_weighs_what_it_is_written_out_to(void **state)
{
    static const struct {
        const char *form, *written;
    } rows[] = {
        { "[1-4abcdefg]{2}", "[1-4abcdefg][1-4abcdefg]" },
        { "[1-4abcdefg]{2,}", "[1-4abcdefg][1-4abcdefg][1-4abcdefg]*" },
        { "[1-4abcdefg]{2,3}", "[1-4abcdefg][1-4abcdefg]([1-4abcdefg])?" },
        { "[1-4abcdefg]{1,3}", "[1-4abcdefg]([1-4abcdefg]([1-4abcdefg])?)?" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        for (size_t f = 0; f < COUNT(frames); f++) {
            size_t written = most(frames[f], rows[i].written);
            assert_in_range(most(frames[f], rows[i].form), written - written / 8, written + written / 8);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_the_same_weigh_the_same),
        cmocka_unit_test(a_repetition_weighs_what_it_is_written_out_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
