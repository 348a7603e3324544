/* What the steps before COMMAND are given: words of a command line, and limits. */
#include "init/steps/limit.h"
#include "init/steps/words.h"
#include "support/guard.h"
#include "support/test.h"

#include <sys/resource.h>

/* The words of STRING in brackets; an error is its reason. */
static const char *split(const char *string)
{
    static char shown[256];
    char buffer[128];
    struct text out = { buffer, sizeof buffer, 0 };
    const char *why, *word = buffer;
    int count = words_split(string, strlen(string), &out, &why);

    if (count < 0)
        return why;
    shown[0] = '\0';
    for (int i = 0; i < count; i++, word += strlen(word) + 1)
        sprintf(shown + strlen(shown), "[%s]", word);
    assert_int_equal(word - buffer, out.length);
    return shown;
}

static void words_are_what_blanks_separate_and_quotes_hold_together(void **state)
{
    static const char *const rows[][2] = {
        { "", "" },
        { " \t\n", "" },
        { "a", "[a]" },
        { "  a  b\tc\nd ", "[a][b][c][d]" },
        { "a 'b c' \"d  e\"", "[a][b c][d  e]" },
        { "''", "[]" },
        { "a '' \"\" b", "[a][][][b]" },
        { "a'b c'd\"e f\"", "[ab cde f]" },
        { "'\"' \"'\"", "[\"][']" },
        { "a\\ b \\' \\\" \\\\", "[a b]['][\"][\\]" },
        { "'a\\'b' \"c\\\"d\"", "[a'b][c\"d]" },
        { "\\n\\t\\s\\x41\\101", "[\n\t AA]" },
        { "\\x4f\\x4F\\x6a\\x6A\\x39\\x30", "[OOjj90]" },
        { "\\x:1 \\x@1 \\xG1 \\x`1 \\x/1 \\8", "[\\x:1][\\x@1][\\xG1][\\x`1][\\x/1][\\8]" },
        { "\\q \\xg1 \\x4 \\08 \\000 \\777 \\x00", "[\\q][\\xg1][\\x4][\\08][\\000][\\777][\\x00]" },
        { "$A ${B} `c` $(d) *;|&<>#", "[$A][${B}][`c`][$(d)][*;|&<>#]" },
        { "'a", "has a quote without an end" },
        { "a \"b c", "has a quote without an end" },
        { "a\\", "ends in a backslash" },
        { "'a\\", "ends in a backslash" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(split(rows[i][0]), rows[i][1]);
}

static void what_only_a_shell_takes_for_more_than_a_word_is_noticed(void **state)
{
    static const char *const noticed[] = { "a && b",         "a || b",  "a | b",  "a ; b",      "a > b",
                                           "a < b",          "a >> b",  "a & b",  "a &",        "& a",
                                           "a\t&&\n",        "&&",      "a ;b ;", "'a'  ; b",   "a >/dev/null",
                                           "a </dev/null b", "a 2>&1",  "a 10<b", "a >b 'c d'", "a &&b",
                                           "a ;''",          "a; b",    "a;",     "'a'; b",     "a b>&",
                                           "a b|",           "a ''> b", "a $(b)", "a x$(b c)",  "a `b`",
                                           "a x`b c`",       "a # b",   "a #b",   "#" };
    static const char *const passed[] = { "a",
                                          "a '&&' b",
                                          "a \"|\" b",
                                          "a \\; b",
                                          "a b\\; c",
                                          "sh -c 'a && b'",
                                          "sh -c 'a >/dev/null 2>&1; b $(c) `d` # e' ",
                                          "a http://b/?c=d&e=f",
                                          "a b|c",
                                          "a b>c",
                                          "a 16#ff 1&2 1|2 c# 1.2>3 '1'>2",
                                          "a '>b' \"#c\" \";\" 'd;' \"$(e)\" '`f`'",
                                          "a $b $ (c) ${d:-e} '$'(",
                                          "a b;''",
                                          "a '\n;\n'",
                                          "" };
    struct text none = { NULL, 0, 0 };
    const char *why;

    (void)state;
    for (size_t i = 0; i < COUNT(noticed); i++) {
        assert_true(words_split(noticed[i], strlen(noticed[i]), &none, &why) > 0);
        assert_string_equal(why, "is for a shell, and there is none: quote it, or give the option twice");
    }
    for (size_t i = 0; i < COUNT(passed); i++) {
        assert_true(words_split(passed[i], strlen(passed[i]), &none, &why) >= 0);
        assert_null(why);
    }
}

/* A reference that goes by one byte at a time and knows no escapes: what both know, both read alike. */
static void words_without_escapes_are_as_a_simple_reader_has_them(void **state)
{
    static const char alphabet[] = "a '\"";
    char string[7] = "";

    (void)state;
    for (int n = 0; n < 4 * 4 * 4 * 4 * 4 * 4; n++) {
        char expected[64] = "", quote = 0;
        bool inside = false;
        for (int i = 0, rest = n; i < 6; i++, rest /= 4) {
            char c = string[i] = alphabet[rest % 4];
            bool blank = c == ' ' && !quote;
            if (!blank && !inside)
                strcat(expected, "[");
            if (blank && inside)
                strcat(expected, "]");
            inside = !blank;
            if (blank || c == quote || (!quote && (c == '\'' || c == '"'))) {
                quote = blank ? quote : quote ? 0 : c;
                continue;
            }
            size_t length = strlen(expected);
            expected[length] = c;
            expected[length + 1] = '\0';
        }
        if (inside)
            strcat(expected, "]");
        assert_string_equal(split(string), quote ? "has a quote without an end" : expected);
    }
}

/* What stands behind the LENGTH bytes is not read. */
static void words_end_where_they_are_said_to(void **state)
{
    static const char string[] = "ab 'c d' \\x41";
    struct text none = { NULL, 0, 0 };
    const char *why;

    (void)state;
    for (size_t length = 0; length < sizeof string; length++)
        words_split(guarded(string, length), length, &none, &why);
}

static void limits_are_read_as_prlimit_names_them(void **state)
{
    static const struct {
        const char *string;
        int resource;
        uint64_t soft, hard;
    } good[] = {
        { "nofile=1024", RLIMIT_NOFILE, 1024, 1024 },
        { "nofile=1:2", RLIMIT_NOFILE, 1, 2 },
        { "core=0:unlimited", RLIMIT_CORE, 0, UINT64_MAX },
        { "memlock=unlimited", RLIMIT_MEMLOCK, UINT64_MAX, UINT64_MAX },
        { "as=0", RLIMIT_AS, 0, 0 },
        { "sigpending=7", RLIMIT_SIGPENDING, 7, 7 },
        { "stack=99999999999999999", RLIMIT_STACK, 99999999999999999, 99999999999999999 },
    };
    static const char *const bad[] = { "nofile",       "nofile=",
                                       "nofile=:1",    "nofile=1:",
                                       "nofile=2:1",   "=1",
                                       "NOFILE=1",     "nofile=-1",
                                       "nofile=1:2:3", "nofile=unlimited:1",
                                       "nofile=1k",    "files=1",
                                       "nofile =1",    "nofile=1000000000000000000" };
    struct limit limit;

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(limit_parse(good[i].string, strlen(good[i].string), &limit));
        assert_int_equal(limit.resource, good[i].resource);
        assert_true(limit.values.soft == good[i].soft && limit.values.hard == good[i].hard);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(limit_parse(bad[i], strlen(bad[i]), &limit));
    assert_true(limit_parse("nofile=12", 8, &limit));
    assert_int_equal(limit.values.soft, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_what_blanks_separate_and_quotes_hold_together),
        cmocka_unit_test(what_only_a_shell_takes_for_more_than_a_word_is_noticed),
        cmocka_unit_test(words_without_escapes_are_as_a_simple_reader_has_them),
        cmocka_unit_test(words_end_where_they_are_said_to),
        cmocka_unit_test(limits_are_read_as_prlimit_names_them),
    };

    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
