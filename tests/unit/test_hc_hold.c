/* The decisions of --hold, without a process and without waiting; and what makes a probe the same one. */
#include "healthcheck/hold.h"
#include "healthcheck/identity.h"
#include "pith/duration.h"
#include "support/test.h"

enum { START = 1000 };

static const struct hold_pace pace = { .duration = 10 * NS_PER_S, .interval = NS_PER_S, .timeout = 2 * NS_PER_S };
static struct hold hold;
static int64_t now;

static void begin(bool stays)
{
    now = START;
    hold_begin(&hold, &pace, stays, now);
}

/* A try that begins when it is due and takes so long. */
static enum hold_action try_for(bool healthy, int64_t ns)
{
    struct hold_try try = { .start = now, .healthy = healthy };

    if (hold.tries > 0)
        try.start = now = hold.next;
    try.over = now += ns;
    return hold_judge(&hold, &try);
}

static enum hold_action try_once(bool healthy)
{
    return try_for(healthy, NS_PER_MS);
}

static void an_unhealthy_first_try_is_the_end(void **state)
{
    (void)state;
    begin(false);
    assert_int_equal(try_once(false), HOLD_LEAVE_UNHEALTHY);
    begin(true);
    assert_int_equal(try_once(false), HOLD_LEAVE_UNHEALTHY);
}

static void a_healthy_run_that_follows_no_healthy_one_leaves_at_once(void **state)
{
    (void)state;
    begin(false);
    assert_int_equal(try_once(true), HOLD_LEAVE_HEALTHY);
}

static void a_healthy_run_that_follows_a_healthy_one_stays(void **state)
{
    (void)state;
    begin(true);
    assert_int_equal(try_once(true), HOLD_TRY);
    assert_true(hold.next == now + NS_PER_S); /* one interval after the end of the last one */
}

static void the_first_failure_ends_it(void **state)
{
    (void)state;
    begin(true);
    for (int i = 0; i < 5; i++)
        assert_int_equal(try_once(true), HOLD_TRY);
    assert_int_equal(try_for(false, pace.timeout), HOLD_LEAVE_UNHEALTHY);
    assert_int_equal(hold.tries, 6);
}

/* Whatever takes how long: the end is that of a try, and there is one when the time has come. */
static void it_leaves_after_a_try_at_the_end(void **state)
{
    static const int64_t spans[] = { 0, NS_PER_MS, 700 * NS_PER_MS, 2 * NS_PER_S };

    (void)state;
    for (size_t i = 0; i < COUNT(spans); i++) {
        begin(true);
        while (try_for(true, spans[i]) == HOLD_TRY)
            assert_true(hold.next > now - 1 && hold.next <= hold.end);
        assert_true(now >= hold.end && now <= hold.end + spans[i]);
    }
}

static void tries_are_counted(void **state)
{
    (void)state;
    begin(true);
    while (try_for(true, 0) == HOLD_TRY)
        ;
    assert_int_equal(hold.tries, 11);
}

/* SIGSTOP between two tries: what the last one said is too old to leave with, and nothing is made up for. */
static void a_suspension_between_tries_ends_in_one_more_try(void **state)
{
    (void)state;
    begin(true);
    try_once(true);
    hold.next += 3600 * NS_PER_S; /* when it goes on */
    assert_int_equal(try_once(true), HOLD_LEAVE_HEALTHY);
    assert_int_equal(hold.tries, 2);
    begin(true);
    try_once(true);
    hold.next += 3600 * NS_PER_S;
    assert_int_equal(try_once(false), HOLD_LEAVE_UNHEALTHY);
    begin(true);
    try_once(true);
    hold.next += 5 * NS_PER_S;
    assert_int_equal(try_once(true), HOLD_TRY);
    assert_true(hold.next == now + NS_PER_S);
}

/* The deadline passed while nobody could have held it. */
static void a_try_that_was_suspended_says_nothing_and_is_made_again_at_once(void **state)
{
    (void)state;
    begin(true);
    try_once(true);
    assert_int_equal(try_for(false, 3600 * NS_PER_S), HOLD_TRY);
    assert_true(hold.next == now);
    assert_int_equal(try_once(true), HOLD_LEAVE_HEALTHY); /* an hour is more than its time */
    begin(true);
    try_once(true);
    assert_int_equal(try_for(false, 3 * NS_PER_S), HOLD_TRY);
    assert_int_equal(try_once(true), HOLD_TRY);
    assert_int_equal(try_for(false, 3 * NS_PER_S), HOLD_TRY); /* another time */
    assert_int_equal(try_once(false), HOLD_LEAVE_UNHEALTHY);
}

static void a_try_is_not_made_again_twice_in_a_row(void **state)
{
    (void)state;
    begin(true);
    try_once(true);
    assert_int_equal(try_for(false, 3 * NS_PER_S), HOLD_TRY);
    assert_int_equal(try_for(false, 3 * NS_PER_S), HOLD_LEAVE_UNHEALTHY);
}

static void a_try_that_ends_at_its_deadline_was_not_suspended(void **state)
{
    (void)state;
    begin(true);
    try_once(true);
    assert_int_equal(try_for(false, pace.timeout + 30 * NS_PER_MS), HOLD_LEAVE_UNHEALTHY);
}

static void the_first_try_is_never_made_again(void **state)
{
    (void)state;
    begin(true);
    assert_int_equal(try_for(false, 3600 * NS_PER_S), HOLD_LEAVE_UNHEALTHY);
}

static void a_rival_ends_it_and_changes_no_verdict(void **state)
{
    struct hold_try try = { .start = START, .over = START + 1, .healthy = true, .rival = true };

    (void)state;
    begin(true);
    assert_int_equal(hold_judge(&hold, &try), HOLD_LEAVE_HEALTHY);
    begin(true);
    try.healthy = false;
    assert_int_equal(hold_judge(&hold, &try), HOLD_LEAVE_UNHEALTHY);
}

/* Times that a clock never shows overflow nothing. */
static void the_longest_durations_do_not_wrap(void **state)
{
    const struct hold_pace longest = { TIME_NEVER, TIME_NEVER, TIME_NEVER };
    const struct hold_try try = { .start = TIME_NEVER - 2, .over = TIME_NEVER - 1, .healthy = true };

    (void)state;
    hold_begin(&hold, &longest, true, TIME_NEVER - 2);
    assert_int_equal(hold_judge(&hold, &try), HOLD_TRY);
    assert_true(hold.next == TIME_NEVER);
}

/* Every sequence of six tries, each of which is healthy or not, on time or late, with a rival or without. */
static void no_sequence_of_tries_is_judged_otherwise(void **state)
{
    enum { LENGTH = 6, KINDS = 8 };

    (void)state;
    for (int code = 0; code < 1 << (3 * LENGTH); code++) {
        bool excused = false;
        begin(code & 1);
        for (int i = 0; i < LENGTH; i++) {
            int kind = code >> (3 * i) & (KINDS - 1);
            struct hold_try try = { .start = now, .healthy = kind & 1, .rival = kind & 4 };
            try.over = now += kind & 2 ? 3 * NS_PER_S : NS_PER_MS;
            enum hold_action action = hold_judge(&hold, &try);
            excused = i > 0 && !try.healthy && (kind & 2) && !excused;
            assert_true((action == HOLD_LEAVE_UNHEALTHY) == (!try.healthy && !excused));
            assert_true(action != HOLD_LEAVE_HEALTHY || try.healthy);
            assert_true(action != HOLD_TRY || hold.stays);
            if (action != HOLD_TRY)
                break;
            assert_true(hold.next >= now && hold.next <= now + NS_PER_S);
            assert_true(excused || !try.rival);
            now = hold.next;
        }
    }
}

/* --- which probe it is ------------------------------------------------------------------------------- */

static uint64_t identity(const char *words, const char *variables, const char *target)
{
    static struct check_conf conf;
    char *argv[8] = { (char *)"/healthcheck" }, *environment[8] = { NULL };
    char argv_bytes[256], environment_bytes[256], *rest = strcpy(argv_bytes, words);
    size_t n = 1;

    for (char *word; (word = strsep(&rest, "|")) && *word;)
        argv[n++] = word;
    rest = strcpy(environment_bytes, variables);
    n = 0;
    for (char *word; (word = strsep(&rest, "|")) && *word;)
        environment[n++] = word;
    conf.argv = argv;
    conf.targets[0] = target;
    conf.target_count = 1;
    return identity_of(&conf, environment);
}

static void options_and_targets_tell_probes_apart(void **state)
{
    static const char *const rows[][3] = {
        { "--hold|10m|:80", "", ":80" },
        { "--hold|10m|:81", "", ":81" },
        { "--hold|10m|:80/", "", ":80/" },
        { "--hold|11m|:80", "", ":80" },
        { "--hold|10m|-v|:80", "", ":80" },
        { "--hold|1|0m|:80", "", ":80" },
        { "--hold|10m", "", ":80" },
        { "--hold|10m", "", ":81" },
        { "--hold|10m|:80", "HEALTHCHECK_TIMEOUT=1s", ":80" },
        { "--hold|10m|:80", "HEALTHCHECK_TIMEOUT=2s", ":80" },
        { "--hold|10m|:80", "HEALTHCHECK_SERVERNAME=2s", ":80" },
        { "", "HEALTHCHECK_HOLD=10m", ":80" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(identity(rows[i][0], rows[i][1], rows[i][2]) == identity(rows[i][0], rows[i][1], rows[i][2]));
        for (size_t j = 0; j < i; j++)
            if (identity(rows[i][0], rows[i][1], rows[i][2]) == identity(rows[j][0], rows[j][1], rows[j][2]))
                fail_msg("rows %zu and %zu are the same", i, j);
    }
}

static void the_order_of_variables_and_other_variables_make_no_difference(void **state)
{
    (void)state;
    uint64_t one = identity("--hold|10m", "HEALTHCHECK_TIMEOUT=1s|HEALTHCHECK_INTERVAL=2s", ":80");
    assert_true(one == identity("--hold|10m", "HEALTHCHECK_INTERVAL=2s|HEALTHCHECK_TIMEOUT=1s", ":80"));
    assert_true(one == identity("--hold|10m", "A=B|HEALTHCHECK_INTERVAL=2s|HEALTHCHECK_TIMEOUT=1s|TERM=xterm", ":80"));
}

/* The number is for everybody to see, and a guess at a password could be tried on it. */
static void secrets_of_variables_and_of_what_expands_are_left_out(void **state)
{
    (void)state;
    uint64_t one = identity("--hold|10m", "HEALTHCHECK_USER=a:b|HEALTHCHECK_HEADER=A: b", "http://u:p@localhost/");
    assert_true(one == identity("--hold|10m", "HEALTHCHECK_USER=a:c|HEALTHCHECK_HEADER=A: c", "http://u:q@localhost/"));
    assert_true(one == identity("--hold|10m", "HEALTHCHECK_TARGET=http://u:p@localhost/", "http://u:p@localhost/"));
    /* the user's own, for a `${HEALTHCHECK_TOKEN}` */
    assert_true(one == identity("--hold|10m", "HEALTHCHECK_TOKEN=a|HEALTHCHECK_USER_AGENT=b", "http://u:p@localhost/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_unhealthy_first_try_is_the_end),
        cmocka_unit_test(a_healthy_run_that_follows_no_healthy_one_leaves_at_once),
        cmocka_unit_test(a_healthy_run_that_follows_a_healthy_one_stays),
        cmocka_unit_test(the_first_failure_ends_it),
        cmocka_unit_test(it_leaves_after_a_try_at_the_end),
        cmocka_unit_test(tries_are_counted),
        cmocka_unit_test(a_suspension_between_tries_ends_in_one_more_try),
        cmocka_unit_test(a_try_that_was_suspended_says_nothing_and_is_made_again_at_once),
        cmocka_unit_test(a_try_is_not_made_again_twice_in_a_row),
        cmocka_unit_test(a_try_that_ends_at_its_deadline_was_not_suspended),
        cmocka_unit_test(the_first_try_is_never_made_again),
        cmocka_unit_test(a_rival_ends_it_and_changes_no_verdict),
        cmocka_unit_test(the_longest_durations_do_not_wrap),
        cmocka_unit_test(no_sequence_of_tries_is_judged_otherwise),
        cmocka_unit_test(options_and_targets_tell_probes_apart),
        cmocka_unit_test(the_order_of_variables_and_other_variables_make_no_difference),
        cmocka_unit_test(secrets_of_variables_and_of_what_expands_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
