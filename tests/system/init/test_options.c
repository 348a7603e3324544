/* Each option and its variable: what it does, which one counts, and what is said of a bad value. */
#include "pith/version.h"
#include "support/proc.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define SET(...) ((const char *[]){ __VA_ARGS__, NULL })

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

static void write_file(const char *path, const char *contents)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(contents, file);
    fclose(file);
}

static void expect_out(const char *text)
{
    if (!strstr(s.out.bytes, text))
        fail_msg("'%s' is not in the output:\n%s", text, s.out.bytes);
}

static void expect_err(const char *text)
{
    if (!strstr(s.err.bytes, text))
        fail_msg("'%s' is not in the messages:\n%s", text, s.err.bytes);
}

/* --- the table --------------------------------------------------------------------------------- */

static const char any[] = "";

/* A value that is none for each option; NULL for those that take none, `any` for those that take every one. Kept in
 * step with --help by a test. */
static const struct {
    const char *option, *variable, *bad;
} table[] = {
    { "--group", "PITH_GROUP", NULL },
    { "--single-child", NULL, NULL },
    { "--subreaper", "PITH_SUBREAPER", NULL },
    { "--parent-death-signal", "PITH_PARENT_DEATH_SIGNAL", "NOPE" },
    { "--exit-map", "PITH_EXIT_MAP", "300" },
    { "--rewrite", "PITH_REWRITE", "TERM" },
    { "--grace", "PITH_GRACE", "2x" },
    { "--stop-timeout", "PITH_STOP_TIMEOUT", "-1s" },
    { "--stop-delay", "PITH_STOP_DELAY", "soon" },
    { "--stop-signal", "PITH_STOP_SIGNAL", "STOP" },
    { "--run-timeout", "PITH_RUN_TIMEOUT", "11y" },
    { "--watch", "PITH_WATCH", any },
    { "--watch-interval", "PITH_WATCH_INTERVAL", "0" },
    { "--watch-timeout", "PITH_WATCH_TIMEOUT", "0s" },
    { "--watch-retries", "PITH_WATCH_RETRIES", "0" },
    { "--watch-start-period", "PITH_WATCH_START_PERIOD", "1d" },
    { "--expand", "PITH_EXPAND", NULL },
    { "--file-env", "PITH_FILE_ENV", "A=B" },
    { "--env", "PITH_ENV", "A" },
    { "--umask", "PITH_UMASK", "8" },
    { "--limit", "PITH_LIMIT", "files=1" },
    { "--remove", "PITH_REMOVE", any },
    { "--mkdir", "PITH_MKDIR", any },
    { "--chown", "PITH_CHOWN", any },
    { "--render", "PITH_RENDER", "/from" },
    { "--before", "PITH_BEFORE", "'" },
    { "--once", "PITH_ONCE", "/path" },
    { "--user", "PITH_USER", "root:" },
    { "--exit-report", "PITH_EXIT_REPORT", any },
    { "--warn-on-reap", "PITH_WARN_ON_REAP", NULL },
    { "--verbose", "PITH_VERBOSE", NULL },
    { "--pause", NULL, NULL },
    { "--install", NULL, NULL },
    { "--help", NULL, NULL },
    { "--version", NULL, NULL },
    { "--license", NULL, NULL },
    { "--licence", NULL, NULL },
};

static void help_and_this_table_agree(void **state)
{
    struct subject_options options = as(state);
    char line[64];

    assert_int_equal(subject_run(&s, &options, "--help", NULL), 0);
    for (size_t i = 0; i < COUNT(table); i++) {
        snprintf(line, sizeof line, " %s", table[i].option);
        expect_out(line);
        snprintf(line, sizeof line, "[%s]", table[i].variable ? table[i].variable : "-");
        assert_int_equal(stream_count(&s.out, line), table[i].variable ? 1 : 0);
    }
    assert_int_equal(stream_count(&s.out, " --"), COUNT(table));
    assert_string_equal(s.err.bytes, "");
}

/* One line that begins with WHERE, nothing on stdout, nothing started, and the status of bad usage. */
static void expect_refusal(const struct subject_options *options, const char *where, const char *argument)
{
    char start[64];
    const char *name = options->argv0 ? options->argv0 : "init";

    assert_int_equal(subject_run(&s, options, argument, "show", NULL), options->argv0 ? 1 : 125);
    snprintf(start, sizeof start, "%s: %s: ", name, where);
    if (strncmp(s.err.bytes, start, strlen(start)) != 0 || strchr(s.err.bytes, '\n') != s.err.bytes + s.err.length - 1)
        fail_msg("not one line beginning with '%s': %s", start, s.err.bytes);
    assert_string_equal(s.out.bytes, "");
}

static void a_bad_value_is_refused_with_the_name_of_its_option(void **state)
{
    struct subject_options options = as(state);
    char argument[64];

    for (size_t i = 0; i < COUNT(table); i++) {
        snprintf(argument, sizeof argument, "%s=%s", table[i].option, table[i].bad ? table[i].bad : "");
        expect_refusal(&options, table[i].option, argument);
    }
}

static void a_bad_value_is_refused_with_the_name_of_its_variable(void **state)
{
    static const char *const names[] = { NULL, "tini", "docker-init", "dumb-init", "catatonit", "podman-init" };
    struct subject_options options = as(state);
    char variable[64];

    options.set = SET(variable);
    for (size_t i = 0; i < COUNT(table); i++) {
        if (!table[i].variable || table[i].bad == any)
            continue;
        snprintf(variable, sizeof variable, "%s=%s", table[i].variable, table[i].bad ? table[i].bad : "maybe");
        options.argv0 = names[i % COUNT(names)];
        expect_refusal(&options, table[i].variable, "--");
    }
}

static void a_bad_variable_is_refused_beside_a_good_flag(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("PITH_GRACE=2x");
    expect_refusal(&options, "PITH_GRACE", "--grace=2s");
}

/* As users of Go's programs write them. What is valid in the form of letters stays so. */
static void a_long_option_with_one_dash_is_told_with_two(void **state)
{
    static const char *const cases[][2] = {
        { "-grace", "init: -grace: is it --grace?\n" },
        { "-verbose", "init: -verbose: is it --verbose?\n" },
        { "-mkdir", "init: -mkdir: is it --mkdir?\n" },
        { "-watch", "init: -watch: is it --watch?\n" },
        { "-rewrite", "init: -rewrite: is it --rewrite?\n" },
        { "-grac", "init: -r: 'ac' is not FROM:TO with two signals (TO may be 0 for none)\n" },
        { "-version", "init: -e: 'rsion' is not FROM[-TO][:CODE] with statuses from 0 to 255\n" },
        { "-r=", "init: -r: '=' is not FROM:TO with two signals (TO may be 0 for none)\n" },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(subject_run(&s, &options, cases[i][0], "5s", "/bin/true", NULL), 125);
        assert_string_equal(s.err.bytes, cases[i][1]);
    }
    assert_int_equal(subject_run(&s, &options, "-vv", "-gswk5s", "/bin/true", NULL), 0);
}

static void an_unknown_option_is_refused_with_its_name(void **state)
{
    struct subject_options options = as(state);

    expect_refusal(&options, "--nope", "--nope");
    expect_err("unknown option (see --help)\n");
    expect_refusal(&options, "--nope", "--nope=value");
    expect_refusal(&options, "-Z", "-gZ");
    expect_refusal(&options, "--gruop", "--gruop");
    expect_err(": unknown option; is it --group? (see --help)\n");
    expect_refusal(&options, "-G", "-G");
    expect_err(": unknown option; is it -g? (see --help)\n");
    /* what only informs ends with 0, and COMMAND would never run */
    expect_refusal(&options, "--versoin", "--versoin");
    expect_err("--versoin: unknown option (see --help)\n");
    expect_refusal(&options, "-H", "-H");
    expect_err("-H: unknown option (see --help)\n");
    options.argv0 = "tini";
    expect_refusal(&options, "--nope", "--nope");
    options.argv0 = "dumb-init"; /* whose callers read the words of getopt(3) */
    expect_refusal(&options, "unrecognized option", "--nope");
    expect_err(": nope\n");
    expect_refusal(&options, "unrecognized option", "-gZ");
    expect_err(": Z\n");
}

static void what_is_no_utf_8_in_a_message_becomes_question_marks(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--grace=\xc3\xbc\xff\xc2\x9b", "show", NULL), 125);
    expect_err("init: --grace: '\xc3\xbc?\?\?' is not a duration");
    assert_int_equal(subject_run(&s, &options, "--", "/no/such/\xe2\x82", NULL), 127);
    assert_string_equal(s.err.bytes, "init: /no/such/?\?: No such file or directory\n");
}

static void a_missing_command_is_refused(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--", NULL), 125);
    assert_string_equal(s.err.bytes, "init: COMMAND: missing (see --help)\n");
    assert_int_equal(subject_run(&s, &options, "-g", "--", NULL), 125);
    options.argv0 = "tini";
    assert_int_equal(subject_run(&s, &options, "--", NULL), 1);
}

static void variables_that_are_empty_or_off_ask_for_nothing(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("PITH_GRACE=", "PITH_USER=", "PITH_WATCH=", "PITH_GROUP=no", "PITH_EXPAND=off", "PITH_VERBOSE=0",
                      "PITH_SUBREAPER=false", "PITH_WARN_ON_REAP=", "PITHOS=what", "PITH_NO_SUCH=what");
    assert_int_equal(subject_run(&s, &options, "show", "${HOME}", NULL), 0);
    expect_out("argument 1 [${HOME}]");
    assert_string_equal(s.err.bytes, "");
}

/* --- texts ------------------------------------------------------------------------------------- */

static void texts_are_on_stdout_with_status_0(void **state)
{
    static const char *const texts[][2] = {
        { "-h", "Usage: init " },
        { "--help", "Usage: init " },
        { "-V", "init " PITH_VERSION "\n" },
        { "--version", "init " PITH_VERSION "\n" },
        { "-l", "MIT License" },
        { "-L", "MIT License" },
        { "--license", "MIT License" },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_int_equal(subject_run(&s, &options, texts[i][0], NULL), 0);
        assert_memory_equal(s.out.bytes, texts[i][1], strlen(texts[i][1]));
        assert_string_equal(s.err.bytes, "");
    }
}

static void each_persona_has_the_version_line_of_its_peer(void **state)
{
    static const char tini[] = "tini version 0.19.0 - git.", catatonit[] = "tini version 0.2.1_catatonit\n";
    static const char *const names[][2] = {
        { "tini", tini },
        { "tini-static", tini },
        { "docker-init", tini },
        { "/usr/bin/docker-init", tini },
        { "catatonit", catatonit },
        { "podman-init", catatonit },
        { "tinier", "init " PITH_VERSION "\n" },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(names); i++) {
        options.argv0 = names[i][0];
        assert_int_equal(subject_run(&s, &options, "--version", NULL), 0);
        assert_memory_equal(s.out.bytes, names[i][1], strlen(names[i][1]));
        assert_string_equal(s.err.bytes, "");
    }
    options.argv0 = "dumb-init";
    assert_int_equal(subject_run(&s, &options, "--version", NULL), 0);
    assert_string_equal(s.err.bytes, "dumb-init v1.2.5\n");
    assert_string_equal(s.out.bytes, "");
}

static void a_text_that_cannot_be_written_is_a_failure(void **state)
{
    struct subject_options options = as(state);

    options.binary = "/bin/sh";
    char script[512];
    snprintf(script, sizeof script, "exec %s --help >/dev/full", subject_binary());
    assert_int_equal(subject_run(&s, &options, "-c", script, NULL), 125);
}

/* --- personas ---------------------------------------------------------------------------------- */

static void each_persona_has_the_exec_status_of_its_peer(void **state)
{
    static const struct {
        const char *name;
        int not_found, not_executable;
    } personas[] = {
        { "init", 127, 126 },  { "tini", 127, 126 },  { "docker-init", 127, 126 },
        { "dumb-init", 2, 2 }, { "catatonit", 1, 1 }, { "podman-init", 1, 1 },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(personas); i++) {
        options.argv0 = personas[i].name;
        assert_int_equal(subject_run(&s, &options, "no-such", NULL), personas[i].not_found);
        expect_err("no-such: No such file or directory\n");
        assert_int_equal(subject_run(&s, &options, "/etc/passwd", NULL), personas[i].not_executable);
    }
}

static void dumb_init_gives_command_a_session(void **state)
{
    struct subject_options options = as(state);
    int pid, parent, group, session;

    options.argv0 = "dumb-init";
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    const char *line = strstr(s.out.bytes, "pid ");
    assert_int_equal(sscanf(line, "pid %d ppid %d pgrp %d sid %d", &pid, &parent, &group, &session), 4);
    assert_int_equal(session, pid);
    assert_int_equal(group, pid);
}

static void dumb_init_ends_the_group_when_command_has_exited(void **state)
{
    struct subject_options options = as(state);

    options.argv0 = "dumb-init";
    subject_start(&s, &options, "tree", "-x", "3", "child", NULL);
    stream_await(&s.out, "child got 15\n");
    assert_int_equal(subject_wait(&s), 3);
}

static void dumb_init_takes_numbers_alone_for_rewrites(void **state)
{
    struct subject_options options = as(state);

    options.argv0 = "dumb-init";
    assert_int_equal(subject_run(&s, &options, "-r", "TERM:INT", "show", NULL), 1);
    assert_string_equal(s.out.bytes, "");
    assert_int_equal(subject_run(&s, &options, "-r", "15:2", "show", NULL), 0);
}

/* --- the group --------------------------------------------------------------------------------- */

/* Whether a child of COMMAND is sent what init is sent; a higher signal, sent to it alone, comes after that. */
static bool group_is_signalled(const struct subject_options *options, const char *option)
{
    subject_start(&s, options, option, "tree", "child", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "command got 10\n");
    kill(proc_child(proc_child(s.pid)), SIGUSR2);
    assert_true(stream_comes(&s.out, "child got 12\n", AWAIT_MS));
    bool reached = strstr(s.out.bytes, "child got 10\n");
    subject_end_all(NULL);
    return reached;
}

static void the_group_is_signalled_where_it_is_asked_for(void **state)
{
    struct subject_options options = as(state);

    assert_false(group_is_signalled(&options, "--"));
    assert_true(group_is_signalled(&options, "-g"));
    assert_true(group_is_signalled(&options, "--group"));
    options.set = SET("PITH_GROUP=Yes");
    assert_true(group_is_signalled(&options, "--"));
    assert_false(group_is_signalled(&options, "-c"));
    options.set = SET("TINI_KILL_PROCESS_GROUP=");
    assert_true(group_is_signalled(&options, "--"));
    options.set = SET("TINI_KILL_PROCESS_GROUP=1", "PITH_GROUP=0");
    assert_false(group_is_signalled(&options, "--"));
    assert_true(group_is_signalled(&options, "-g"));
}

static void dumb_init_signals_the_group_by_default(void **state)
{
    struct subject_options options = as(state);

    options.argv0 = "dumb-init";
    assert_true(group_is_signalled(&options, "--"));
    assert_false(group_is_signalled(&options, "--single-child"));
    options.set = SET("DUMB_INIT_SETSID=0");
    assert_false(group_is_signalled(&options, "--"));
    options.argv0 = "tini";
    options.set = NULL;
    assert_false(group_is_signalled(&options, "--"));
}

/* --- the subreaper ----------------------------------------------------------------------------- */

static bool has_parent_by_adoption(void *orphan)
{
    long parent = proc_number(*(pid_t *)orphan, "PPid");

    return parent == 1 || parent == s.pid;
}

/* Whether an orphan of COMMAND becomes init's child, and not one of the namespace's PID 1. */
static bool adopts(const struct subject_options *options, const char *option)
{
    pid_t orphan;

    subject_start(&s, options, option, "tree", "orphan", NULL);
    assert_int_equal(sscanf(stream_await(&s.out, "orphan is pid "), "%d", &orphan), 1);
    await(has_parent_by_adoption, &orphan, "an adoption");
    bool adopted = proc_number(orphan, "PPid") == s.pid;
    stream_drain(&s.err);
    subject_end_all(NULL);
    return adopted;
}

static void orphans_are_adopted_where_the_persona_has_it_so(void **state)
{
    static const char warning[] = "neither PID 1 nor a child subreaper (-s)";
    struct subject_options options = as(state);

    assert_true(adopts(&options, "--"));
    options.argv0 = "tini";
    assert_false(adopts(&options, "--"));
    expect_err(warning);
    assert_true(adopts(&options, "-s"));
    assert_string_equal(s.err.bytes, "");
    options.set = SET("TINI_SUBREAPER=");
    assert_true(adopts(&options, "--"));
    options.set = SET("PITH_SUBREAPER=1");
    assert_true(adopts(&options, "--"));
    options.set = SET("TINI_VERBOSITY=0");
    assert_false(adopts(&options, "--"));
    assert_string_equal(s.err.bytes, "");
    options.set = NULL;
    options.argv0 = "dumb-init";
    assert_false(adopts(&options, "-s"));
    options.argv0 = "catatonit";
    assert_true(adopts(&options, "--"));
}

/* --- the parent -------------------------------------------------------------------------------- */

static void outlive_parent(const char *const set[], const char *option)
{
    struct subject_options options = { .binary = "/bin/sh", .argv0 = "sh", .set = set };
    char script[512];

    snprintf(script, sizeof script, "%s %s signals & wait", subject_binary(), option);
    subject_start(&s, &options, "-c", script, NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGKILL);
    stream_await(&s.out, "got 10 ");
    subject_end_all(NULL);
}

static void the_death_of_its_parent_is_a_signal(void **state)
{
    (void)state;
    outlive_parent(NULL, "-p USR1");
    outlive_parent(NULL, "--parent-death-signal=SIGUSR1");
    outlive_parent(SET("PITH_PARENT_DEATH_SIGNAL=10"), "--");
}

/* --- exit statuses ----------------------------------------------------------------------------- */

static void exit_statuses_are_mapped(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "-e", "143", "--exit-map=3-5:7", "end", "4", NULL), 7);
    assert_int_equal(subject_run(&s, &options, "-e", "143", "--", "end", "-15", NULL), 0);
    assert_int_equal(subject_run(&s, &options, "-e", "0:1", "end", "0", NULL), 1);
    options.set = SET("PITH_EXIT_MAP=143,1-9:2");
    assert_int_equal(subject_run(&s, &options, "end", "9", NULL), 2);
    assert_int_equal(subject_run(&s, &options, "end", "143", NULL), 0);
    assert_int_equal(subject_run(&s, &options, "-e", "10:11", "end", "9", NULL), 9);
}

/* --- verbosity --------------------------------------------------------------------------------- */

static void verbosity_is_on_stderr_and_counts(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "end", NULL), 0);
    assert_string_equal(s.err.bytes, "");
    assert_int_equal(subject_run(&s, &options, "-v", "end", NULL), 0);
    expect_err("init: started end as PID ");
    assert_string_equal(s.out.bytes, "");
    assert_int_equal(subject_run(&s, &options, "-v", "no-such", NULL), 127);
    assert_string_equal(s.err.bytes, "init: no-such: No such file or directory\n");
    options.set = SET("PITH_VERBOSE=1");
    assert_int_equal(subject_run(&s, &options, "end", NULL), 0);
    expect_err("init: started end as PID ");
    options.set = SET("DUMB_INIT_DEBUG=1");
    assert_int_equal(subject_run(&s, &options, "end", NULL), 0);
    expect_err("init: started end as PID ");
    options.set = SET("DUMB_INIT_DEBUG=1", "PITH_VERBOSE=0");
    assert_int_equal(subject_run(&s, &options, "end", NULL), 0);
    assert_string_equal(s.err.bytes, "");
    options.set = SET("TINI_VERBOSITY=2");
    assert_int_equal(subject_run(&s, &options, "end", NULL), 0);
    expect_err("init: started end as PID ");
    subject_start(&s, &options, "-vv", "signals", "15", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    stream_await(&s.err, "init: forwarding TERM\n");
    assert_int_equal(subject_wait(&s), 0);
}

/* --- expansion and secrets --------------------------------------------------------------------- */

static void arguments_are_expanded(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("NAME=a b", "EMPTY=", "TOOL=show");
    assert_int_equal(
        subject_run(&s, &options, "-x", "${TOOL}", "<${NAME}>", "${NO:-x:-y}", "${EMPTY}", "$$ $NAME $", NULL), 0);
    expect_out("argument 0 [show]\nargument 1 [<a b>]\nargument 2 [x:-y]\nargument 3 []\nargument 4 [$ $NAME $]\n");
    options.set = SET("PITH_EXPAND=1", "NAME=v");
    assert_int_equal(subject_run(&s, &options, "show", "${NAME}", NULL), 0);
    expect_out("argument 1 [v]\n");
}

/* HOME is its only variable then. */
static void the_environment_may_be_empty(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "env", "-i", subject_binary(), "-xu", "65532", subject_child("show"),
                                 "${A:-b}", NULL),
                     0);
    expect_out("argument 1 [b]\n");
    expect_out("variable [HOME=/]\n");
    assert_count(s.out.bytes, "variable ", 1);
}

static void what_cannot_be_expanded_is_refused(void **state)
{
    static const char *const bad[][2] = {
        { "${NO}", "init: '${NO}': NO is not set in the environment\n" },
        { "${A", "init: '${A': ${A has no closing brace\n" },
        { "${}", "init: '${}':  is not a variable's name\n" },
        { "${A:-${B}}", "init: '${A:-${B}}': ${A:-${B} has a ${ inside its default\n" },
        { "${A:80}", "init: '${A:80}': A needs :- in front of its default (${NAME:-default})\n" },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(subject_run(&s, &options, "-x", "show", bad[i][0], NULL), 125);
        assert_string_equal(s.err.bytes, bad[i][1]);
        assert_string_equal(s.out.bytes, "");
    }
}

/* More than execve(2) could ever take. */
static void what_grows_too_large_is_refused(void **state)
{
    static char variable[100 * 1024], argument[4 * 1024];
    struct subject_options options = as(state);

    memset(variable, 'x', sizeof variable - 1);
    memcpy(variable, "A=", 2);
    for (size_t i = 0; i + 4 < sizeof argument; i += 4)
        memcpy(argument + i, "${A}", 4);
    options.set = SET(variable);
    assert_int_equal(subject_run(&s, &options, "-x", "show", argument, NULL), 125);
    assert_string_equal(s.err.bytes, "init: --expand: Argument list too long\n");
    assert_string_equal(s.out.bytes, "");
}

static void secrets_come_from_files(void **state)
{
    struct subject_options options = as(state);
    char one[160], two[160];

    write_file(scratch_path("one"), "s3cret \n\n");
    write_file(scratch_path("two"), "bare");
    snprintf(one, sizeof one, "ONE_FILE=%s", scratch_path("one"));
    snprintf(two, sizeof two, "TWO_FILE=%s", scratch_path("two"));
    options.set = SET(one, two);
    assert_int_equal(subject_run(&s, &options, "--file-env=ONE", "--file-env=NONE,TWO", "-x", "show", "${TWO}", NULL),
                     0);
    expect_out("variable [ONE=s3cret ]\n");
    expect_out("variable [TWO=bare]\n");
    expect_out("argument 1 [bare]\n");
    assert_lacks(s.out.bytes, "_FILE=");
    options.set = SET("PITH_FILE_ENV=TWO", two);
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    expect_out("variable [TWO=bare]\n");
    write_file(scratch_path("two"), "of \r another system\r\n\n\r\n"); /* as healthcheck reads its secrets */
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    expect_out("variable [TWO=of \r another system]\n");
}

/* An image may set a variable to nothing by default, and a Compose file pass one on that is not set. */
static void an_empty_variable_is_no_secret_and_no_file(void **state)
{
    struct subject_options options = as(state);
    char file[160];

    write_file(scratch_path("key"), "s3cret\n");
    snprintf(file, sizeof file, "KEY_FILE=%s", scratch_path("key"));
    options.set = SET("KEY=", "OTHER=1", file, "LAST=1");
    assert_int_equal(subject_run(&s, &options, "--file-env=KEY", "show", NULL), 0);
    expect_out("variable [OTHER=1]\nvariable [KEY=s3cret]\nvariable [LAST=1]\n");
    assert_lacks(s.out.bytes, "KEY=]");
    options.set = SET("KEY_FILE=", "KEY=given");
    assert_int_equal(subject_run(&s, &options, "--file-env=KEY", "show", NULL), 0);
    expect_out("variable [KEY=given]\n");
    assert_lacks(s.out.bytes, "_FILE=");
}

static void a_secret_that_cannot_be_read_is_refused(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("KEY_FILE=/no/such");
    assert_int_equal(subject_run(&s, &options, "--file-env=KEY", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: KEY_FILE: '/no/such': No such file or directory\n");
    options.set = SET("KEY_FILE=/etc/passwd", "KEY=both");
    assert_int_equal(subject_run(&s, &options, "--file-env=KEY", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --file-env: both KEY and its _FILE are set\n");
    options.set = SET("KEY_FILE=/proc/self/cmdline");
    assert_int_equal(subject_run(&s, &options, "--file-env=KEY", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: KEY_FILE: '/proc/self/cmdline': has a NUL byte\n");
    options.set = SET("KEY_FILE=/");
    assert_int_equal(subject_run(&s, &options, "--file-env=KEY", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: KEY_FILE: '/': Is a directory\n");
    options.set = SET("PITH_FILE_ENV=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,A,B,C,D,E,F,G");
    assert_int_equal(subject_run(&s, &options, "show", NULL), 125);
    expect_err("is one name too many (32 at most)\n");
    assert_string_equal(s.out.bytes, "");
}

/* Every signal is blocked by then: init itself has to end the wait. */
static void a_secret_from_a_fifo_that_nobody_fills_is_an_error_within_a_second(void **state)
{
    struct subject_options options = as(state);
    char variable[160];

    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    int held = open(scratch_path("fifo"), O_RDWR | O_CLOEXEC); /* without a writer it would be empty, and at its end */
    assert_true(held >= 0);
    snprintf(variable, sizeof variable, "KEY_FILE=%s", scratch_path("fifo"));
    options.set = SET(variable);
    subject_start(&s, &options, "--file-env=KEY", "show", NULL);
    assert_true(subject_ends(&s, 5000));
    assert_int_equal(subject_wait(&s), 125);
    expect_err("/fifo': ");
    assert_string_equal(s.out.bytes, "");
    close(held);
    pid_t writer = fork();
    if (writer == 0) {
        held = open(scratch_path("fifo"), O_WRONLY | O_CLOEXEC); /* waits for init to open it */
        _exit(write(held, "s3cret\n", 7) != 7);
    }
    subject_start(&s, &options, "--file-env=KEY", "show", NULL);
    assert_int_equal(subject_wait(&s), 0);
    expect_out("variable [KEY=s3cret]\n");
    unlink(scratch_path("fifo"));
}

static void what_is_no_name_of_a_variable_is_refused(void **state)
{
    static const char *const bad[] = { "A B", "A,,B", ",", "A=", "1A", "A;B" };
    struct subject_options options = as(state);
    char variable[64];

    for (size_t i = 0; i < COUNT(bad); i++) {
        snprintf(variable, sizeof variable, "PITH_FILE_ENV=%s", bad[i]);
        options.set = SET(variable);
        assert_int_equal(subject_run(&s, &options, "show", NULL), 125);
        expect_err("is not a variable's name\n");
        options.set = NULL;
        assert_int_equal(subject_run(&s, &options, "--file-env", bad[i], "show", NULL), 125);
        expect_err("is not a variable's name\n");
        assert_string_equal(s.out.bytes, "");
    }
}

/* Who gives the name of the variable that is set would have nothing done, and COMMAND without its password. */
static void the_suffix_of_file_env_is_told(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("KEY_FILE=/proc/self/comm");
    assert_int_equal(subject_run(&s, &options, "--file-env=A,KEY_FILE", "show", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --file-env: 'A,KEY_FILE' may not end with _FILE\n");
    assert_string_equal(s.out.bytes, "");
    assert_int_equal(subject_run(&s, &options, "--file-env=_FILE", "end", "7", NULL), 7);
}

/* An init below this one would do the same again. */
static void variables_of_init_do_not_reach_command(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("PITH_GRACE=1s", "A=1", "PITH_NO_SUCH=2", "PITHY=3", "TINI_SUBREAPER=4", "PITH_VERBOSE=0");
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    expect_out("variable [A=1]\nvariable [PITHY=3]\nvariable [TINI_SUBREAPER=4]\nshown\n");
    assert_lacks(s.out.bytes, "PITH_");
    assert_int_equal(subject_run(&s, &options, "-x", "-u", "65532", "show", "${A}", NULL), 0);
    assert_lacks(s.out.bytes, "PITH_");
}

/* --- pause ------------------------------------------------------------------------------------- */

static void end_pause(const struct subject_options *options, const char *option, int signal)
{
    subject_start(&s, options, option, "show", NULL);
    await_name(s.pid, "init");
    await_state(s.pid, 'S');
    kill(s.pid, SIGUSR1);
    kill(s.pid, SIGCHLD);
    assert_false(subject_ends(&s, 20));
    kill(s.pid, signal);
    assert_int_equal(subject_wait(&s), 0);
    assert_string_equal(s.out.bytes, "");
    assert_string_equal(s.err.bytes, "");
}

static void pause_runs_nothing_until_it_is_stopped(void **state)
{
    struct subject_options options = as(state);

    end_pause(&options, "-P", SIGTERM);
    end_pause(&options, "--pause", SIGINT);
    end_pause(&options, "-P", SIGQUIT);
    end_pause(&options, "-P", SIGHUP);
    options.set = (const char *[]){ "PITH_REWRITE=HUP:USR1", NULL };
    end_pause(&options, "-P", SIGHUP);
    options.argv0 = "catatonit";
    end_pause(&options, "-P", SIGTERM);
}

/* An image may set PITH_EXPAND for all of its containers, and what COMMAND would be is not looked at. */
static void pause_has_nothing_to_expand(void **state)
{
    struct subject_options options = as(state);

    options.set = (const char *[]){ "PITH_EXPAND=1", NULL };
    for (const char *const *command = (const char *[]){ "--", "${NO_SUCH}", NULL }; *command; command++) {
        subject_start(&s, &options, "-P", *command, NULL);
        await_name(s.pid, "init");
        await_state(s.pid, 'S');
        kill(s.pid, SIGTERM);
        assert_int_equal(subject_wait(&s), 0);
        assert_string_equal(s.err.bytes, "");
    }
}

static void pause_reaps(void **state)
{
    struct subject_options options = as(state);
    char script[512];

    snprintf(script, sizeof script, "(sleep 0.1; exit 3) & (exit 4) & exec %s -P -w", subject_binary());
    options.binary = "/bin/sh";
    subject_start(&s, &options, "-c", script, NULL);
    stream_await(&s.err, "exit status 4\n");
    stream_await(&s.err, "exit status 3\n");
    await_children(s.pid, 0);
}

/* --- install ----------------------------------------------------------------------------------- */

static void install_copies_the_binary_even_over_a_running_one(void **state)
{
    struct subject_options options = as(state);
    static struct subject running;
    struct stat status;

    options.argv0 = "/anywhere/docker-init";
    for (int i = 0; i < 2; i++) {
        umask(077);
        assert_int_equal(subject_run(&s, &options, "--install", scratch_directory(), NULL), 0);
        umask(022);
        assert_string_equal(s.err.bytes, "");
        assert_int_equal(stat(scratch_path("docker-init"), &status), 0);
        assert_int_equal(status.st_mode & 07777, 0755);
        options.binary = scratch_path("docker-init");
        if (i == 0)
            subject_start(&running, &options, "signals", "15", "3", NULL);
    }
    assert_int_equal(subject_run(&s, &options, "end", "7", NULL), 7);
    stream_await(&running.out, "ready");
    kill(running.pid, SIGTERM);
    assert_int_equal(subject_wait(&running), 3);
}

static void make_read_only(void *argument)
{
    (void)argument;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", scratch_directory(), "tmpfs", MS_RDONLY, NULL) != 0)
        _exit(98);
}

static void install_says_where_it_cannot(void **state)
{
    struct subject_options options = as(state);
    char message[256];

    assert_int_equal(subject_run(&s, &options, "--install=/no/such", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --install: '/no/such': No such file or directory\n");
    options.before = make_read_only;
    assert_int_equal(subject_run(&s, &options, "--install", scratch_directory(), NULL), 125);
    snprintf(message, sizeof message, "init: --install: '%s': Read-only file system\n", scratch_directory());
    assert_string_equal(s.err.bytes, message);
}

/* Whether an install has written a part of its copy. */
static bool copies(void *at)
{
    const char *path = at;
    DIR *folder = opendir(path);
    struct dirent *entry;
    struct stat status = { 0 };

    while (folder && status.st_size == 0 && (entry = readdir(folder)))
        if (entry->d_type != DT_REG || fstatat(dirfd(folder), entry->d_name, &status, 0) != 0)
            status.st_size = 0;
    if (folder)
        closedir(folder);
    return status.st_size > 0;
}

static long long size_of(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 ? status.st_size : -1;
}

/* Of two init containers on one volume each is the same PID of its namespace. strace stops one after its first write.
 */
static void two_installs_of_one_pid_do_not_meet(void **state)
{
    struct subject_options options = { .pid1 = true, .binary = "/usr/bin/strace", .argv0 = "strace" };
    static struct subject late;
    char *shared = scratch_path("shared");
    pid_t copier = 0;

    (void)state;
    if (access(options.binary, X_OK) != 0) {
        print_message("# skip: no strace\n");
        skip();
    }
    assert_int_equal(mkdir(shared, 0755), 0);
    subject_start(&late, &options, "-o", "/dev/null", "-e", "trace=write", "-e", "inject=write:signal=STOP:when=1",
                  subject_binary(), "--install", shared, NULL);
    await(copies, shared, "a part of the first copy");
    proc_children(late.pid, &copier, 1);
    assert_int_equal(
        subject_run(&s, &options, "-o", "/dev/null", "-e", "trace=none", subject_binary(), "--install", shared, NULL),
        0);
    assert_int_equal(size_of(scratch_path("shared/init")), size_of(subject_binary()));
    kill(copier, SIGCONT);
    assert_int_equal(subject_wait(&late), 0);
    assert_string_equal(late.err.bytes, "");
    assert_int_equal(size_of(scratch_path("shared/init")), size_of(subject_binary()));
    assert_true(unlink(scratch_path("shared/init")) == 0 && rmdir(shared) == 0); /* nothing else is left */
}

static void a_failed_install_leaves_nothing(void **state)
{
    struct subject_options options = as(state);
    const char *path = scratch_path("full/init");

    /* a directory is where the file would be: the rename fails, after the copy */
    mkdir(scratch_path("full"), 0755);
    mkdir(path, 0755);
    assert_int_equal(subject_run(&s, &options, "--install", scratch_path("full"), NULL), 125);
    expect_err("init: --install: '");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(scratch_path("full")), 0);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(help_and_this_table_agree),
        BOTH(a_bad_value_is_refused_with_the_name_of_its_option),
        BOTH(a_bad_value_is_refused_with_the_name_of_its_variable),
        BOTH(a_bad_variable_is_refused_beside_a_good_flag),
        BOTH(a_long_option_with_one_dash_is_told_with_two),
        BOTH(an_unknown_option_is_refused_with_its_name),
        BOTH(what_is_no_utf_8_in_a_message_becomes_question_marks),
        BOTH(a_missing_command_is_refused),
        BOTH(variables_that_are_empty_or_off_ask_for_nothing),
        BOTH(texts_are_on_stdout_with_status_0),
        BOTH(each_persona_has_the_version_line_of_its_peer),
        BOTH(a_text_that_cannot_be_written_is_a_failure),
        BOTH(each_persona_has_the_exec_status_of_its_peer),
        BOTH(dumb_init_gives_command_a_session),
        ONLY_ORDINARY(dumb_init_ends_the_group_when_command_has_exited),
        BOTH(dumb_init_takes_numbers_alone_for_rewrites),
        BOTH(the_group_is_signalled_where_it_is_asked_for),
        BOTH(dumb_init_signals_the_group_by_default),
        ONLY_ORDINARY(orphans_are_adopted_where_the_persona_has_it_so),
        ONLY_ORDINARY(the_death_of_its_parent_is_a_signal),
        BOTH(exit_statuses_are_mapped),
        BOTH(verbosity_is_on_stderr_and_counts),
        BOTH(arguments_are_expanded),
        BOTH(the_environment_may_be_empty),
        BOTH(what_cannot_be_expanded_is_refused),
        BOTH(what_grows_too_large_is_refused),
        BOTH(secrets_come_from_files),
        BOTH(an_empty_variable_is_no_secret_and_no_file),
        BOTH(a_secret_that_cannot_be_read_is_refused),
        BOTH(a_secret_from_a_fifo_that_nobody_fills_is_an_error_within_a_second),
        BOTH(what_is_no_name_of_a_variable_is_refused),
        BOTH(the_suffix_of_file_env_is_told),
        BOTH(variables_of_init_do_not_reach_command),
        BOTH(pause_runs_nothing_until_it_is_stopped),
        BOTH(pause_has_nothing_to_expand),
        BOTH(pause_reaps),
        BOTH(install_copies_the_binary_even_over_a_running_one),
        BOTH(install_says_where_it_cannot),
        ONLY_PID1(two_installs_of_one_pid_do_not_meet),
        BOTH(a_failed_install_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
