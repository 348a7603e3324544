/* Waits that are interrupted without a signal, without a process. */
#include "init/signals.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "support/test.h"

/* Interruptions, one each EVERY ns from START on: how many of MOST are taken before they are too many. */
static int taken(int64_t start, int64_t every, int most)
{
    struct interruptions interruptions = { 0 };
    int count = 0;

    while (count < most && interruptions_are_few(&interruptions, start + count * every))
        count++;
    return count;
}

/* A container may be paused after each request that it answers, and for years. */
static void pauses_are_few_however_long_the_container_lives(void **state)
{
    const int64_t starts[] = { 0, NS_PER_S, INT64_C(1000000) * NS_PER_S };

    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        assert_int_equal(taken(starts[i], NS_PER_MS, 10 * INTERRUPTIONS_MAX), 10 * INTERRUPTIONS_MAX);
        assert_int_equal(taken(starts[i], NS_PER_S, 10 * INTERRUPTIONS_MAX), 10 * INTERRUPTIONS_MAX);
    }
}

/* Ten seconds are time enough for init to notice, however slow the machine is; the clock may even stand still. */
static void a_call_that_never_succeeds_is_not_made_for_ever(void **state)
{
    (void)state;
    assert_int_equal(taken(NS_PER_S, 100000, 10 * INTERRUPTIONS_MAX), INTERRUPTIONS_MAX - 1);
    assert_int_equal(taken(NS_PER_S, 100, 10 * INTERRUPTIONS_MAX), INTERRUPTIONS_MAX - 1);
    assert_int_equal(taken(0, 0, 10 * INTERRUPTIONS_MAX), INTERRUPTIONS_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pauses_are_few_however_long_the_container_lives),
        cmocka_unit_test(a_call_that_never_succeeds_is_not_made_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
