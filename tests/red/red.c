/* Tests that fail, so that test_red sees what is told of a failure. */
#include "support/stream.h"
#include "support/test.h"

#include <unistd.h>

static const struct run_result *say_hello(void)
{
    return run(NULL, (char *[]){ "sh", "-c", "echo hello; echo oops >&2; exit 3", NULL });
}

static void expect_goodbye(const struct run_result *result)
{
    assert_says(result, "goodbye\n");
}

static void a_status(void **state)
{
    (void)state;
    assert_status(say_hello(), 0);
}

static void a_text_that_a_function_of_the_test_looks_for(void **state)
{
    (void)state;
    expect_goodbye(say_hello());
}

static void a_string(void **state)
{
    (void)state;
    assert_string_equal("one\ntwo\n", "one\nthree\n");
}

static void expect_zeros(const char *bytes)
{
    assert_memory_equal(bytes, "\0\0\0", 3);
}

static void bytes_that_a_function_of_the_test_looks_for(void **state)
{
    (void)state;
    expect_zeros("\0\0\1");
}

static void a_count(void **state)
{
    (void)state;
    assert_count("got 15\ngot 15\n", "got 15", 3);
}

static void a_number(void **state)
{
    const int limit = 24;

    (void)state;
    assert_int_equal(16 + 16, limit);
}

static void what_a_function_of_the_support_awaits(void **state)
{
    static struct stream stream;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    close(ends[1]);
    stream_open(&stream, ends[0]);
    stream_await(&stream, "ready\n");
}

static void the_first_of_several(void **state)
{
    (void)state;
    fail_msg("this is %s", "told");
}

static void the_second_of_several(void **state)
{
    (void)state;
    fail_msg("this is %s", "not");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_status),
        cmocka_unit_test(a_text_that_a_function_of_the_test_looks_for),
        cmocka_unit_test(a_string),
        cmocka_unit_test(bytes_that_a_function_of_the_test_looks_for),
        cmocka_unit_test(a_count),
        cmocka_unit_test(a_number),
        cmocka_unit_test(what_a_function_of_the_support_awaits),
        cmocka_unit_test(the_first_of_several),
        cmocka_unit_test(the_second_of_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
