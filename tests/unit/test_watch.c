/* The timing of --watch, and what is heard of a probe, without a process. */
#include "init/probe.h"
#include "init/watch.h"
#include "pith/duration.h"
#include "support/test.h"

static struct init_conf conf;
static struct watch watch;

static void start(struct init_conf with)
{
    conf = with;
    conf.watch_target = ":1";
    conf.watch_interval = 100;
    conf.watch_timeout = 10;
    watch_start(&watch, &conf, 1000);
}

/* One whole probe: what came of it. */
static enum watch_action probe(bool healthy)
{
    int64_t now = watch.deadline;

    assert_int_equal(watch_due(&watch, now), WATCH_START);
    return watch_probed(&watch, healthy, now + 1);
}

static void the_first_probe_comes_one_interval_after_the_start(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1 });
    assert_int_equal(watch.deadline, 1100);
}

static void the_next_probe_comes_one_interval_after_the_last_has_ended(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1 });
    probe(true);
    assert_int_equal(watch.deadline, 1201);
}

static void without_a_target_there_is_no_probe(void **state)
{
    (void)state;
    conf = (struct init_conf){ .watch_interval = 100 };
    watch_start(&watch, &conf, 1000);
    assert_true(watch.deadline == TIME_NEVER);
}

static void only_failures_in_a_row_count(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 2 });
    assert_int_equal(probe(false), WATCH_NOTHING);
    assert_int_equal(probe(true), WATCH_NOTHING);
    assert_int_equal(probe(false), WATCH_NOTHING);
    assert_int_equal(probe(false), WATCH_UNHEALTHY);
}

static void failures_within_the_start_period_do_not_count_until_one_probe_passes(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1, .watch_start_period = 350 });
    assert_int_equal(probe(false), WATCH_NOTHING);
    assert_int_equal(probe(false), WATCH_NOTHING);
    assert_int_equal(probe(false), WATCH_NOTHING);
    assert_int_equal(probe(false), WATCH_UNHEALTHY);
    start((struct init_conf){ .watch_retries = 1, .watch_start_period = 350 });
    assert_int_equal(probe(true), WATCH_NOTHING);
    assert_int_equal(probe(false), WATCH_UNHEALTHY);
}

static void a_failure_at_the_end_of_the_start_period_counts(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1, .watch_start_period = 102 });
    assert_int_equal(probe(false), WATCH_NOTHING); /* at 1101 */
    start((struct init_conf){ .watch_retries = 1, .watch_start_period = 101 });
    assert_int_equal(probe(false), WATCH_UNHEALTHY);
}

static void a_probe_that_hangs_is_killed_once_and_counts_as_a_failure(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1 });
    assert_int_equal(watch_due(&watch, 1100), WATCH_START);
    assert_true(watch.deadline > 1110 && watch.deadline < 1110 + NS_PER_S);
    assert_int_equal(watch_due(&watch, watch.deadline), WATCH_KILL);
    assert_true(watch.deadline == TIME_NEVER);
    assert_int_equal(watch_probed(&watch, false, 2000), WATCH_UNHEALTHY);
}

static void after_the_end_no_probe_starts_and_the_last_one_says_nothing(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1 });
    watch_due(&watch, 1100);
    watch_end(&watch);
    assert_true(watch.deadline != TIME_NEVER);
    assert_int_equal(watch_probed(&watch, false, 1105), WATCH_NOTHING);
    assert_true(watch.deadline == TIME_NEVER);
}

static void after_the_end_a_probe_that_was_due_is_not_started(void **state)
{
    (void)state;
    start((struct init_conf){ .watch_retries = 1 });
    watch_end(&watch);
    assert_true(watch.deadline == TIME_NEVER);
}

/* Where no pipe could be had. */
static void a_probe_that_cannot_be_heard_has_said_nothing(void **state)
{
    static struct probe deaf = { .says = -1 };
    char line[PROBE_LINE] = "what stood here before";

    (void)state;
    assert_string_equal(probe_line(&deaf, line), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_probe_comes_one_interval_after_the_start),
        cmocka_unit_test(the_next_probe_comes_one_interval_after_the_last_has_ended),
        cmocka_unit_test(without_a_target_there_is_no_probe),
        cmocka_unit_test(only_failures_in_a_row_count),
        cmocka_unit_test(failures_within_the_start_period_do_not_count_until_one_probe_passes),
        cmocka_unit_test(a_failure_at_the_end_of_the_start_period_counts),
        cmocka_unit_test(a_probe_that_hangs_is_killed_once_and_counts_as_a_failure),
        cmocka_unit_test(after_the_end_no_probe_starts_and_the_last_one_says_nothing),
        cmocka_unit_test(after_the_end_a_probe_that_was_due_is_not_started),
        cmocka_unit_test(a_probe_that_cannot_be_heard_has_said_nothing),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
