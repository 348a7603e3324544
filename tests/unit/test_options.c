/* init's option table, its setters, its signals and its personas. */
#include "init/options.h"

#include "init/steps/steps.h"
#include "init/user.h"
#include "pith/duration.h"
#include "pith/option.h"
#include "support/test.h"

#include <fcntl.h>
#include <unistd.h>

#define NONE ((char *const[]){ NULL })

static struct init_conf conf;

/* Parses with stderr turned away: what is said there is the system tests' matter. */
static bool load(char *const argv[], char *const environment[])
{
    int argc = 0, saved = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);

    while (argv[argc])
        argc++;
    dup2(null, STDERR_FILENO);
    conf = (struct init_conf){ .persona = persona_find(argv[0]) };
    bool good = options_parse(&conf, argc, argv, environment);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(null);
    return good;
}

#define ARGV(...) ((char *const[]){ "init", __VA_ARGS__, NULL })
#define ENV(...)  ((char *const[]){ __VA_ARGS__, NULL })

static void the_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < init_options.count; i++) {
        const struct option *row = &init_options.rows[i];
        size_t until_help = text_until(row->text, '\t');
        assert_true(row->set && until_help > 0 && row->text[until_help]);
        assert_true(!row->letter || is_letter(row->letter));
        const char *help = row->text + until_help + 1;
        assert_true(*help && text_until(help, '\t') == strlen(help));
        char name[64];
        text_copy(name, sizeof name, row->text,
                  text_until(row->text, ' ') < until_help ? text_until(row->text, ' ') : until_help);
        assert_true(option_find(&init_options, name) == row);
        assert_true((row->kind == OPTION_VALUE || row->kind == OPTION_ACTION_VALUE) ==
                    (text_until(row->text, ' ') < until_help));
        assert_true(strlen(help) <= 50);
        for (size_t j = 0; j < i; j++)
            assert_true(!row->letter || init_options.rows[j].letter != row->letter);
    }
    assert_at_most(init_options.count, 64);
}

static void options_end_at_command(void **state)
{
    (void)state;
    assert_true(load(ARGV("-g", "app", "-h", "--help"), NONE));
    assert_true(conf.group);
    assert_string_equal(conf.command[0], "app");
    assert_string_equal(conf.command[1], "-h");
    assert_true(load(ARGV("-v", "--", "-app"), NONE));
    assert_string_equal(conf.command[0], "-app");
}

static void values_stand_in_every_customary_place(void **state)
{
    (void)state;
    assert_true(load(ARGV("-k5s", "app"), NONE) && conf.grace == 5 * NS_PER_S);
    assert_true(load(ARGV("-k", "5s", "app"), NONE) && conf.grace == 5 * NS_PER_S);
    assert_true(load(ARGV("--grace=5s", "app"), NONE) && conf.grace == 5 * NS_PER_S);
    assert_true(load(ARGV("--grace", "5s", "app"), NONE) && conf.grace == 5 * NS_PER_S);
    assert_true(load(ARGV("-gvk", "5s", "app"), NONE) && conf.group && conf.verbosity == 1 && conf.cleans);
}

static void bad_usage_is_refused(void **state)
{
    char *const *const bad[] = {
        ARGV("--grace"),
        ARGV("-k"),
        ARGV("--group=1", "app"),
        ARGV("--nope", "app"),
        ARGV("-Z", "app"),
        ARGV("--"),
        ARGV("-g"),
        ARGV("--gra", "1s", "app"),
        ARGV("-k", "2x", "app"),
        ARGV("-p", "NOPE", "app"),
        ARGV("-e", "256", "app"),
        ARGV("-e", "5-3", "app"),
        ARGV("-e", "1:256", "app"),
        ARGV("-e", "", "app"),
        ARGV("-r", "TERM", "app"),
        ARGV("-r", "TERM:NOPE", "app"),
        ARGV("-r", "0:TERM", "app"),
        ARGV("-u", ":root", "app"),
        ARGV("-u", "1:", "app"),
        ARGV("-u", "4294967295", "app"),
        ARGV("--watch-retries", "0", "app"),
        ARGV("--watch-interval", "0", "app"),
        ARGV("--watch-interval", "soon", "app"),
        ARGV("--watch", "", "app"),
        ARGV("--file-env", "A=B", "app"),
        ARGV("--file-env", "", "app"),
        ARGV("--exit-report", "", "app"),
        ARGV("--stop-delay", "-1s", "app"),
        ARGV("--watch", "--", "app"),
        ARGV("--exit-report", "--", "app"),
        ARGV("--file-env", "--", "app"),
        /* what has no room is not cut down to what is good */
        ARGV("-u", "00000000000000000000000000000000000000000000000000000000000010001", "app"),
        ARGV("-r", "TERM:00000000000000000000000000000000000000000000000000000000000155", "app"),
        ARGV("-e", "00000000000000000000000000000000000000000000000000000000000000025:3", "app"),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(load(bad[i], NONE));
}

/* A number with so many zeros in front of it that it takes SIZE bytes, in static storage. */
static const char *padded(const char *number, size_t size)
{
    static char text[80];

    memset(text, '0', size);
    strcpy(text + size - strlen(number), number);
    return text;
}

/* 63 bytes are as much as an element may have. */
static void an_element_of_a_list_is_taken_as_a_whole_or_refused(void **state)
{
    (void)state;
    assert_true(load(ARGV("-e", (char *)(uintptr_t)padded("25", 63), "app"), NONE));
    assert_int_equal(conf_map_status(&conf, 25), 0);
    for (size_t size = 64; size < 67; size++)
        assert_false(load(ARGV("-e", (char *)(uintptr_t)padded("25", size), "app"), NONE));
}

static void without_options_the_defaults_are_those_of_the_help(void **state)
{
    (void)state;
    assert_true(load(ARGV("app"), NONE));
    assert_int_equal(conf.watch_interval, 30 * NS_PER_S);
    assert_int_equal(conf.watch_timeout, 3 * NS_PER_S);
    assert_int_equal(conf.watch_retries, 3);
    assert_int_equal(conf.watch_start_period, 0);
}

static void a_flag_beats_its_variable(void **state)
{
    (void)state;
    assert_true(load(ARGV("app"), ENV("PITH_GRACE=7s", "PITH_GROUP=yes", "PITH_VERBOSE=2")));
    assert_true(conf.grace == 7 * NS_PER_S && conf.group && conf.verbosity == 2);
    assert_true(load(ARGV("-k", "1s", "-c", "-v", "app"), ENV("PITH_GRACE=7s", "PITH_GROUP=1", "PITH_VERBOSE=5")));
    assert_true(conf.grace == NS_PER_S && !conf.group && conf.verbosity == 1);
}

static void a_list_on_the_command_line_replaces_that_of_the_variable(void **state)
{
    (void)state;
    assert_true(load(ARGV("-e", "2", "-e", "3:9", "app"), ENV("PITH_EXIT_MAP=1,4-5:6")));
    assert_int_equal(conf_map_status(&conf, 1), 1);
    assert_int_equal(conf_map_status(&conf, 2), 0);
    assert_int_equal(conf_map_status(&conf, 3), 9);
    assert_true(load(ARGV("app"), ENV("PITH_EXIT_MAP=1,4-5:6")));
    assert_int_equal(conf_map_status(&conf, 1), 0);
    assert_int_equal(conf_map_status(&conf, 5), 6);
    assert_int_equal(conf_map_status(&conf, 255), 255);
}

static void a_list_goes_on_behind_other_options(void **state)
{
    (void)state;
    assert_true(load(ARGV("-e", "2", "-g", "-k", "1s", "-e", "3:9", "-v", "-e", "4", "app"), NONE));
    assert_int_equal(conf_map_status(&conf, 2), 0);
    assert_int_equal(conf_map_status(&conf, 3), 9);
    assert_int_equal(conf_map_status(&conf, 4), 0);
    assert_true(load(ARGV("-v", "-g", "-v", "app"), NONE));
    assert_int_equal(conf.verbosity, 2);
    assert_true(load(ARGV("--stop-signal", "USR1", "-g", "--stop-signal", "USR2", "app"), NONE));
    assert_true(conf_is_stop(&conf, SIGUSR1) && conf_is_stop(&conf, SIGUSR2));
}

static void a_bad_variable_is_an_error_even_beside_a_good_flag(void **state)
{
    (void)state;
    assert_false(load(ARGV("-k", "1s", "app"), ENV("PITH_GRACE=soon")));
    assert_false(load(ARGV("app"), ENV("PITH_GROUP=maybe")));
    assert_false(load(ARGV("app"), ENV("PITH_USER=root:")));
}

static void off_empty_and_unknown_variables_do_nothing(void **state)
{
    (void)state;
    assert_true(load(ARGV("app"), ENV("PITH_GROUP=off", "PITH_WARN_ON_REAP=0", "PITH_EXPAND=", "PITH_GRACE=",
                                      "PITH_SERVICE_HOST=10.0.0.1", "PITH_INSTALL=/x", "PITH_GROUPED=1", "PITH_")));
    assert_false(conf.group || conf.warn_on_reap || conf.expand || conf.cleans || conf.install_dir);
}

static void variables_of_the_peers_have_the_peers_meaning(void **state)
{
    (void)state;
    assert_true(load(ARGV("app"), ENV("TINI_SUBREAPER=", "TINI_KILL_PROCESS_GROUP=0", "TINI_VERBOSITY=3")));
    assert_true(conf.subreaper && conf.group && conf.verbosity == 2);
    assert_true(load(ARGV("app"), ENV("TINI_VERBOSITY=12")) && conf.verbosity == 11);
    assert_true(load(ARGV("app"), ENV("TINI_VERBOSITY=no")) && conf.verbosity == -1);
    assert_true(load(ARGV("app"), ENV("TINI_KILL_PROCESS_GROUP=1", "PITH_GROUP=0")));
    assert_false(conf.group);
    assert_true(load(ARGV("app"), ENV("DUMB_INIT_DEBUG=true", "DUMB_INIT_SETSID=no")));
    assert_int_equal(conf.verbosity, 0);
    assert_true(load((char *const[]){ "dumb-init", "app", NULL }, ENV("DUMB_INIT_SETSID=0")));
    assert_false(conf.group || conf.new_session);
}

static void the_name_picks_the_persona(void **state)
{
    static const struct {
        const char *name, *same_as;
    } names[] = { { "tini", "docker-init" },
                  { "tini-static", "tini" },
                  { "podman-init", "catatonit" },
                  { "pith", "init" },
                  { "", "init" },
                  { "tini/", "init" } };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        assert_ptr_equal(persona_find(names[i].name), persona_find(names[i].same_as));
    assert_true(persona_find("dumb-init")->group);
}

static void rewrites_drop_map_and_know_real_time_signals(void **state)
{
    (void)state;
    assert_true(load(ARGV("-r", "TERM:QUIT", "-r", "hup:none", "-r", "RTMIN+3:SIGTERM,usr1:0", "app"), NONE));
    assert_int_equal(conf_rewrite(&conf, SIGTERM), SIGQUIT);
    assert_int_equal(conf_rewrite(&conf, SIGHUP), 0);
    assert_int_equal(conf_rewrite(&conf, 37), SIGTERM);
    assert_int_equal(conf_rewrite(&conf, SIGUSR1), 0);
    assert_int_equal(conf_rewrite(&conf, SIGUSR2), SIGUSR2);
    assert_false(load((char *const[]){ "dumb-init", "-r", "TERM:QUIT", "app", NULL }, NONE));
    assert_true(load((char *const[]){ "dumb-init", "-r", "15:3", "app", NULL }, NONE));
}

static void a_user_has_a_form_before_it_is_looked_up(void **state)
{
    static const char *const good[] = { "65532", "65532:0", "web", "web:staff", "1000:1000,44,video", "a b:c" };
    static const char *const bad[] = { "", ":", ":0", "0:", "0:1,", "0:,1", "0:1:2", "4294967295", "0:4294967295" };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(user_check(good[i]));
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(user_check(bad[i]));
    assert_true(load(ARGV("-u", "65532:0", "app"), NONE) && conf.has_user);
    assert_string_equal(conf.user, "65532:0");
}

static void stop_signals_are_those_that_are_given(void **state)
{
    (void)state;
    assert_true(load(ARGV("app"), NONE));
    assert_true(conf_is_stop(&conf, SIGTERM) && conf_is_stop(&conf, 37) && !conf_is_stop(&conf, SIGQUIT));
    assert_true(load(ARGV("--stop-signal", "quit", "-g", "--stop-signal", "USR1", "app"), NONE));
    assert_true(conf_is_stop(&conf, SIGQUIT) && conf_is_stop(&conf, SIGUSR1) && !conf_is_stop(&conf, SIGTERM));
    assert_true(load(ARGV("-r", "QUIT:0", "--stop-signal", "QUIT,TERM", "app"), NONE));
    assert_true(conf_stops(&conf) == SIGNAL_BIT(SIGTERM));
}

/* The list of steps, as "KIND VALUE;" in their order. */
static const char *listed(void)
{
    static char list[512];
    size_t length = 0;

    list[0] = '\0';
    for (size_t i = 0; i < conf.step_count; i++)
        length += (size_t)snprintf(list + length, sizeof list - length, "%s %.*s;", step_option(conf.steps[i].kind),
                                   (int)conf.steps[i].length, conf.steps[i].at);
    return list;
}

static void steps_are_kept_in_their_order_and_a_variable_gives_way(void **state)
{
    (void)state;
    assert_true(load(ARGV("--before", "b", "-g", "--remove", "/a,b", "--before", "c", "app"),
                     ((char *const[]){ "PITH_BEFORE=x\n\ny z\n", "PITH_ONCE=/o:p\n/q:r", "PITH_REMOVE=/1,/2", NULL })));
    assert_string_equal(listed(), "--once /o:p;--once /q:r;--before b;--remove /a,b;--before c;");
    assert_true(load(ARGV("app"), ((char *const[]){ "PITH_REMOVE=/1,/2", "PITH_LIMIT=core=0,nofile=5", NULL })));
    assert_string_equal(listed(), "--remove /1;--remove /2;--limit core=0;--limit nofile=5;");
}

/* YAML and files of other systems leave blanks and line ends there, and no path, name or signal begins or ends with
 * one. */
static void blanks_around_an_element_of_a_list_do_not_count(void **state)
{
    (void)state;
    assert_true(load(ARGV("app"),
                     ENV("PITH_REMOVE= /1,\t/2 x , /3\r\n", "PITH_MKDIR=/m\r", "PITH_UMASK=027\n",
                         "PITH_ENV=A=1\r\n  B= 2 \r\n\r\n \n", "PITH_BEFORE=b c\r\n\td\r\n", "PITH_ONCE= /o:p\r\n")));
    assert_string_equal(listed(), "--remove /1;--remove /2 x;--remove /3;--mkdir /m;--umask 027;--env A=1;"
                                  "--env B= 2 ;--before b c;--before d;--once /o:p;");
    assert_true(load(ARGV("app"), ENV("PITH_REWRITE=TERM:QUIT, HUP:INT\r\n", "PITH_EXIT_MAP= 1 , 2:3 ",
                                      "PITH_STOP_SIGNAL=QUIT, USR1", "PITH_FILE_ENV=ONE, TWO\n")));
    assert_int_equal(conf_rewrite(&conf, SIGHUP), SIGINT);
    assert_int_equal(conf_map_status(&conf, 1), 0);
    assert_int_equal(conf_map_status(&conf, 2), 3);
    assert_true(conf.stop_signals == (SIGNAL_BIT(SIGQUIT) | SIGNAL_BIT(SIGUSR1)));
    assert_int_equal(conf.file_env_count, 2);
    assert_memory_equal(conf.file_env[1].at, "TWO", conf.file_env[1].length);
    assert_int_equal(conf.file_env[1].length, 3);
    /* a blank alone is no element, and what one word of the command line says is a path as it stands */
    assert_false(load(ARGV("app"), ENV("PITH_REMOVE=/1, ,/2")));
    assert_false(load(ARGV("app"), ENV("PITH_MKDIR=\r")));
    assert_false(load(ARGV("app"), ENV("PITH_STOP_SIGNAL=QUIT,\n")));
    assert_true(load(ARGV("--remove", " /1, /2 ", "app"), NONE));
    assert_string_equal(listed(), "--remove  /1, /2 ;");
}

static void signals_have_names_and_numbers(void **state)
{
    static const struct {
        const char *string;
        int number;
    } signals[] = { { "TERM", 15 },    { "SIGTERM", 15 }, { "sigterm", 15 }, { "15", 15 },      { "RTMIN", 34 },
                    { "RTMIN+3", 37 }, { "rtmax-1", 63 }, { "RTMAX", 64 },   { "32", 32 },      { "64", 64 },
                    { "65", 0 },       { "0", 0 },        { "RTMIN-1", 0 },  { "RTMIN+31", 0 }, { "", 0 },
                    { "SIG", 0 },      { "SIG15", 0 },    { "-15", 0 },      { "TERMS", 0 },    { "RTMIN+", 0 } };
    char name[SIGNAL_NAME_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(signals); i++)
        assert_int_equal(signal_parse(signals[i].string), signals[i].number);
    for (int signal = 1; signal < SIGNAL_COUNT; signal++)
        assert_int_equal(signal_parse(signal_name(name, signal)), signal);
}

/* KILL and STOP reach no program, and CHLD is what init itself waits for. */
static void what_is_never_forwarded_cannot_be_rewritten(void **state)
{
    (void)state;
    assert_false(load(ARGV("-r", "KILL:TERM", "app"), NONE));
    assert_false(load(ARGV("--rewrite=SIGSTOP:0", "app"), NONE));
    assert_false(load(ARGV("-r", "17:15", "app"), NONE));
    assert_false(load(ARGV("app"), ENV("PITH_REWRITE=TERM:QUIT,cld:USR1")));
    assert_true(load(ARGV("-r", "TERM:KILL", "-r", "TSTP:STOP", "-r", "HUP:CHLD", "app"), NONE));
    /* dumb-init takes each of 1 to 31 */
    assert_true(load((char *const[]){ "dumb-init", "-r", "9:15", "-r", "17:0", "app", NULL }, NONE));
    assert_false(load((char *const[]){ "dumb-init", "app", NULL }, ENV("PITH_REWRITE=9:15")));
}

static void stop_and_suspend_signals_are_those_of_the_manual(void **state)
{
    struct init_conf run, pause;

    (void)state;
    assert_true(load(ARGV("app"), NONE));
    run = conf;
    assert_true(load(ARGV("-P"), NONE));
    pause = conf;
    for (int signal = 1; signal < SIGNAL_COUNT; signal++) {
        bool stops = signal == SIGTERM || signal == SIGINT || signal == 37;
        bool ends_pause = stops || signal == SIGHUP || signal == SIGQUIT;
        bool suspends = signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
        assert_int_equal(conf_is_stop(&run, signal), stops);
        assert_int_equal(conf_is_stop(&pause, signal), ends_pause);
        assert_int_equal(signal_is_suspend(signal), suspends);
    }
}

static void the_help_names_every_option_and_its_variable(void **state)
{
    static char help[16384];
    struct text out = { help, sizeof help - 1, 0 };

    (void)state;
    option_help(&init_options, &out);
    assert_true(out.length < sizeof help);
    for (size_t i = 0; i < init_options.count; i++) {
        char variable[64] = "";
        struct text name = { variable, sizeof variable - 1, 0 };
        option_variable(&init_options, &init_options.rows[i], &name);
        char shown[64];
        text_copy(shown, sizeof shown, init_options.rows[i].text, text_until(init_options.rows[i].text, '\t'));
        assert_has(help, shown);
        assert_has(help, variable);
    }
    for (char *line = strtok(help, "\n"); line; line = strtok(NULL, "\n"))
        assert_at_most(strlen(line), 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(options_end_at_command),
        cmocka_unit_test(values_stand_in_every_customary_place),
        cmocka_unit_test(bad_usage_is_refused),
        cmocka_unit_test(an_element_of_a_list_is_taken_as_a_whole_or_refused),
        cmocka_unit_test(without_options_the_defaults_are_those_of_the_help),
        cmocka_unit_test(a_flag_beats_its_variable),
        cmocka_unit_test(a_list_on_the_command_line_replaces_that_of_the_variable),
        cmocka_unit_test(a_list_goes_on_behind_other_options),
        cmocka_unit_test(a_bad_variable_is_an_error_even_beside_a_good_flag),
        cmocka_unit_test(off_empty_and_unknown_variables_do_nothing),
        cmocka_unit_test(variables_of_the_peers_have_the_peers_meaning),
        cmocka_unit_test(the_name_picks_the_persona),
        cmocka_unit_test(rewrites_drop_map_and_know_real_time_signals),
        cmocka_unit_test(what_is_never_forwarded_cannot_be_rewritten),
        cmocka_unit_test(a_user_has_a_form_before_it_is_looked_up),
        cmocka_unit_test(stop_signals_are_those_that_are_given),
        cmocka_unit_test(steps_are_kept_in_their_order_and_a_variable_gives_way),
        cmocka_unit_test(blanks_around_an_element_of_a_list_do_not_count),
        cmocka_unit_test(signals_have_names_and_numbers),
        cmocka_unit_test(stop_and_suspend_signals_are_those_of_the_manual),
        cmocka_unit_test(the_help_names_every_option_and_its_variable),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
