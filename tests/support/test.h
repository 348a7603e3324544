/*
 * What every test begins with: cmocka, and assertions that show both sides when they fail.
 *
 * A failure says what was found and what was wanted, what the program that ended last has printed, and the line of the
 * test, also where a function of tests/support has failed, or one of the test's own that several tests call.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include "support/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* --- of a run ---------------------------------------------------------------------------------- */

/* RUN, a const struct run_result *, ended with STATUS. */
#define assert_status(run, status) test_status((run), (status), TEST_HERE)

/* Its stdout has TEXT in it, or has not; its stderr has. */
#define assert_says(run, text)      test_says((run), (text), true, TEST_HERE)
#define assert_says_not(run, text)  test_says((run), (text), false, TEST_HERE)
#define assert_complains(run, text) test_complains((run), (text), TEST_HERE)

/* --- of strings and numbers -------------------------------------------------------------------- */

/* STRING has TEXT in it, has it not, has it so often. */
#define assert_has(string, text)          test_has((string), (text), true, #string, TEST_HERE)
#define assert_lacks(string, text)        test_has((string), (text), false, #string, TEST_HERE)
#define assert_count(string, text, count) test_count((string), (text), (size_t)(count), #string, TEST_HERE)

#define assert_at_least(value, least) test_range((intmax_t)(value), (intmax_t)(least), INTMAX_MAX, #value, TEST_HERE)
#define assert_at_most(value, most)   test_range((intmax_t)(value), INTMAX_MIN, (intmax_t)(most), #value, TEST_HERE)

/* cmocka's own print numbers in base 16, and a message where no line of the test is named. */
#undef assert_true
#undef assert_false
#undef assert_null
#undef assert_non_null
#undef assert_int_equal
#undef assert_int_not_equal
#undef assert_in_range
#undef assert_string_equal
#undef assert_memory_equal
#undef fail_msg
#define assert_true(condition)               test_true(!!(condition), #condition " does not hold", TEST_HERE)
#define assert_false(condition)              test_true(!(condition), #condition " holds", TEST_HERE)
#define assert_null(pointer)                 test_true(!(pointer), #pointer " is not NULL", TEST_HERE)
#define assert_non_null(pointer)             test_true(!!(pointer), #pointer " is NULL", TEST_HERE)
#define assert_int_equal(a, b)               test_equal((intmax_t)(a), (intmax_t)(b), #a, #b, TEST_HERE)
#define assert_int_not_equal(a, b)           test_true((intmax_t)(a) != (intmax_t)(b), #a " is " #b, TEST_HERE)
#define assert_in_range(value, a, b)         test_range((intmax_t)(value), (intmax_t)(a), (intmax_t)(b), #value, TEST_HERE)
#define assert_string_equal(got, want)       test_string((got), (want), #got, TEST_HERE)
#define assert_memory_equal(got, want, size) test_memory((got), (want), (size), #got, TEST_HERE)
#define fail_msg(...)                        test_fail(TEST_HERE, __VA_ARGS__)

/* --- what these are made of -------------------------------------------------------------------- */

#define TEST_HERE __FILE__, __LINE__

/* Fails the test that runs, with a message (printf(3)) of one line or more. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Remembers how a program ended, for the next failure: COMMAND and what it printed are copied. */
void test_saw(const char *command, int status, const char *out, const char *err);

void test_status(const struct run_result *run, int status, const char *file, int line);
void test_says(const struct run_result *run, const char *text, bool wanted, const char *file, int line);
void test_complains(const struct run_result *run, const char *text, const char *file, int line);
void test_has(const char *string, const char *text, bool wanted, const char *name, const char *file, int line);
void test_count(const char *string, const char *text, size_t count, const char *name, const char *file, int line);
void test_string(const char *got, const char *wanted, const char *name, const char *file, int line);
void test_memory(const void *got, const void *wanted, size_t size, const char *name, const char *file, int line);
void test_range(intmax_t value, intmax_t least, intmax_t most, const char *name, const char *file, int line);
void test_equal_failed(intmax_t a, intmax_t b, const char *name, const char *wanted, const char *file, int line);

/* In line, as some tests compare millions of times. */
static inline void test_true(bool holds, const char *otherwise, const char *file, int line)
{
    if (!holds)
        test_fail(file, line, "%s", otherwise);
}

static inline void test_equal(intmax_t a, intmax_t b, const char *name, const char *wanted, const char *file, int line)
{
    if (a != b)
        test_equal_failed(a, b, name, wanted, file, line);
}

#endif
