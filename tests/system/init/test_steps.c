/* The steps before COMMAND that are processes: --before and --once, what they are given, and signals while they run. */
#include "support/proc.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define SET(...) ((const char *[]){ __VA_ARGS__, NULL })

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

#define expect_out(text) assert_string_equal(s.out.bytes, text)
#define expect_err(text) assert_string_equal(s.err.bytes, text)

/* --- order and status -------------------------------------------------------------------------- */

static void steps_run_to_their_end_in_order_and_then_command(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--before", "echo one", "--once", "/nowhere/x:echo two", "--before",
                                 "echo three", "--", "sh", "-c", "echo four; exit 7", NULL),
                     7);
    expect_out("one\ntwo\nthree\nfour\n");
    expect_err("");
}

static void steps_of_a_variable_stand_one_a_line(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("PITH_BEFORE=echo one, two\necho three\n", "PITH_ONCE=/:echo no\n/nowhere:echo four");
    assert_int_equal(subject_run(&s, &options, "echo", "five", NULL), 0);
    expect_out("one, two\nthree\nfour\nfive\n");
    assert_int_equal(subject_run(&s, &options, "--before", "echo six", "echo", "seven", NULL), 0);
    expect_out("four\nsix\nseven\n"); /* the command line drops what the variable of that option says */
}

static void a_step_that_fails_ends_init_with_its_status(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--before", "end 3", "--before", "echo no", "echo", "no", NULL), 3);
    expect_out("");
    expect_err("init: --before: end has failed with status 3\n");
    assert_int_equal(subject_run(&s, &options, "--once", "/nowhere:end -9", "echo", "no", NULL), 128 + SIGKILL);
    expect_out("");
    expect_err("init: --once: end was ended by KILL\n");
    assert_int_equal(subject_run(&s, &options, "--before", "no-such", "echo", "no", NULL), 127);
    expect_err("init: --before: no-such: No such file or directory\n");
    options.argv0 = "dumb-init"; /* whose 2 is for COMMAND */
    assert_int_equal(subject_run(&s, &options, "--once", "/nowhere:no-such", "echo", "no", NULL), 127);
    assert_has(s.err.bytes, "--once: no-such: No such file or directory\n");
    options.argv0 = NULL;
    assert_int_equal(subject_run(&s, &options, "--before", "/etc/passwd", "echo", "no", NULL), 126);
    expect_out("");
}

/* --exit-map is about COMMAND: a migration that fails has not passed. */
static void the_exit_map_does_not_touch_a_steps_status(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "-e", "3", "--before", "end 3", "echo", "no", NULL), 3);
    assert_int_equal(subject_run(&s, &options, "-e", "3", "--before", "true", "end", "3", NULL), 0);
}

static void once_is_done_where_its_path_is_not_there(void **state)
{
    struct subject_options options = as(state);
    char once[300], *mark = scratch_path("mark");

    unlink(mark);
    snprintf(once, sizeof once, "%s:touch %s", mark, mark);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(subject_run(&s, &options, "-v", "--once", once, "true", NULL), 0);
        assert_count(s.err.bytes, "started touch", i == 0);
    }
    unlink(mark);
    assert_int_equal(symlink("/nowhere", mark), 0); /* a link that leads nowhere is there, and touch would follow it */
    assert_int_equal(subject_run(&s, &options, "-v", "--once", once, "true", NULL), 0);
    assert_count(s.err.bytes, "started touch", 0);
    unlink(mark);
}

static void words_are_split_as_written_and_expanded_afterwards(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("TWO=a b", "EMPTY=");
    assert_int_equal(subject_run(&s, &options, "--before",
                                 "printf [%s] ${TWO} \"c d\" 'e  f' g\\ h ${EMPTY} \"${NONE:-i j}\" k${TWO:+-l} $$x $y",
                                 "true", NULL),
                     0);
    expect_out("[a b][c d][e  f][g h][][i j][k-l][$x][$y]");
}

/* --- what a step is given ---------------------------------------------------------------------- */

static void a_step_has_commands_surroundings(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("PITH_VERBOSE=0", "SECRET_FILE=/proc/sys/kernel/ostype");
    assert_int_equal(subject_run(&s, &options, "-u", "65532:65532,7", "--umask", "027", "--limit", "nofile=77",
                                 "--file-env", "SECRET", "--env", "MADE=of ${SECRET}", "--before",
                                 "sh -c 'echo $$SECRET, $$MADE, $$HOME, ${PITH_VERBOSE:+own}; id -u; id -G; umask; "
                                 "ulimit -n'",
                                 "sh", "-c", "echo $SECRET, $MADE, $HOME, ; id -u; id -G; umask; ulimit -n", NULL),
                     0);
    assert_count(s.out.bytes, "Linux, of Linux, /,\n65532\n65532 7\n0027\n77\n", 2);
}

/* As dumb-init alone, init moves to / itself; what is started before COMMAND does not make that COMMAND's directory. */
static void command_begins_where_init_has_begun(void **state)
{
    struct subject_options options = as(state);
    char here[300], expected[1000];

    assert_non_null(getcwd(here, sizeof here));
    const char *const inits[][2] = { { "init", here }, { "dumb-init", "/" } };
    for (size_t i = 0; i < COUNT(inits); i++) {
        options.argv0 = inits[i][0];
        snprintf(expected, sizeof expected, "%s\n%s\n%s\n", here, here, inits[i][1]);
        assert_int_equal(subject_run(&s, &options, "--watch", "tcp://127.0.0.1:1", "--before", "true", "--before",
                                     "sh -c pwd", "sh", "-c", "pwd; readlink /proc/$PPID/cwd", NULL),
                         0);
        expect_out(expected);
    }
}

/* --- signals ----------------------------------------------------------------------------------- */

static void the_process_name_says_that_steps_run(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--before", "signals 10", "sh", "-c", "read -r name </proc/$PPID/comm; echo $name",
                  NULL);
    stream_await(&s.out, "ready");
    await_name(s.pid, "init: starting");
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 0);
    assert_has(s.out.bytes, "got 10");
    assert_has(s.out.bytes, "\ninit\n");
}

static void a_stop_signal_is_forwarded_to_the_step_and_command_is_not_started(void **state)
{
    static const struct {
        const char *step;
        int status;
    } rows[] = {
        { "signals 15 0", 128 + SIGTERM }, /* the step ends well: COMMAND would have followed */
        { "signals 15 4", 4 },
        { "pause", 128 + SIGTERM },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(rows); i++) {
        subject_start(&s, &options, "--stop-delay", "1h", "--before", rows[i].step, "--before", "echo no", "echo", "no",
                      NULL);
        stream_await(&s.out, "ready");
        kill(s.pid, SIGTERM);
        assert_int_equal(subject_wait(&s), rows[i].status);
        assert_lacks(s.out.bytes, "no\n");
        expect_err("");
    }
}

static void a_step_that_ignores_the_stop_signal_is_killed_after_the_stop_timeout(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--stop-timeout", "100ms", "--before", "signals", "echo", "no", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    assert_has(s.out.bytes, "got 15");
    expect_err("init: the step still runs after --stop-timeout: KILL sent\n");
}

/* Signals that came before init did: TERM is seen between two steps, where nothing runs. */
static void raise_term(void *argument)
{
    uint64_t all = ~UINT64_C(0);

    (void)argument;
    sigprocmask(SIG_SETMASK, (const sigset_t *)(const void *)&all, NULL);
    raise(SIGTERM);
}

static void a_stop_signal_before_the_first_step_starts_nothing(void **state)
{
    struct subject_options options = as(state);
    char remove[300], *mark = scratch_path("mark");

    snprintf(remove, sizeof remove, "%s", mark);
    close(open(mark, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    options.before = raise_term;
    assert_int_equal(subject_run(&s, &options, "--remove", remove, "--before", "echo no", "echo", "no", NULL),
                     128 + SIGTERM);
    expect_out("");
    assert_int_equal(access(mark, F_OK), 0);
    assert_int_equal(subject_run(&s, &options, "-k", "1s", "--mkdir", "/tmp", "echo", "no", NULL), 128 + SIGTERM);
    expect_out("");
    /* one that is forwarded as nothing stops nothing */
    assert_int_equal(
        subject_run(&s, &options, "-r", "TERM:0", "--remove", remove, "--before", "echo yes", "true", NULL), 0);
    expect_out("yes\n");
    assert_int_not_equal(access(mark, F_OK), 0);
}

static void other_signals_before_the_first_step_are_for_it(void **state)
{
    struct subject_options options = as(state);

    options.before = raise_term;
    assert_int_equal(subject_run(&s, &options, "--stop-signal", "QUIT", "--before", "signals 15", "echo", "on", NULL),
                     0);
    assert_has(s.out.bytes, "got 15");
    assert_has(s.out.bytes, "\non\n");
}

static void the_run_timeout_begins_with_command(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--run-timeout", "50ms", "--before", "signals 10", "pause", NULL);
    stream_await(&s.out, "ready");
    assert_false(subject_ends(&s, 200));
    int64_t before = run_now_ms();
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 124);
    assert_at_least(run_now_ms() - before, 50);
}

/* --- what a step leaves ------------------------------------------------------------------------ */

static void orphans_of_a_step_are_reaped_and_its_daemons_live_on(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--before", "tree -x 0 orphan daemon", "pause", NULL);
    stream_await(&s.out, "ready"); /* of tree */
    stream_await(&s.out, "ready");
    await_no_zombies(s.pid);
    await_children(s.pid, 3);
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 128 + SIGTERM);
}

static void grace_ends_what_a_failed_step_leaves(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "-k", "5s", "--before", "tree -x 6 daemon session", "echo", "no", NULL),
                     6);
    expect_err("init: --before: tree has failed with status 6\n");
    assert_int_equal(subject_run(&s, &options, "-k", "0", "--before", "tree -x 6 orphan+stubborn", "echo", "no", NULL),
                     6);
    assert_has(s.err.bytes, "init: --before: tree has failed with status 6\ninit: processes left after --grace: ");
    assert_count(s.err.bytes, ", KILL sent\n",
                 1); /* how many is a matter of time: the orphan's parent may not be gone */
}

static void the_exit_report_tells_a_step_that_failed(void **state)
{
    static char program[] =
        "import json, sys\nr = json.load(open(sys.argv[1]))\n"
        "print(r['command'], r['pid'] and r['pid'] > 1, r['exit_code'], r['signal'], r['status'], r['reason'])\n";
    struct subject_options options = as(state);
    static const struct {
        const char *option, *step, *says;
    } rows[] = {
        { "--before", "end 3", "end True 3 None 3 before-failed\n" },
        { "--once", "/nowhere:end -9", "end True 137 SIGKILL 137 before-failed\n" },
        { "--before", "no-such", "no-such True 127 None 127 before-failed\n" },
        { "--remove", "/proc", "echo None 125 None 125 before-failed\n" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        char *report = scratch_path("report");
        subject_run(&s, &options, "--exit-report", report, rows[i].option, rows[i].step, "echo", "no", NULL);
        assert_string_equal(run(NULL, (char *[]){ "/usr/bin/python3", "-c", program, report, NULL })->out,
                            rows[i].says);
    }
}

/* With --pause there is none, whatever stands behind the options. */
static void the_exit_report_of_a_pause_has_no_command(void **state)
{
    static char program[] = "import json, sys\nr = json.load(open(sys.argv[1]))\n"
                            "print(r['command'], r['pid'], r['exit_code'], r['signal'], r['status'], r['reason'])\n";
    struct subject_options options = as(state);
    char *report = scratch_path("report"), *mark = scratch_path("mark");
    const struct {
        void (*before)(void *unused);
        const char *option, *step, *command;
        int status;
        const char *says;
    } rows[] = {
        { NULL, "--remove", "/proc", NULL, 125, "None None 125 None 125 before-failed\n" },
        { NULL, "--remove", "/proc", "echo", 125, "None None 125 None 125 before-failed\n" },
        { raise_term, "--before", "echo no", NULL, 143, "None None 143 SIGTERM 143 stopped\n" },
        { raise_term, "--remove", mark, NULL, 143, "None None 143 SIGTERM 143 stopped\n" },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        options.before = rows[i].before;
        unlink(report);
        assert_int_equal(subject_run(&s, &options, "-P", "--exit-report", report, rows[i].option, rows[i].step,
                                     rows[i].command, NULL),
                         rows[i].status);
        expect_out("");
        assert_string_equal(run(NULL, (char *[]){ "/usr/bin/python3", "-c", program, report, NULL })->out,
                            rows[i].says);
    }
}

/* Nor does --env give them to COMMAND, or to a step, as init itself would not act on them. */
static void variables_of_init_itself_reach_nobody(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--env=A=1", "--env=PITH_GRACE=5s", "--env=PITHY=2", "--env=B=${A}3",
                                 "--before=show", "show", NULL),
                     0);
    assert_count(s.out.bytes, "variable [A=1]\nvariable [PITHY=2]\nvariable [B=13]\nshown\n", 2);
    assert_lacks(s.out.bytes, "PITH_");
}

/* --- what is written wrong --------------------------------------------------------------------- */

static void a_wrong_value_is_one_line_and_starts_nothing(void **state)
{
    static const struct {
        const char *option, *value, *says;
    } rows[] = {
        { "--before", "", "'' is no command" },
        { "--before", "  ", "'  ' is no command" },
        { "--before", "echo 'x", "'echo 'x' has a quote without an end" },
        { "--before", "echo x\\", "'echo x\\' ends in a backslash" },
        { "--before", "a && b", "'a && b' is for a shell, and there is none: quote it, or give the option twice" },
        { "--once", "/nowhere:a | b",
          "'/nowhere:a | b' is for a shell, and there is none: quote it, or give the option twice" },
        { "--before", "echo ${NO}", "'${NO}': NO is not set in the environment" },
        { "--once", "echo", "'echo' is not PATH:COMMAND" },
        { "--once", ":echo", "':echo' is not PATH:COMMAND" },
        { "--once", "/x:", "'/x:' is no command" },
        { "--env", "=x", "'=x' is not NAME=VALUE" },
        { "--env", "NAME", "'NAME' is not NAME=VALUE" },
        { "--env", "A=${NO}", "'A=${NO}': NO is not set in the environment" },
        { "--umask", "028", "'028' is not an octal umask, such as 027" },
        { "--umask", "1000", "'1000' is not an octal umask, such as 027" },
        { "--umask", "", "'' is not an octal umask, such as 027" },
        { "--limit", "nofile", "'nofile' is not NAME=SOFT[:HARD] with SOFT<=HARD, as nofile=64:128" },
        { "--limit", "files=1", "'files=1' is not NAME=SOFT[:HARD] with SOFT<=HARD, as nofile=64:128" },
        { "--limit", "nofile=2:1", "'nofile=2:1' is not NAME=SOFT[:HARD] with SOFT<=HARD, as nofile=64:128" },
        { "--limit", "nofile=1:", "'nofile=1:' is not NAME=SOFT[:HARD] with SOFT<=HARD, as nofile=64:128" },
        { "--stop-signal", "KILL", "'KILL' is not a signal that init can forward" },
        { "--stop-signal", "TERM,FOO", "'TERM,FOO' is not a signal that init can forward" },
        { "--remove", "", "'' is not a path" },
        { "--mkdir", "", "'' is not a path" },
        { "--mkdir", "/tmp/${NO}", "'/tmp/${NO}': NO is not set in the environment" },
        { "--chown", "", "'' is not a path" },
        { "--render", "/x", "'/x' is not FROM:TO" },
        { "--render", ":/x", "':/x' is not FROM:TO" },
        { "--user", "no-such-user", "'no-such-user': no such user in /etc/passwd" },
        { "--user", "0:no-such-group", "'no-such-group': no such group in /etc/group" },
        { "--user", "0:", "'0:' is not USER[:GROUP[,GROUP...]] with names or numbers" },
        { "--user", "0:1,", "'0:1,' is not USER[:GROUP[,GROUP...]] with names or numbers" },
    };
    struct subject_options options = as(state);
    char expected[200];

    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(
            subject_run(&s, &options, rows[i].option, rows[i].value, "--before", "echo no", "echo", "no", NULL), 125);
        snprintf(expected, sizeof expected, "init: %s: %s\n", rows[i].option, rows[i].says);
        expect_out("");
        expect_err(expected);
    }
}

static void more_steps_than_there_is_room_for_are_refused(void **state)
{
    static char variable[16 + 65 * 5];
    struct subject_options options = as(state);
    size_t length = (size_t)sprintf(variable, "PITH_BEFORE=");

    for (int i = 0; i < 64; i++)
        length += (size_t)sprintf(variable + length, "true\n");
    options.set = SET(variable);
    assert_int_equal(subject_run(&s, &options, "echo", "all", NULL), 0);
    expect_out("all\n");
    sprintf(variable + length, "true\n");
    assert_int_equal(subject_run(&s, &options, "echo", "all", NULL), 125);
    assert_has(s.err.bytes, "is one step too many (64 at most)");
}

/* --- arguments and limits ---------------------------------------------------------------------- */

static void a_whole_argument_that_is_a_variable_becomes_its_words(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("JAVA_OPTS=-Xmx1g  \"-Dname=a b\" &&", "EMPTY=", "my.name-x=dotted");
    assert_int_equal(subject_run(&s, &options, "-x", "printf", "[%s]", "$JAVA_OPTS", "$EMPTY", "$NONE", "$5", "$",
                                 "a$JAVA_OPTS", "${my.name-x}", "${EMPTY:+x}", "${JAVA_OPTS:+set}", NULL),
                     0);
    expect_out("[-Xmx1g][-Dname=a b][&&][$5][$][a$JAVA_OPTS][dotted][][set]");
    /* what a shell would take for a name and more is no name of another variable */
    options.set = SET("A=1", "A-b=2", "A.c=3", "_a1=4 5");
    assert_int_equal(subject_run(&s, &options, "-x", "printf", "[%s]", "$A-b", "$A.c", "$A-", "$.c", "$-", "$_a1", "$A",
                                 "${A-b}", NULL),
                     0);
    expect_out("[$A-b][$A.c][$A-][$.c][$-][4][5][1][2]");
    assert_int_equal(subject_run(&s, &options, "printf", "%s", "$JAVA_OPTS", NULL), 0);
    expect_out("$JAVA_OPTS");
    assert_int_equal(subject_run(&s, &options, "-x", "$NONE", NULL), 125);
    expect_err("init: COMMAND: no word is left of it after its expansion\n");
    options.set = SET("ODD='x");
    assert_int_equal(subject_run(&s, &options, "-x", "echo", "$ODD", NULL), 125);
    expect_err("init: '$ODD': its value has a quote without an end\n");
}

static void limits_and_umask_are_commands_and_not_inits(void **state)
{
    struct subject_options options = as(state);
    struct rlimit limit;

    options.set = SET("PITH_LIMIT=nofile=40:50,core=0", "PITH_UMASK=077");
    subject_start(&s, &options, "sh", "-c", "umask; ulimit -Sn; ulimit -Hn; ulimit -c; echo ready; read -r x", NULL);
    stream_await(&s.out, "ready");
    assert_string_equal(s.out.bytes, "0077\n40\n50\n0\nready\n");
    assert_int_equal(prlimit(s.pid, RLIMIT_NOFILE, NULL, &limit), 0);
    assert_true(limit.rlim_cur != 40);
    subject_wait(&s);
    assert_int_equal(subject_run(&s, &options, "--limit", "stack=unlimited:unlimited", "-u", "65532", "true", NULL), 0);
    options.set = SET("PITH_USER=65532", "PITH_LIMIT=nofile=40:50");
    assert_int_equal(
        subject_run(&s, &options, "sh", "-c", "exec \"$0\" --limit nofile=60 true", subject_binary(), NULL), 125);
    expect_err("init: --limit: 'nofile=60': Operation not permitted\n");
    subject_run(&s, &options, "sh", "-c", "exec \"$0\" --exit-report=/dev/stderr --limit nofile=60 true",
                subject_binary(), NULL);
    assert_has(s.err.bytes, "\"reason\":\"exec-failed\"");
}

static void only_the_stop_signals_that_are_given_stop(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("PITH_STOP_SIGNAL=quit,USR1");
    subject_start(&s, &options, "--stop-timeout", "100ms", "signals", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    stream_await(&s.out, "got 15");
    assert_false(subject_ends(&s, 300));
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    assert_has(s.out.bytes, "got 10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(steps_run_to_their_end_in_order_and_then_command),
        BOTH(steps_of_a_variable_stand_one_a_line),
        BOTH(a_step_that_fails_ends_init_with_its_status),
        BOTH(the_exit_map_does_not_touch_a_steps_status),
        BOTH(once_is_done_where_its_path_is_not_there),
        BOTH(words_are_split_as_written_and_expanded_afterwards),
        BOTH(a_step_has_commands_surroundings),
        BOTH(command_begins_where_init_has_begun),
        BOTH(the_process_name_says_that_steps_run),
        BOTH(a_stop_signal_is_forwarded_to_the_step_and_command_is_not_started),
        BOTH(a_step_that_ignores_the_stop_signal_is_killed_after_the_stop_timeout),
        BOTH(a_stop_signal_before_the_first_step_starts_nothing),
        BOTH(other_signals_before_the_first_step_are_for_it),
        BOTH(the_run_timeout_begins_with_command),
        BOTH(orphans_of_a_step_are_reaped_and_its_daemons_live_on),
        BOTH(grace_ends_what_a_failed_step_leaves),
        BOTH(variables_of_init_itself_reach_nobody),
        BOTH(the_exit_report_tells_a_step_that_failed),
        BOTH(the_exit_report_of_a_pause_has_no_command),
        BOTH(a_wrong_value_is_one_line_and_starts_nothing),
        BOTH(more_steps_than_there_is_room_for_are_refused),
        BOTH(a_whole_argument_that_is_a_variable_becomes_its_words),
        BOTH(limits_and_umask_are_commands_and_not_inits),
        BOTH(only_the_stop_signals_that_are_given_stop),
    };

    subject_isolate();
    return cmocka_run_group_tests_name("steps", tests, NULL, scratch_remove);
}
