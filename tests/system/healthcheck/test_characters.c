/* The characters that healthcheck brings along are those of the libc that it is linked with. */
#include "support/run.h"
#include "support/test.h"

enum { PATH_SIZE = 512 };

/* What a child prints. */
static const char *printed_by(const char *child)
{
    const char *children = getenv("PITH_CHILDREN");
    char path[PATH_SIZE];
    char *const argv[] = { path, NULL };

    snprintf(path, sizeof path, "%s/%s", children ? children : "build/amd64/tests/child", child);
    const struct run_result *result = run(NULL, argv);
    assert_status(result, 0);
    assert_true(result->out_length > 0 && result->out_length < RUN_OUTPUT_MAX);
    return result->out;
}

static void bytes_and_expressions_are_what_they_are_to_libc(void **state)
{
    char *expected = strdup(printed_by("characters"));

    (void)state;
    assert_string_equal(printed_by("characters_own"), expected);
    free(expected);
}

/* The half that both could have wrong: without a locale, no byte beyond ASCII is a letter. */
static void only_ascii_has_letters(void **state)
{
    const char *printed = printed_by("characters_own");

    (void)state;
    assert_has(printed, "\n41: 1 41, 1 41 0, 61 41, alnum alpha graph print upper xdigit\n");
    assert_has(printed, "\ne9: 1 dfe9, 1 dfe9 0, dfe9 dfe9,\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_expressions_are_what_they_are_to_libc),
        cmocka_unit_test(only_ascii_has_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
