/* What the options of healthcheck leave in a configuration. */
#include "healthcheck/conf.h"
#include "support/test.h"

#include <stddef.h>

/* But for the lists at its end, of which the counts tell what is there. */
static void nothing_is_left_of_what_was_in_the_memory(void **state)
{
    static char *argv[] = { (char *)"healthcheck", (char *)"tcp://localhost:1", NULL };
    static char *environment[] = { NULL };
    static struct check_conf a, b;

    (void)state;
    memset(&a, 0x55, sizeof a);
    memset(&b, 0xaa, sizeof b);
    assert_true(options_parse(&a, 2, argv, environment) && options_parse(&b, 2, argv, environment));
    assert_memory_equal(&a, &b, offsetof(struct check_conf, headers));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_of_what_was_in_the_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
