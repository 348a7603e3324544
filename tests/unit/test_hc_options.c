/* What the options of healthcheck leave in a configuration. */
#include "healthcheck/conf.h"
#include "pith/option.h"
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

/* Nobody waits or stays for a time of 0: such a probe is as plain, and as cheap, as without the option. */
static void a_probe_repeats_where_it_is_told_a_time_to_do_so(void **state)
{
    static const struct {
        const char *options[2];
        bool repeats;
    } rows[] = {
        { { "--wait=1s", NULL }, true },         { { "--wait=0", NULL }, false },
        { { "--hold=1s", NULL }, true },         { { "--hold=0", NULL }, false },
        { { "--wait=1s", "--wait=0" }, false },  { { "--hold=1s", "--hold=0" }, false },
        { { "--wait=1s", "--hold=0" }, true },   { { "--hold=1s", "--wait=0" }, true },
        { { "--wait=1s", "--dry-run" }, false }, { { "-q", NULL }, false },
    };
    static char *environment[] = { NULL };
    static struct check_conf conf;

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *argv[] = { (char *)"healthcheck", (char *)"tcp://localhost:1", (char *)(uintptr_t)rows[i].options[0],
                         (char *)(uintptr_t)rows[i].options[1], NULL };
        if (!options_parse(&conf, rows[i].options[1] ? 4 : 3, argv, environment) || conf.repeats != rows[i].repeats)
            fail_msg("%s %s", rows[i].options[0], rows[i].options[1] ? rows[i].options[1] : "");
    }
}

/* As for cat(1) and many others it is no option. */
static void a_hyphen_alone_is_an_operand(void **state)
{
    static char *argv[] = { (char *)"healthcheck", (char *)"-", NULL }, *environment[] = { NULL };
    static struct check_conf conf;

    (void)state;
    assert_true(options_parse(&conf, 2, argv, environment));
    assert_int_equal(conf.target_count, 1);
    assert_string_equal(conf.targets[0], "-");
}

/* `  -x, --name VALUE`, or `      --name`, and from one column on what it does, on the next line where it needs room.
 */
static void the_help_has_options_on_the_left_and_what_they_do_in_a_column(void **state)
{
    enum { COLUMN = 30 };
    static char bytes[16384];
    struct text out = { bytes, sizeof bytes, 0 };
    size_t rows = 0;

    (void)state;
    option_help(&check_options, &out);
    assert_true(out.length < sizeof bytes);
    bytes[out.length - strlen(check_options.epilogue)] = '\0';
    for (char *line = strtok(bytes + strlen(check_options.usage), "\n"); line; line = strtok(NULL, "\n")) {
        size_t blank = strspn(line, " ");
        bool letter = blank == 2 && line[2] == '-' && (is_letter(line[3]) || is_digit(line[3])) &&
                      strncmp(line + 4, ", --", 4) == 0;
        bool option = letter || (blank == 6 && strncmp(line + 6, "--", 2) == 0);
        bool in_column = strlen(line) > COLUMN && line[COLUMN - 1] == ' ' && line[COLUMN] != ' ';
        if (!(option && is_letter(line[8])) && blank != COLUMN)
            fail_msg("'%s' is neither an option nor what one does", line);
        if (option && !in_column && strlen(line) < COLUMN)
            fail_msg("'%s' does not say what it does, and has room for it", line);
        rows += option;
    }
    assert_int_equal(rows, check_options.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_of_what_was_in_the_memory),
        cmocka_unit_test(a_hyphen_alone_is_an_operand),
        cmocka_unit_test(the_help_has_options_on_the_left_and_what_they_do_in_a_column),
        cmocka_unit_test(a_probe_repeats_where_it_is_told_a_time_to_do_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
