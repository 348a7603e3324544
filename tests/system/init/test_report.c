/* --exit-report: what it tells, where it goes, and that COMMAND's user cannot lead init elsewhere with it. */
#include "support/proc.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SET(...) ((const char *[]){ __VA_ARGS__, NULL })

enum { USER = 65532 };

static const char bad_link[] = "leads through a symbolic link that another user could have made",
                  bad_folder[] = "leads through a folder that another user could have put there",
                  bad_entry[] = "is no file, and another user could have put it there";

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

/* --- what it tells ----------------------------------------------------------------------------- */

/* The values of the report as Python reads its one line of JSON. */
static void expect_report(const char *expected)
{
    static char program[] = "import json, sys\n"
                            "line = open(sys.argv[1]).read()\n"
                            "assert line.count('\\n') == 1 and line.endswith('}\\n')\n"
                            "r = json.loads(line)\n"
                            "assert list(r) == ['command', 'pid', 'exit_code', 'signal', 'core', 'status', 'reason', "
                            "'oom_killed', 'seconds'] and r['pid'] > 0 and 0 <= r['seconds'] < 10\n"
                            "assert r['seconds'] >= 0.05 or r['reason'] != 'run-timeout'\n"
                            "print(r['command'], r['exit_code'], r['signal'], r['core'], r['status'], r['reason'])\n";
    const struct run_result *result =
        run(NULL, (char *[]){ "/usr/bin/python3", "-c", program, (char *)(uintptr_t)scratch_path("report"), NULL });

    assert_string_equal(result->err, "");
    assert_string_equal(result->out, expected);
}

static void the_report_tells_how_command_ended(void **state)
{
    struct subject_options options = as(state);
    char variable[160];

    snprintf(variable, sizeof variable, "PITH_EXIT_REPORT=%s", scratch_path("report"));
    options.set = SET(variable);
    assert_int_equal(subject_run(&s, &options, "-e", "4:5", "end", "4", NULL), 5);
    expect_report("end 4 None False 5 exited\n");
    assert_int_equal(subject_run(&s, &options, "--", "end", "-11", NULL), 139);
    expect_report("end 139 SIGSEGV False 139 signaled\n");
    assert_int_equal(subject_run(&s, &options, "--run-timeout=50ms", "pause", NULL), 124);
    expect_report("pause 143 SIGTERM False 124 run-timeout\n");
    assert_int_equal(subject_run(&s, &options, "no-such\n\"\x01\\", NULL), 127);
    expect_report("no-such\n\"\x01\\ 127 None False 127 exec-failed\n");
    subject_start(&s, &options, "signals", "15", "6", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 6);
    expect_report("signals 6 None False 6 stopped\n");
}

static double seconds_told(void)
{
    static char program[] = "import json, sys\nprint(json.load(open(sys.argv[1]))['seconds'])\n";

    return atof(run(NULL, (char *[]){ "/usr/bin/python3", "-c", program, scratch_path("report"), NULL })->out);
}

enum { HELD_MS = 300 };

/* What is awaited here is what the time must not have in it: the bounds are as long as init itself took. */
static void the_seconds_are_those_of_what_was_started_last(void **state)
{
    struct subject_options options = as(state);
    char variable[160];

    snprintf(variable, sizeof variable, "PITH_EXIT_REPORT=%s", scratch_path("report"));
    options.set = SET(variable);
    /* no step before it */
    subject_start(&s, &options, "--before=signals 10", "end", "3", NULL);
    stream_await(&s.out, "ready");
    assert_false(subject_ends(&s, HELD_MS));
    int64_t since = run_now_ms();
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 3);
    int64_t until = run_now_ms();
    assert_in_range((int64_t)(seconds_told() * 1000), 0, until - since + 1);
    /* not what it leaves */
    since = run_now_ms();
    subject_start(&s, &options, "-k1h", "tree", "-x", "3", "orphan+stubborn", NULL);
    await_name(s.pid, "init: stopping");
    until = run_now_ms();
    assert_false(subject_ends(&s, HELD_MS));
    kill(proc_child(s.pid), SIGKILL);
    assert_int_equal(subject_wait(&s), 3);
    assert_in_range((int64_t)(seconds_told() * 1000), 0, until - since + 1);
    /* from its start */
    subject_start(&s, &options, "signals", "10", "5", NULL);
    stream_await(&s.out, "ready");
    assert_false(subject_ends(&s, HELD_MS));
    kill(s.pid, SIGUSR1);
    assert_int_equal(subject_wait(&s), 5);
    assert_in_range((int64_t)(seconds_told() * 1000), HELD_MS - 1, INT64_MAX);
    /* nothing was started */
    assert_int_equal(subject_run(&s, &options, "--remove=/proc", "end", NULL), 125);
    assert_true(seconds_told() == 0);
}

/* --- whether memory was short ------------------------------------------------------------------ */

/* The value of oom_killed, JSON's word for it. */
static void expect_oom_killed(const char *expected)
{
    static char program[] = "import json, sys\nprint(json.dumps(json.load(open(sys.argv[1]))['oom_killed']))\n";
    const struct run_result *result =
        run(NULL, (char *[]){ "/usr/bin/python3", "-c", program, (char *)(uintptr_t)scratch_path("report"), NULL });

    assert_string_equal(result->out, expected);
}

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        _exit(98);
}

/* A place for cgroups of version 2, where init is in CGROUP. */
static void mount_cgroups(const char *cgroup)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", "/sys/fs/cgroup", "tmpfs", 0, NULL) != 0)
        _exit(98);
    write_text("/sys/fs/cgroup/own", cgroup);
    if (mount("/sys/fs/cgroup/own", "/proc/self/cgroup", NULL, MS_BIND, NULL) != 0)
        _exit(98);
}

/* A cgroup of version 2 as a container sees its own, with a counter that COMMAND can write. */
static void mount_cgroup2(void *argument)
{
    char events[64];

    mount_cgroups("0::/\n");
    snprintf(events, sizeof events, "low 0\nmax 9\noom 3\n%s", (const char *)argument);
    write_text("/sys/fs/cgroup/memory.events", events);
}

/* None of the two files has a counter; the end of the one behind the other would be one. */
static void mount_two_cgroups(void *unused)
{
    (void)unused;
    mount_cgroups("0::/deep\n");
    if (mkdir("/sys/fs/cgroup/deep", 0755) != 0)
        _exit(98);
    write_text("/sys/fs/cgroup/deep/memory.events", "lowestoom_kill 5\n");
    write_text("/sys/fs/cgroup/memory.events", "low 0\n");
}

static void an_oom_kill_since_the_start_is_told(void **state)
{
    struct subject_options options = as(state);
    char variable[160];

    snprintf(variable, sizeof variable, "PITH_EXIT_REPORT=%s", scratch_path("report"));
    options.set = SET(variable);
    options.before = mount_cgroup2;
    options.argument = (void *)(uintptr_t) "oom_kill 2\n";
    assert_int_equal(subject_run(&s, &options, "end", "0", NULL), 0);
    expect_oom_killed("false\n");
    assert_int_equal(subject_run(&s, &options, "sh", "-c", "echo oom_kill 3 >/sys/fs/cgroup/memory.events", NULL), 0);
    expect_oom_killed("true\n");
    options.argument = (void *)(uintptr_t) "";
    assert_int_equal(subject_run(&s, &options, "end", "0", NULL), 0);
    expect_oom_killed("null\n");
    options.before = mount_two_cgroups;
    assert_int_equal(subject_run(&s, &options, "end", "0", NULL), 0);
    expect_oom_killed("null\n");
}

static char limited[64];

static bool write_limited(const char *name, const char *text)
{
    char path[96];

    snprintf(path, sizeof path, "%s/%s", limited, name);
    FILE *file = fopen(path, "we");
    if (file && fputs(text, file) >= 0 && fclose(file) == 0)
        return true;
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return false;
}

static void enter_limited(void *argument)
{
    (void)argument;
    if (!write_limited("cgroup.procs", "0"))
        _exit(98);
}

/* A cgroup of version 1 with 16 MiB, which COMMAND goes beyond. */
static void an_oom_kill_of_the_kernels_is_told(void **state)
{
    static char hungry[] = "b = bytearray(64 << 20)\nfor i in range(0, len(b), 4096): b[i] = 1\n";
    struct subject_options options = as(state);
    char variable[160];

    snprintf(limited, sizeof limited, "/sys/fs/cgroup/memory/pith-test-%s", scratch_word());
    if (mkdir(limited, 0755) != 0 && errno != EEXIST) {
        print_message("# skip: no memory cgroup of version 1 can be made here\n");
        skip();
    }
    assert_true(write_limited("memory.limit_in_bytes", "16777216"));
    snprintf(variable, sizeof variable, "PITH_EXIT_REPORT=%s", scratch_path("report"));
    options.set = SET(variable);
    options.before = enter_limited;
    assert_int_equal(subject_run(&s, &options, "/usr/bin/python3", "-c", hungry, NULL), 137);
    expect_oom_killed("true\n");
    assert_int_equal(subject_run(&s, &options, "end", "3", NULL), 3);
    expect_oom_killed("false\n");
    for (int tries = 0; rmdir(limited) != 0 && tries < 100; tries++)
        usleep(10000);
}

/* --- where it goes ----------------------------------------------------------------------------- */

static void a_report_that_cannot_be_written_is_a_warning(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "--exit-report=/no/such", "end", "3", NULL), 3);
    assert_string_equal(s.err.bytes, "init: --exit-report: '/no/such': No such file or directory\n");
    assert_int_equal(subject_run(&s, &options, "--exit-report=/dev/full", "end", "3", NULL), 3);
    assert_string_equal(s.err.bytes, "init: --exit-report: '/dev/full': No space left on device\n");
}

/* COMMAND can put a FIFO there. */
static void a_report_that_nobody_reads_keeps_init_no_longer(void **state)
{
    struct subject_options options = as(state);
    const char *fifo = scratch_path("fifo");
    char expected[160];

    assert_int_equal(mkfifo(fifo, 0600), 0);
    snprintf(expected, sizeof expected, "init: --exit-report: '%s': No such device or address\n", fifo);
    assert_int_equal(subject_run(&s, &options, "--exit-report", fifo, "end", "3", NULL), 3);
    assert_string_equal(s.err.bytes, expected);
    unlink(fifo);
}

/* --- a ground to write on ---------------------------------------------------------------------- */

/* Below `ground`, all of root's. The victims are what no report may ever change. */
static void make_folder(const char *name, uid_t owner, mode_t mode)
{
    const char *path = scratch_path(name);

    assert_int_equal(mkdir(path, mode), 0);
    assert_int_equal(chown(path, owner, owner), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void make_file(const char *name, uid_t owner, const char *contents)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    fputs(contents, file);
    fclose(file);
    assert_int_equal(chown(path, owner, owner), 0);
}

static void make_link(const char *name, uid_t owner, const char *target)
{
    const char *path = scratch_path(name);

    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(lchown(path, owner, owner), 0);
}

static const char victim[] =
    "nobody may touch this, and it is longer than any report of COMMAND's end would be, by far: "
    "what is left of it would tell ................................................................"
    "..............................................................................................\n";

static void make_ground(void)
{
    run(NULL, (char *[]){ "rm", "-rf", scratch_path("ground"), NULL });
    make_folder("ground", 0, 0755);
    make_folder("ground/root", 0, 0755);
    make_folder("ground/app", USER, 0755);
    make_folder("ground/tmp", 0, 01777);
    make_file("ground/victim", 0, victim);
    make_file("ground/root/report", 0, victim);
}

/* What is in the file, in static storage. */
static const char *contents_of(const char *name)
{
    static char contents[8192];
    FILE *file = fopen(scratch_path(name), "re");

    if (!file)
        return strcpy(contents, "(no such file)");
    contents[fread(contents, 1, sizeof contents - 1, file)] = '\0';
    fclose(file);
    return contents;
}

static void expect_untouched(const char *name)
{
    assert_string_equal(contents_of(name), victim);
}

/* A whole report and nothing else. */
static bool is_report(const char *contents)
{
    const char *end = strchr(contents, '\n');

    return strncmp(contents, "{\"command\":\"end\"", 16) == 0 && end && end[-1] == '}' && end[1] == '\0';
}

static void run_to_report(const struct subject_options *options, const char *user, const char *path)
{
    assert_int_equal(subject_run(&s, options, user, "--exit-report", path, "end", "3", NULL), 3);
}

static void expect_written(const struct subject_options *options, const char *user, const char *path, const char *name)
{
    run_to_report(options, user, path);
    assert_string_equal(s.err.bytes, "");
    if (!is_report(contents_of(name)))
        fail_msg("%s, by %s: %s", path, name, contents_of(name));
}

static void expect_refused(const struct subject_options *options, const char *user, const char *path, const char *why)
{
    char expected[512];

    run_to_report(options, user, path);
    snprintf(expected, sizeof expected, "init: --exit-report: '%s': %s\n", path, why);
    assert_string_equal(s.err.bytes, expected);
}

/* --- where it goes ----------------------------------------------------------------------------- */

/* The options of an init with COMMAND's ids, and of one that COMMAND is below. */
static const char *const users[] = { "-c", "-u65532" };

static void links_of_root_are_followed(void **state)
{
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_folder("ground/run", 0, 0755);
        make_folder("ground/var", 0, 0755);
        make_link("ground/var/run", 0, "../run/");
        make_link("ground/var/absolute", 0, scratch_path("ground/var/run"));
        make_link("ground/var/report", 0, "absolute/../run/report");
        expect_written(&options, users[i], scratch_path("ground/var//run/./one"), "ground/run/one");
        expect_written(&options, users[i], scratch_path("ground/var/absolute/two"), "ground/run/two");
        expect_written(&options, users[i], scratch_path("ground/var/report"), "ground/run/report");
    }
}

static void move_to(void *directory)
{
    if (chdir(directory) != 0)
        _exit(98);
}

static void a_relative_path_begins_where_init_was_started(void **state)
{
    struct subject_options options = as(state);

    make_ground();
    options.before = move_to;
    options.argument = scratch_path("ground/root");
    expect_written(&options, "-u65532", "report", "ground/root/report");
    expect_written(&options, "-u65532", "../app/report", "ground/app/report");
}

static void a_loop_of_links_ends(void **state)
{
    struct subject_options options = as(state);

    make_ground();
    make_link("ground/root/a", 0, "b");
    make_link("ground/root/b", 0, "a");
    expect_refused(&options, "-u65532", scratch_path("ground/root/a"), "Symbolic link loop");
}

/* As many as the kernel follows (path_resolution(7)). */
static void forty_links_are_followed_and_no_more(void **state)
{
    struct subject_options options = as(state);
    char name[32], target[16] = "report";

    make_ground();
    for (int i = 1; i <= 41; i++) {
        snprintf(name, sizeof name, "ground/root/%d", i);
        make_link(name, 0, target);
        snprintf(target, sizeof target, "%d", i);
    }
    expect_written(&options, "-u65532", scratch_path("ground/root/40"), "ground/root/report");
    expect_refused(&options, "-u65532", scratch_path("ground/root/41"), "Symbolic link loop");
}

/* From the start of it: nothing is left of a longer one. Whoever has it open or mounted sees the new one. */
static void a_file_in_a_folder_of_its_own_is_written_in_place(void **state)
{
    struct subject_options options = as(state);
    struct stat before, after;

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_file("ground/root/of-user", USER, victim);
        assert_int_equal(stat(scratch_path("ground/root/of-user"), &before), 0);
        expect_written(&options, users[i], scratch_path("ground/root/of-user"), "ground/root/of-user");
        assert_int_equal(stat(scratch_path("ground/root/of-user"), &after), 0);
        assert_true(before.st_ino == after.st_ino);
    }
}

static void a_file_in_anothers_folder_is_replaced(void **state)
{
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_folder("ground/app/private", USER, 0700);
        make_file("ground/app/private/report", USER, victim);
        assert_int_equal(chmod(scratch_path("ground/app/private/report"), 0), 0);
        expect_written(&options, users[i], scratch_path("ground/app/private/report"), "ground/app/private/report");
        /* a second start finds that of the first */
        expect_written(&options, users[i], scratch_path("ground/app/private/report"), "ground/app/private/report");
        expect_written(&options, users[i], scratch_path("ground/app/new"), "ground/app/new");
        make_file("ground/tmp/report", USER, victim);
        expect_written(&options, users[i], scratch_path("ground/tmp/report"), "ground/tmp/report");
    }
}

static void bind(void *argument)
{
    (void)argument;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(scratch_path("ground/victim"), scratch_path("ground/app/report"), NULL, MS_BIND, NULL) != 0)
        _exit(98);
}

/* As an engine does with a file of the host, and the kubelet with /dev/termination-log. */
static void a_mounted_file_is_written_in_place(void **state)
{
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_file("ground/app/report", USER, "");
        options.before = bind;
        expect_written(&options, users[i], scratch_path("ground/app/report"), "ground/victim");
        assert_string_equal(contents_of("ground/app/report"), "");
    }
}

/* A FIFO of the container's own user with a reader, which may be a sidecar. */
static void a_fifo_gets_the_line(void **state)
{
    struct subject_options options = as(state);
    char line[4096];

    for (size_t i = 0; i < 2 * COUNT(users); i++) {
        const char *name = i < COUNT(users) ? "ground/root/fifo" : "ground/app/fifo";
        make_ground();
        assert_int_equal(mkfifo(scratch_path(name), 0600), 0);
        assert_int_equal(chown(scratch_path(name), USER, USER), 0);
        int reader = open(scratch_path(name), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        run_to_report(&options, users[i % COUNT(users)], scratch_path(name));
        assert_string_equal(s.err.bytes, "");
        ssize_t n = read(reader, line, sizeof line - 1);
        assert_at_least(n, 1);
        line[n] = '\0';
        assert_true(is_report(line));
        close(reader);
    }
}

static void open_log(void *argument)
{
    int log = open(scratch_path("ground/log"), O_WRONLY | O_APPEND | O_CLOEXEC), in = open("/dev/null", O_RDONLY);

    (void)argument;
    if (log < 0 || dup2(in, 0) != 0 || dup2(log, 1) != 1 || dup2(log, 2) != 2)
        _exit(98);
}

/* These are init's own descriptors, whatever they are: a log keeps what it has. */
static void a_log_that_init_has_open_is_appended_to(void **state)
{
    static const char *const paths[] = { "/dev/stderr", "/dev/stdout", "/dev/fd/2", "/proc/self/fd/1",
                                         "/proc/1/fd/1" /* as PID 1 */ };
    struct subject_options options = as(state);
    size_t count = options.pid1 ? COUNT(paths) : COUNT(paths) - 1;

    options.own_io = true;
    options.before = open_log;
    for (size_t i = 0; i < COUNT(users) * count; i++) {
        make_ground();
        make_file("ground/log", 0, "what was logged before\n");
        run_to_report(&options, users[i % COUNT(users)], paths[i / COUNT(users)]);
        const char *log = contents_of("ground/log");
        assert_memory_equal(log, "what was logged before\n", 23);
        assert_true(is_report(log + 23));
    }
}

static void become_user(void *argument)
{
    (void)argument;
    if (setgroups(0, NULL) != 0 || setgid(USER) != 0 || setuid(USER) != 0)
        _exit(98);
}

/* The pipes of the test are root's: nobody else could open them a second time. */
static void stderr_needs_no_right_to_be_opened(void **state)
{
    struct subject_options options = as(state);

    options.before = become_user;
    run_to_report(&options, "-c", "/dev/stderr");
    assert_true(is_report(s.err.bytes));
}

static void fill_stdout(void *argument)
{
    int ends[2];

    (void)argument;
    run_full_pipe(ends);
    if (dup2(ends[1], STDOUT_FILENO) != STDOUT_FILENO || dup2(ends[0], 9) != 9)
        _exit(98);
}

static void a_full_pipe_keeps_init_no_longer(void **state)
{
    struct subject_options options = as(state);

    options.before = fill_stdout;
    expect_refused(&options, "-c", "/dev/stdout", "Resource temporarily unavailable");
}

/* --- another user's traps ---------------------------------------------------------------------- */

static void links_of_others_are_not_followed(void **state)
{
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_link("ground/app/report", USER, "../victim");
        make_link("ground/app/new", USER, "../root/new");
        make_link("ground/app/folder", USER, "../root");
        make_link("ground/app/moved", 0, "../root"); /* root's own, which the folder's owner can give another name */
        make_link("ground/root/of-user", USER, "../victim");
        make_link("ground/tmp/report", USER, "../victim");
        make_link("ground/root/inside", 0, "../app/folder/report");
        expect_refused(&options, users[i], scratch_path("ground/app/report"), bad_link);
        expect_refused(&options, users[i], scratch_path("ground/app/new"), bad_link);
        expect_refused(&options, users[i], scratch_path("ground/app/folder/report"), bad_link);
        expect_refused(&options, users[i], scratch_path("ground/app/moved/report"), bad_link);
        expect_refused(&options, users[i], scratch_path("ground/root/of-user"), bad_link);
        expect_refused(&options, users[i], scratch_path("ground/tmp/report"), bad_link);
        expect_refused(&options, users[i], scratch_path("ground/root/inside"), bad_link);
        assert_int_equal(access(scratch_path("ground/root/new"), F_OK), -1);
        expect_untouched("ground/victim");
        expect_untouched("ground/root/report");
    }
}

/* What root has made in a folder of the user's may have been something else's name before. */
static void folders_that_others_can_rename_are_not_entered(void **state)
{
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_folder("ground/app/of-root", 0, 0755);
        make_file("ground/app/of-root/report", 0, victim);
        expect_refused(&options, users[i], scratch_path("ground/app/of-root/report"), bad_folder);
        expect_refused(&options, users[i], scratch_path("ground/app/../root/report"), bad_folder);
        expect_untouched("ground/app/of-root/report");
        expect_untouched("ground/root/report");
        make_folder("ground/open", 0, 0777);
        make_folder("ground/open/of-root", 0, 0755);
        expect_refused(&options, users[i], scratch_path("ground/open/of-root/report"), bad_folder);
        make_folder("ground/sticky", USER, 01777); /* whose owner can rename all that is in it */
        make_folder("ground/sticky/of-root", 0, 0755);
        expect_refused(&options, users[i], scratch_path("ground/sticky/of-root/report"), bad_folder);
        /* in a sticky folder of root's only root can rename root's */
        make_folder("ground/tmp/of-root", 0, 0755);
        expect_written(&options, users[i], scratch_path("ground/tmp/of-root/report"), "ground/tmp/of-root/report");
    }
}

static void hard_links_leave_what_they_share_alone(void **state)
{
    static const char *const names[] = { "ground/app/report", "ground/tmp/report" };
    struct subject_options options = as(state);

    for (size_t i = 0; i < COUNT(users) * COUNT(names); i++) {
        const char *name = names[i / COUNT(users)], *user = users[i % COUNT(users)];
        make_ground();
        assert_int_equal(link(scratch_path("ground/victim"), scratch_path(name)), 0);
        expect_written(&options, user, scratch_path(name), name);
        expect_untouched("ground/victim");
    }
}

/* Nor does stdin, which may be open for writing; and it may be closed, so that the FIFO or its folder is descriptor 0.
 */
static void a_fifo_that_may_be_anothers_gets_nothing(void **state)
{
    struct subject_options options = as(state), closed = options;
    struct stat status;
    char byte;

    closed.before = subject_close_stdin;
    for (size_t i = 0; i < COUNT(users); i++) {
        options.in = open(scratch_directory(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        make_ground();
        assert_int_equal(mkfifo(scratch_path("ground/fifo"), 0600), 0);
        assert_int_equal(link(scratch_path("ground/fifo"), scratch_path("ground/app/of-root")), 0);
        assert_int_equal(mkfifo(scratch_path("ground/another"), 0600), 0);
        assert_int_equal(chown(scratch_path("ground/another"), 1234, 1234), 0);
        assert_int_equal(link(scratch_path("ground/another"), scratch_path("ground/app/of-another")), 0);
        int fifo = open(scratch_path("ground/fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        int another = open(scratch_path("ground/another"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        expect_refused(&options, users[i], scratch_path("ground/app/of-root"), bad_entry);
        expect_refused(&options, users[i], scratch_path("ground/app/of-another"), bad_entry);
        expect_refused(&closed, users[i], scratch_path("ground/app/of-root"), bad_entry);
        expect_refused(&closed, users[i], scratch_path("ground/app/./of-root"), bad_entry);
        assert_int_equal(fstat(options.in, &status), 0);
        assert_int_equal(status.st_size, 0);
        close(options.in);
        assert_int_equal(read(fifo, &byte, 1), 0);
        assert_int_equal(read(another, &byte, 1), 0);
        close(fifo);
        close(another);
    }
}

static void what_is_no_file_is_left_alone(void **state)
{
    struct subject_options options = as(state);
    struct stat status;

    for (size_t i = 0; i < COUNT(users); i++) {
        make_ground();
        make_folder("ground/app/folder", USER, 0755);
        options.in = open(scratch_directory(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); /* nor does stdin get the line */
        assert_int_equal(mknod(scratch_path("ground/app/zero"), S_IFCHR | 0666, 1 << 8 | 5), 0);
        expect_refused(&options, users[i], scratch_path("ground/app/folder"), bad_entry);
        expect_refused(&options, users[i], scratch_path("ground/app/zero"), bad_entry);
        expect_refused(&options, users[i], scratch_path("ground/root"), "Is a directory");
        expect_refused(&options, users[i], scratch_path("ground/victim/report"), "Not a directory");
        assert_int_equal(stat(scratch_path("ground/app/folder"), &status), 0);
        assert_int_equal(fstat(options.in, &status), 0);
        assert_int_equal(status.st_size, 0);
        close(options.in);
    }
}

/* --- a user who is quicker --------------------------------------------------------------------- */

enum { ROUNDS = 150 };

static void exchange(const char *name, const char *trap)
{
    renameat2(AT_FDCWD, name, AT_FDCWD, trap, RENAME_EXCHANGE);
}

/* Never the same for long: the folder of the report, or a link to root's; the report, links to victims, a FIFO. */
static void swap_for_ever(void)
{
    if (chdir(scratch_path("ground/app")) != 0 || setgid(USER) != 0 || setuid(USER) != 0)
        _exit(98);
    for (;;) {
        exchange("folder", "to-root");
        exchange("report", "to-victim");
        exchange("folder", "to-root");
        exchange("report", "fifo");
        exchange("folder/report", "to-victim");
        exchange("folder/report", "fifo");
    }
}

/* The user's folders themselves, whatever their names are. */
static int folders[2];

static void unlink_all(void)
{
    for (size_t i = 0; i < COUNT(folders); i++)
        unlinkat(folders[i], "hard", 0);
}

/* What a kernel without fs.protected_hardlinks lets every user do. */
static void link_for_ever(void)
{
    for (;;) {
        for (size_t i = 0; i < COUNT(folders); i++)
            linkat(AT_FDCWD, scratch_path("ground/victim"), folders[i], "hard", 0);
        unlink_all();
    }
}

static pid_t fork_hostile(void (*act)(void))
{
    pid_t pid = fork();

    if (pid == 0) {
        act();
        _exit(0);
    }
    assert_at_least(pid, 1);
    return pid;
}

static void end_hostile(pid_t pid)
{
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_user_who_swaps_all_the_time_gains_nothing(void **state)
{
    static const char *const names[] = { "ground/app/folder/report", "ground/app/report", "ground/app/folder/new",
                                         "ground/app/hard", "ground/app/folder/hard" };
    struct subject_options options = as(state);
    struct stat status;

    make_ground();
    make_folder("ground/app/folder", USER, 0755);
    make_link("ground/app/to-root", USER, "../root");
    make_link("ground/app/to-victim", USER, "../victim");
    make_file("ground/app/report", USER, "");
    make_file("ground/app/folder/report", USER, "");
    assert_int_equal(mkfifo(scratch_path("ground/app/fifo"), 0600), 0);
    folders[0] = open(scratch_path("ground/app"), O_PATH | O_CLOEXEC);
    folders[1] = open(scratch_path("ground/app/folder"), O_PATH | O_CLOEXEC);
    pid_t swapper = fork_hostile(swap_for_ever), linker = fork_hostile(link_for_ever);
    for (size_t i = 0; i < ROUNDS; i++) {
        run_to_report(&options, users[i % COUNT(users)], scratch_path(names[i / COUNT(users) % COUNT(names)]));
        expect_untouched("ground/victim");
        expect_untouched("ground/root/report");
    }
    end_hostile(swapper);
    end_hostile(linker);
    unlink_all();
    close(folders[0]);
    close(folders[1]);
    assert_int_equal(stat(scratch_path("ground/victim"), &status), 0);
    assert_int_equal(status.st_nlink, 1);
    assert_int_equal(access(scratch_path("ground/root/hard"), F_OK), -1);
    assert_int_equal(access(scratch_path("ground/root/new"), F_OK), -1);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(the_report_tells_how_command_ended),
        BOTH(the_seconds_are_those_of_what_was_started_last),
        BOTH(an_oom_kill_since_the_start_is_told),
        BOTH(an_oom_kill_of_the_kernels_is_told),
        BOTH(a_report_that_cannot_be_written_is_a_warning),
        BOTH(a_report_that_nobody_reads_keeps_init_no_longer),
        BOTH(links_of_root_are_followed),
        BOTH(a_relative_path_begins_where_init_was_started),
        BOTH(a_loop_of_links_ends),
        BOTH(forty_links_are_followed_and_no_more),
        BOTH(a_file_in_a_folder_of_its_own_is_written_in_place),
        BOTH(a_file_in_anothers_folder_is_replaced),
        BOTH(a_mounted_file_is_written_in_place),
        BOTH(a_fifo_gets_the_line),
        BOTH(a_log_that_init_has_open_is_appended_to),
        BOTH(stderr_needs_no_right_to_be_opened),
        BOTH(a_full_pipe_keeps_init_no_longer),
        BOTH(links_of_others_are_not_followed),
        BOTH(folders_that_others_can_rename_are_not_entered),
        BOTH(hard_links_leave_what_they_share_alone),
        BOTH(a_fifo_that_may_be_anothers_gets_nothing),
        BOTH(what_is_no_file_is_left_alone),
        BOTH(a_user_who_swaps_all_the_time_gains_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
