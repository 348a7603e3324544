/* How init starts COMMAND: what is found, what it inherits, what its status means. */
#include "support/proc.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(signal) (UINT64_C(1) << ((signal)-1))

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

static void make_file(const char *path, const char *contents, mode_t mode)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(contents, file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

/* --- exec errors ------------------------------------------------------------------------------- */

static void expect_failure(void **state, const char *command, int status, const char *message)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, command, NULL), status);
    assert_string_equal(s.err.bytes, message);
    assert_string_equal(s.out.bytes, "");
}

static int run_with_path(void **state, const char *path, const char *command)
{
    char variable[512];
    const char *set[] = { variable, NULL };
    struct subject_options options = as(state);

    snprintf(variable, sizeof variable, "PATH=%s", path);
    options.set = set;
    options.no_path = true;
    return subject_run(&s, &options, command, NULL);
}

static void a_command_that_is_not_there_is_127(void **state)
{
    expect_failure(state, "no-such", 127, "init: no-such: No such file or directory\n");
    expect_failure(state, "/no/such", 127, "init: /no/such: No such file or directory\n");
    expect_failure(state, "/dev/null/such", 127, "init: /dev/null/such: Not a directory\n");
    expect_failure(state, "", 127, "init: '': No such file or directory\n");
}

static void a_command_that_cannot_be_executed_is_126(void **state)
{
    char message[256];

    expect_failure(state, "/etc/passwd", 126, "init: /etc/passwd: Permission denied\n");
    expect_failure(state, "/etc", 126, "init: /etc: Permission denied\n");
    make_file(scratch_path("text"), "no program\n", 0755);
    snprintf(message, sizeof message,
             "init: %s: Exec format error (neither a program for this machine nor a script with #!)\n",
             scratch_path("text"));
    expect_failure(state, scratch_path("text"), 126, message);
}

/* As Debian's builds of the four do, by execvp(3) of glibc. */
static void other_inits_hand_a_script_without_interpreter_to_a_shell(void **state)
{
    static const char *const names[] = { "tini", "docker-init", "dumb-init", "catatonit" };
    struct subject_options options = as(state);

    make_file(scratch_path("script"), "echo \"$0: $*\"\nexit 5\n", 0755);
    for (size_t i = 0; i < COUNT(names); i++) {
        options.argv0 = names[i];
        assert_int_equal(subject_run(&s, &options, "--", scratch_path("script"), "a b", "c", NULL), 5);
        assert_has(s.out.bytes, "script: a b c\n");
    }
}

static void a_missing_interpreter_is_told_from_a_missing_file(void **state)
{
    char message[256];

    make_file(scratch_path("script"), "#!/no/such/interpreter\n", 0755);
    snprintf(message, sizeof message,
             "init: %s: No such file or directory (the file is there: its interpreter or dynamic loader is not)\n",
             scratch_path("script"));
    expect_failure(state, scratch_path("script"), 127, message);
}

static void it_is_where_path_leads_to_the_file_too(void **state)
{
    char path[256];

    mkdir(scratch_path("bare"), 0755);
    make_file(scratch_path("bare/tool"), "#!/no/such/interpreter\n", 0755);
    snprintf(path, sizeof path, "/nowhere:%s:/bin", scratch_path("bare"));
    assert_int_equal(run_with_path(state, path, "tool"), 127);
    assert_string_equal(
        s.err.bytes,
        "init: tool: No such file or directory (the file is there: its interpreter or dynamic loader is not)\n");
    assert_int_equal(run_with_path(state, path, "no-tool"), 127);
    assert_string_equal(s.err.bytes, "init: no-tool: No such file or directory\n");
}

static void an_option_behind_the_dashes_is_told_as_one(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--", "-k", "5s", "app", NULL), 127);
    assert_string_equal(s.err.bytes, "init: -k: No such file or directory (options stand in front of --)\n");
}

static void a_command_line_in_one_word_is_told_as_one(void **state)
{
    static const char why[] =
        "No such file or directory (a command line in one word: each argument is a word of its own)";
    static const char *const lines[] = { "/bin/node /app.js", "java -jar app.jar", "exec env" };
    char message[256];

    for (size_t i = 0; i < COUNT(lines); i++) {
        snprintf(message, sizeof message, "init: %s: %s\n", lines[i], why);
        expect_failure(state, lines[i], 127, message);
    }
}

/* --- PATH -------------------------------------------------------------------------------------- */

static void path_is_searched_in_order(void **state)
{
    char path[256];

    mkdir(scratch_path("first"), 0755);
    mkdir(scratch_path("second"), 0755);
    make_file(scratch_path("first/tool"), "#!/bin/sh\nexit 11\n", 0755);
    make_file(scratch_path("second/tool"), "#!/bin/sh\nexit 22\n", 0755);
    snprintf(path, sizeof path, "/nowhere:%s:%s", scratch_path("first"), scratch_path("second"));
    assert_int_equal(run_with_path(state, path, "tool"), 11);
}

static void a_file_that_may_not_be_executed_does_not_hide_a_later_match(void **state)
{
    char path[256];

    mkdir(scratch_path("first"), 0755);
    mkdir(scratch_path("second"), 0755);
    make_file(scratch_path("first/hidden"), "", 0644);
    make_file(scratch_path("second/hidden"), "#!/bin/sh\nexit 22\n", 0755);
    snprintf(path, sizeof path, "%s:%s", scratch_path("first"), scratch_path("second"));
    assert_int_equal(run_with_path(state, path, "hidden"), 22);
    assert_int_equal(run_with_path(state, scratch_path("first"), "hidden"), 126);
    assert_string_equal(s.err.bytes, "init: hidden: Permission denied\n");
}

static void without_path_the_usual_directories_are_searched(void **state)
{
    struct subject_options options = as(state);

    options.no_path = true;
    assert_int_equal(subject_run(&s, &options, "true", NULL), 0);
}

static void a_command_with_a_slash_is_not_searched(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, subject_child("end"), "5", NULL), 5);
    assert_int_equal(run_with_path(state, "/bin", "./true"), 127);
}

/* --- exit statuses ----------------------------------------------------------------------------- */

static void each_exit_status_is_passed_on(void **state)
{
    struct subject_options options = as(state);
    char status[8];

    for (int i = 0; i < 256; i++) {
        snprintf(status, sizeof status, "%d", i);
        assert_int_equal(subject_run(&s, &options, "end", status, NULL), i);
    }
    assert_string_equal(s.err.bytes, "");
}

static bool ends_a_process(int signal)
{
    switch (signal) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
    case SIGSTOP:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
        return false;
    default:
        return true;
    }
}

static void death_by_signal_n_is_128_plus_n(void **state)
{
    struct subject_options options = as(state);
    char argument[8];

    for (int signal = 1; signal <= 64; signal++) {
        if (!ends_a_process(signal))
            continue;
        snprintf(argument, sizeof argument, "-%d", signal);
        assert_int_equal(subject_run(&s, &options, "--", "end", argument, NULL), 128 + signal);
    }
}

static void the_status_is_commands_and_not_that_of_a_last_orphan(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "sh", "-c", "(exit 3) & (exit 4) & exit 5", NULL), 5);
}

/* --- what COMMAND inherits --------------------------------------------------------------------- */

static void set_odd_signals(void *argument)
{
    uint64_t mask = *(uint64_t *)argument;

    for (int signal = 1; signal < 32; signal++)
        if (signal == SIGHUP || signal == SIGPIPE || signal == SIGCHLD || signal == SIGTSTP || signal == SIGSEGV)
            sigaction(signal, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, sizeof mask);
}

static void mask_and_ignored_signals_survive_into_command(void **state)
{
    uint64_t mask = BIT(SIGUSR1) | BIT(SIGTERM) | BIT(SIGCHLD) | BIT(32) | BIT(33) | BIT(34) | BIT(40) | BIT(64);
    uint64_t ignored = BIT(SIGHUP) | BIT(SIGPIPE) | BIT(SIGCHLD) | BIT(SIGTSTP) | BIT(SIGSEGV);
    struct subject_options options = as(state);
    char line[64];

    options.before = set_odd_signals;
    options.argument = &mask;
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    snprintf(line, sizeof line, "blocked %016llx\n", (unsigned long long)mask);
    assert_has(s.out.bytes, line);
    snprintf(line, sizeof line, "ignored %016llx\n", (unsigned long long)ignored);
    assert_has(s.out.bytes, line);
}

static void by_default_command_has_nothing_blocked_or_ignored(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    assert_has(s.out.bytes, "blocked 0000000000000000\n");
    assert_has(s.out.bytes, "ignored 0000000000000000\n");
}

static void ignore_child_signal(void *argument)
{
    (void)argument;
    signal(SIGCHLD, SIG_IGN);
}

static void sigchld_ignored_at_the_start_loses_no_status(void **state)
{
    struct subject_options options = as(state);

    options.before = ignore_child_signal;
    assert_int_equal(subject_run(&s, &options, "end", "42", NULL), 42);
    assert_int_equal(subject_run(&s, &options, "--", "end", "-11", NULL), 139);
}

static void arguments_and_environment_arrive_as_they_are(void **state)
{
    const char *set[] = { "EMPTY=", "ODD=a b\n$HOME ${X}", "PITHY=1", NULL };
    struct subject_options options = as(state);

    options.set = set;
    assert_int_equal(subject_run(&s, &options, "-g", "show", "-g", "", "${X} $$", "--", NULL), 0);
    assert_has(s.out.bytes, "argument 0 [show]\nargument 1 [-g]\nargument 2 []\n"
                            "argument 3 [${X} $$]\nargument 4 [--]\nvariable");
    assert_has(s.out.bytes, "variable [EMPTY=]\nvariable [ODD=a b\n$HOME ${X}]\nvariable [PITHY=1]\nshown\n");
}

static void command_leads_a_process_group_of_its_own(void **state)
{
    struct subject_options options = as(state);
    int pid, parent, group, session;

    subject_start(&s, &options, "show", NULL);
    const char *line = stream_await(&s.out, "pid ");
    assert_int_equal(sscanf(line, "%d ppid %d pgrp %d sid %d", &pid, &parent, &group, &session), 4);
    assert_int_equal(pid, group);
    assert_int_equal(parent, options.pid1 ? 1 : s.pid);
    assert_int_not_equal(session, pid);
    assert_int_equal(subject_wait(&s), 0);
}

/* --- descriptors ------------------------------------------------------------------------------- */

static void open_odd_descriptors(void *argument)
{
    (void)argument;
    dup2(STDIN_FILENO, 7);
    dup2(STDIN_FILENO, 100);
}

static void command_has_the_descriptors_that_init_was_given(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    assert_has(s.out.bytes, "fds 0 1 2.\n");
    options.before = open_odd_descriptors;
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    assert_has(s.out.bytes, "fds 0 1 2 7 100.\n");
}

static void init_itself_opens_no_descriptor(void **state)
{
    const char *set[] = { "SECRET_FILE=/etc/hostname", NULL };
    struct subject_options options = as(state);
    struct dirent *entry;
    char path[64];
    int n = 0;

    options.set = set;
    subject_start(&s, &options, "--grace=1s", "--stop-timeout=1m", "--file-env=SECRET", "-x", "pause", NULL);
    stream_await(&s.out, "ready");
    snprintf(path, sizeof path, "/proc/%d/fd", (int)s.pid);
    DIR *fds = opendir(path);
    while ((entry = readdir(fds)))
        n += entry->d_name[0] != '.';
    closedir(fds);
    assert_int_equal(n, 3);
}

struct closing {
    unsigned mask;
};

static void close_some(void *argument)
{
    for (int fd = 0; fd <= 2; fd++)
        if (((struct closing *)argument)->mask & (1U << fd))
            close(fd);
}

static void any_of_the_three_descriptors_may_be_closed(void **state)
{
    struct subject_options options = as(state);
    struct closing closing;

    options.before = close_some;
    options.argument = &closing;
    for (closing.mask = 0; closing.mask < 8; closing.mask++) {
        assert_int_equal(subject_run(&s, &options, "-v", "-w", "--grace=1s", "show", NULL), closing.mask & 2 ? 42 : 0);
        assert_int_equal(subject_run(&s, &options, "-v", "no-such", NULL), 127);
        assert_int_equal(subject_run(&s, &options, "--no-such", NULL), 125);
    }
}

/* --- failures of init itself ------------------------------------------------------------------- */

static void allow_no_process(void *argument)
{
    (void)argument;
    /* in this order: an exec right after a change of ids is refused too */
    if (setuid(65532) != 0 || setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 }) != 0)
        _exit(98);
}

static void no_process_to_be_had_is_a_message_and_125(void **state)
{
    struct subject_options options = as(state);

    options.before = allow_no_process;
    assert_int_equal(subject_run(&s, &options, "/bin/true", NULL), 125);
    assert_string_equal(s.err.bytes, "init: cannot start /bin/true: Resource temporarily unavailable\n");
}

static void too_long_an_argument_list_is_126(void **state)
{
    struct subject_options options = as(state);
    static char big[100000];
    const char *set[] = { big, NULL };

    memset(big, 'x', sizeof big - 1);
    memcpy(big, "BIG=", 4);
    options.set = set;
    assert_int_equal(subject_run(&s, &options, "-x", "/bin/true", "${BIG}${BIG}", NULL), 126);
    assert_string_equal(s.err.bytes, "init: /bin/true: Argument list too long\n");
}

static void children_from_before_its_exec_are_reaped_too(void **state)
{
    struct subject_options options = as(state);
    char script[512];

    snprintf(script, sizeof script, "(exit 3) & exec %s --stop-timeout=1m pause", subject_binary());
    options.binary = "/bin/sh";
    subject_start(&s, &options, "-c", script, NULL);
    stream_await(&s.out, "ready");
    await_no_zombies(s.pid);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(a_command_that_is_not_there_is_127),
        BOTH(a_command_that_cannot_be_executed_is_126),
        BOTH(other_inits_hand_a_script_without_interpreter_to_a_shell),
        BOTH(a_missing_interpreter_is_told_from_a_missing_file),
        BOTH(it_is_where_path_leads_to_the_file_too),
        BOTH(an_option_behind_the_dashes_is_told_as_one),
        BOTH(a_command_line_in_one_word_is_told_as_one),
        BOTH(path_is_searched_in_order),
        BOTH(a_file_that_may_not_be_executed_does_not_hide_a_later_match),
        BOTH(without_path_the_usual_directories_are_searched),
        BOTH(a_command_with_a_slash_is_not_searched),
        BOTH(each_exit_status_is_passed_on),
        BOTH(death_by_signal_n_is_128_plus_n),
        BOTH(the_status_is_commands_and_not_that_of_a_last_orphan),
        BOTH(mask_and_ignored_signals_survive_into_command),
        BOTH(by_default_command_has_nothing_blocked_or_ignored),
        BOTH(sigchld_ignored_at_the_start_loses_no_status),
        BOTH(arguments_and_environment_arrive_as_they_are),
        BOTH(command_leads_a_process_group_of_its_own),
        BOTH(command_has_the_descriptors_that_init_was_given),
        BOTH(init_itself_opens_no_descriptor),
        BOTH(any_of_the_three_descriptors_may_be_closed),
        BOTH(no_process_to_be_had_is_a_message_and_125),
        BOTH(too_long_an_argument_list_is_126),
        BOTH(children_from_before_its_exec_are_reaped_too),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
