/* Each system call that init makes fails, one at a time and for good: what follows is known, and never a hang. */
#include "pith/diag.h"
#include "support/calls.h"
#include "support/proc.h"
#include "support/refuse.h"
#include "support/run.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BOUND_MS = 20000, ARGUMENTS = 5 };

static const int errors[] = { EPERM, ENOSYS, EINTR, EAGAIN, ENOMEM };

enum { ERRORS = sizeof errors / sizeof errors[0] };

static struct subject s;

/* What init says of an errno; in static storage. */
static const char *text_of(int error)
{
    static char text[64];
    struct text out = { text, sizeof text, 0 };

    text_errno(&out, error);
    return text_end(&out);
}

/*
 * A call, a run of init that makes it, and what comes of it. MESSAGE is "init: " + it + ": ERROR", NULL: none.
 * A COMMAND `pause` never ends: a status means that init has ended it.
 */
struct fault {
    const char *name;
    int call;
    int status;
    const char *message;
    const char *arguments[ARGUMENTS];
    const char *persona;
};

#define CALL(name) #name, SYS_##name
#define ARGS(...)                                                                                                      \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }

/* A file in a folder that everybody may write to. */
#define SHARED "/mnt/shared/file"

/* What the steps find, each in the same state for the next row, as the steps fail. */
#define STALE    "/mnt/stale"
#define TEMPLATE "/mnt/template"
#define AFTER    "--before=echo no", "end", "7"

/* The specification; the table of docs/faults.md in another form. */
static const struct fault faults[] = {
    /* without them no signal and no child can be kept: init says so and ends, COMMAND never started or killed */
    { CALL(rt_sigprocmask), 125, "cannot block signals", ARGS("end", "7"), NULL },
    { CALL(rt_sigaction), 125, "cannot block signals", ARGS("end", "7"), NULL },
    { CALL(rt_sigtimedwait), 125, "cannot wait for signals", ARGS("pause"), NULL },
    { CALL(rt_sigtimedwait), 125, "cannot wait for signals", ARGS("--pause"), NULL },
    { CALL(rt_sigtimedwait), 125, "cannot wait for signals", ARGS("--grace=1s", "pause"), NULL },
    { CALL(wait4), 125, "cannot wait for children", ARGS("pause"), NULL },
    { CALL(wait4), 125, "cannot wait for children", ARGS("--grace=1s", "pause"), NULL },
    { CALL(clock_gettime), 125, "cannot read the clock", ARGS("--run-timeout=1s", "pause"), NULL },
    { CALL(clock_gettime), 7, NULL, ARGS("end", "7"), NULL },
    /* COMMAND is not started, with a message */
    { CALL(clone), 125, "cannot start end", ARGS("end", "7"), NULL },
    { CALL(execve), 126, "end", ARGS("end", "7"), NULL },
    { CALL(clone), 125, "--watch: the probe cannot be started", ARGS("--watch=:1", "end", "7"), NULL },
    { CALL(setgroups), 125, "--user: '65532'", ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(setresgid), 125, "--user: '65532'", ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(setresuid), 125, "--user: '65532'", ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(prctl), 125, "--user: '65532'", ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(capget), 125, "--user: '65532'", ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(capset), 125, "--user: '65532'", ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(fchown), 7, NULL, ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(poll), 7, NULL, ARGS("--file-env=A", "end", "7"), NULL },
    { CALL(brk), 125, "cannot prepare COMMAND", ARGS("-x", "end", "7"), NULL },
    { CALL(openat), 125, "A_FILE: '/proc/self/comm'", ARGS("--file-env=A", "end", "7"), NULL },
    { CALL(read), 125, "A_FILE: '/proc/self/comm'", ARGS("--file-env=A", "end", "7"), NULL },
    /* a step that cannot be done starts nothing: neither the steps behind it nor COMMAND */
    { CALL(prlimit64), 125, "--limit: 'nofile=64'", ARGS("--limit=nofile=64", "end", "7"), NULL },
    { CALL(openat), 125, "--remove: '" STALE "'", ARGS("--remove=" STALE, AFTER), NULL },
    { CALL(statx), 125, "--remove: '" STALE "'", ARGS("--remove=" STALE, AFTER), NULL },
    { CALL(unlinkat), 125, "--remove: '" STALE "'", ARGS("--remove=" STALE, AFTER), NULL },
    { CALL(openat), 125, "--mkdir: '/mnt/new'", ARGS("--mkdir=/mnt/new", AFTER), NULL },
    { CALL(statx), 125, "--mkdir: '/mnt/new'", ARGS("--mkdir=/mnt/new", AFTER), NULL },
    { CALL(mkdirat), 125, "--mkdir: '/mnt/new'", ARGS("--mkdir=/mnt/new", AFTER), NULL },
    { CALL(fchmod), 125, "--mkdir: '/mnt/new'", ARGS("--mkdir=/mnt/new", AFTER), NULL },
    { CALL(fchownat), 125, "--mkdir: '/mnt/new'", ARGS("-u65532", "--mkdir=/mnt/new", AFTER), NULL },
    { CALL(openat), 125, "--chown: '/mnt/tree'", ARGS("-u65532", "--chown=/mnt/tree", AFTER), NULL },
    { CALL(statx), 125, "--chown: '/mnt/tree'", ARGS("-u65532", "--chown=/mnt/tree", AFTER), NULL },
    { CALL(getdents64), 125, "--chown: '/mnt/tree'", ARGS("-u65532", "--chown=/mnt/tree", AFTER), NULL },
    { CALL(fchownat), 125, "--chown: '/mnt/tree': 'entry'", ARGS("-u65532", "--chown=/mnt/tree", AFTER), NULL },
    { CALL(openat), 125, "--render: '" TEMPLATE "'", ARGS("--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(statx), 125, "--render: '" TEMPLATE "'", ARGS("--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(readlinkat), 125, "--render: '/mnt/link'", ARGS("--render=/mnt/link:/mnt/to", AFTER), NULL },
    { CALL(dup), 125, "--render: '/dev/stdin'", ARGS("--render=/dev/stdin:/mnt/to", AFTER), NULL },
    { CALL(read), 125, "--render: '" TEMPLATE "'", ARGS("--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(getdents64), 125, "--render: '/mnt/tree'", ARGS("--render=/mnt/tree:/mnt", AFTER), NULL },
    { CALL(write), 125, "--render: '/mnt/to'", ARGS("--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(fchmod), 125, "--render: '/mnt/to'", ARGS("--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(fchownat), 125, "--render: '/mnt/to'", ARGS("-u65532", "--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(renameat), 125, "--render: '/mnt/to'", ARGS("--render=" TEMPLATE ":/mnt/to", AFTER), NULL },
    { CALL(readlinkat), 125, "--once: '/mnt/x'", ARGS("--once=/mnt/x:echo no", "end", "7"), NULL },
    { CALL(clone), 125, "cannot start echo", ARGS("--before=echo no", "end", "7"), NULL },
    { CALL(execve), 126, "--before: echo", ARGS("--before=echo no", "end", "7"), NULL },
    { CALL(rt_sigtimedwait), 125, "cannot wait for signals", ARGS("--before=pause", "end", "7"), NULL },
    { CALL(wait4), 125, "cannot wait for children", ARGS("--before=pause", "end", "7"), NULL },
    { CALL(clock_gettime), 7, NULL, ARGS("--render=" TEMPLATE ":/mnt/clock", "end", "7"), NULL },
    { CALL(poll), 7, NULL, ARGS("--render=" TEMPLATE ":/mnt/poll", "end", "7"), NULL },
    { CALL(faccessat), 7, NULL, ARGS("--chown=/mnt/shared", "end", "7"), NULL },
    { CALL(fstatfs), 7, NULL, ARGS("--chown=/mnt/shared", "end", "7"), NULL },
    { CALL(rt_sigpending), 7, NULL, ARGS("--mkdir=/mnt", "end", "7"), NULL },
    { CALL(prctl), 7, NULL, ARGS("--before=true", "end", "7"), NULL },
    { CALL(umask), 7, NULL, ARGS("--umask=022", "end", "7"), NULL },
    /* what is lost is told, or is worth nothing without a terminal, a group, a name */
    { CALL(openat), 7, "--exit-report: '/dev/null'", ARGS("--exit-report=/dev/null", "end", "7"), NULL },
    { CALL(statx), 7, "--exit-report: '/dev/null'", ARGS("--exit-report=/dev/null", "end", "7"), NULL },
    { CALL(readlinkat), 7, "--exit-report: '/dev/stderr'", ARGS("--exit-report=/dev/stderr", "end", "7"), NULL },
    { CALL(unlinkat), 7, "--exit-report: '" SHARED "'", ARGS("--exit-report=" SHARED, "end", "7"), NULL },
    { CALL(ioctl), 7, NULL, ARGS("end", "7"), NULL },
    { CALL(setpgid), 7, NULL, ARGS("-g", "end", "7"), NULL },
    { CALL(prctl), 7, NULL, ARGS("-p", "TERM", "end", "7"), NULL },
    { CALL(setsid), 7, NULL, ARGS("end", "7"), "dumb-init" },
    { CALL(seccomp), 7, NULL, ARGS("-u", "65532", "end", "7"), NULL },
    { CALL(waitid), 7, NULL, ARGS("end", "7"), "dumb-init" },
    { CALL(getdents64), 7, NULL, ARGS("--grace=1s", "end", "7"), NULL },
    { CALL(read), 7, NULL, ARGS("--grace=1s", "end", "7"), NULL },
    { CALL(openat), 7, NULL, ARGS("--grace=1s", "end", "7"), NULL },
    { CALL(kill), 7, NULL, ARGS("--grace=1s", "end", "7"), NULL },
    { CALL(pipe2), 7, NULL, ARGS("--watch=:1", "--exit-report=/dev/stdout", "end", "7"), NULL },
    { CALL(close), 7, NULL, ARGS("--grace=1s", "end", "7"), NULL },
    { CALL(madvise), 7, NULL, ARGS("-g", "end", "7"), NULL },
    { CALL(chdir), 7, "/", ARGS("end", "7"), "dumb-init" },
    { CALL(fchdir), 7, NULL, ARGS("end", "7"), "dumb-init" },
    /* a copy is whole, or there is none */
    { CALL(openat), 125, "--install: '/proc/self/exe'", ARGS("--install=/mnt"), NULL },
    { CALL(read), 125, "--install: '/mnt/init'", ARGS("--install=/mnt"), NULL },
    { CALL(write), 125, "--install: '/mnt/init'", ARGS("--install=/mnt"), NULL },
    { CALL(renameat), 125, "--install: '/mnt/init'", ARGS("--install=/mnt"), NULL },
    { CALL(unlinkat), 0, NULL, ARGS("--install=/mnt"), NULL },
    { CALL(clock_gettime), 0, NULL, ARGS("--install=/mnt"), NULL },
    { CALL(umask), 0, NULL, ARGS("--install=/mnt"), NULL },
};

struct refusal {
    int call, error;
};

static void enter(void *argument)
{
    const struct refusal *refusal = argument;

    if (setgroups(1, &(gid_t){ 0 }) != 0)
        _exit(98);
    refuse(refusal->call, refusal->error, refusal->call == SYS_execve ? subject_binary() : NULL);
}

static const char *const variables[] = { "A_FILE=/proc/self/comm", NULL };

static void begin(const struct refusal *refusal, bool pid1, const char *persona, const char *const a[ARGUMENTS])
{
    struct subject_options options = {
        .pid1 = pid1, .before = enter, .argument = (void *)(uintptr_t)refusal, .set = variables, .argv0 = persona
    };

    subject_start(&s, &options, a[0], a[1], a[2], a[3], a[4], NULL);
}

static bool nobody_is_left(void *argument)
{
    pid_t pid;

    (void)argument;
    do
        pid = waitpid(-1, NULL, WNOHANG);
    while (pid > 0);
    return pid < 0;
}

/* All that init has started is gone with it: as PID 1 by the kernel, else because it was ended. */
static void nothing_is_left(void)
{
    await(nobody_is_left, NULL, "the end of all that init has started");
}

static int end_within_bound(const char *name, int error)
{
    if (!subject_ends(&s, BOUND_MS))
        fail_msg("%s with %s: init hangs; it says: %s", name, strerror(error), s.err.bytes);
    return subject_wait(&s);
}

static void hold(const struct fault *fault, int error, bool pid1)
{
    struct refusal refusal = { fault->call, error };
    char expected[256] = "";

    begin(&refusal, pid1, fault->persona, fault->arguments);
    int status = end_within_bound(fault->name, error);
    if (fault->message)
        snprintf(expected, sizeof expected, "%s%s: %s%s\n", fault->persona ? "[dumb-init] " : "init: ", fault->message,
                 text_of(error),
                 error == EPERM && strncmp(fault->message, "--user", 6) == 0 ? " (init has to run as root)" : "");
    if (status != fault->status || strcmp(s.err.bytes, expected) != 0)
        fail_msg("%s with %s, %s %s: status %d and '%s' in place of %d and '%s'", fault->name, strerror(error),
                 fault->arguments[0], pid1 ? "as PID 1" : "", status, s.err.bytes, fault->status, expected);
    assert_lacks(s.out.bytes, "no\n");
    nothing_is_left();
}

static void what_follows_is_known(void **state)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        for (int e = 0; e < ERRORS; e++)
            hold(&faults[i], errors[e], *state != NULL);
}

/* --- calls that carry signals ------------------------------------------------------------------ */

/* COMMAND gets USR1, a queued 40 and TERM all the same. */
static void signals_still_arrive(bool pid1, int call, const char *option)
{
    for (int e = 0; e < ERRORS; e++) {
        begin(&(struct refusal){ call, errors[e] }, pid1, NULL,
              (const char *[ARGUMENTS]){ option, "signals", "15", "5" });
        stream_await(&s.out, "ready");
        kill(s.pid, SIGUSR1);
        stream_await(&s.out, "got 10 ");
        sigqueue(s.pid, 40, (union sigval){ 0 });
        stream_await(&s.out, "got 40 ");
        kill(s.pid, SIGTERM);
        assert_int_equal(end_within_bound(option, errors[e]), 5);
        assert_string_equal(s.err.bytes, "");
    }
}

static void signals_arrive_where_their_values_cannot(void **state)
{
    signals_still_arrive(*state != NULL, SYS_rt_sigqueueinfo, "-c");
}

static void signals_arrive_where_no_group_could_be_made(void **state)
{
    signals_still_arrive(*state != NULL, SYS_setpgid, "-g");
}

/* Init cannot end what it may not signal: it says so, stays with COMMAND and passes its status on. */
static void a_signal_that_cannot_be_sent_is_told(void **state)
{
    for (int e = 0; e < ERRORS; e++) {
        int input[2];
        char expected[128];

        assert_int_equal(pipe(input), 0);
        struct refusal refusal = { SYS_kill, errors[e] };
        struct subject_options options = {
            .pid1 = *state != NULL, .before = enter, .argument = &refusal, .in = input[0]
        };
        subject_start(&s, &options, "--stop-timeout=50ms", "end", "7", "-i", NULL);
        close(input[0]);
        stream_await(&s.out, "ready");
        kill(s.pid, SIGTERM);
        snprintf(expected, sizeof expected, "init: cannot send TERM to COMMAND: %s%s\n", text_of(errors[e]),
                 errors[e] == EPERM ? " (init needs the capability KILL)" : "");
        stream_await(&s.err, expected);
        stream_await(&s.err, "init: cannot send KILL to COMMAND: ");
        close(input[1]);
        assert_int_equal(end_within_bound("kill", errors[e]), 7);
    }
}

/* Those of every kind that COMMAND leaves are found and ended without the calls that make it free of races. */
static void leftovers_are_ended_without_pidfds(void **state)
{
    static const int calls[] = { SYS_pidfd_open, SYS_pidfd_send_signal };

    for (size_t i = 0; i < 2; i++)
        for (int e = 0; e < ERRORS; e++) {
            begin(&(struct refusal){ calls[i], errors[e] }, *state != NULL, NULL,
                  (const char *[ARGUMENTS]){ "--grace=4s", "tree", "-x", "3", "session" });
            assert_int_equal(end_within_bound("pidfd", errors[e]), 3);
            assert_count(s.out.bytes, "session got 15\n", 1);
            nothing_is_left();
        }
}

/* What cannot be found cannot be ended: init leaves 2 s after --grace, it does not wait for ever. */
static void leftovers_that_cannot_be_found_do_not_keep_init(void **state)
{
    (void)state;
    begin(&(struct refusal){ SYS_getdents64, EPERM }, false, NULL,
          (const char *[ARGUMENTS]){ "--grace=50ms", "tree", "-x", "3", "session" });
    assert_int_equal(end_within_bound("getdents64", EPERM), 3);
}

static void without_a_way_to_the_probe_watch_is_an_error(void **state)
{
    static const int calls[] = { SYS_readlinkat, SYS_access };

    for (size_t i = 0; i < 2; i++)
        for (int e = 0; e < ERRORS; e++) {
            begin(&(struct refusal){ calls[i], errors[e] }, *state != NULL, NULL,
                  (const char *[ARGUMENTS]){ "--watch=tcp://127.0.0.1:1", "end", "7" });
            assert_int_equal(end_within_bound("readlink", errors[e]), 125);
            assert_string_equal(s.err.bytes, "init: --watch: no healthcheck binary beside init, nor at /healthcheck\n");
        }
}

/* Where there is room cannot be asked for, and no or every write has to wait. */
static void messages_are_written_by_what_there_is(void **state)
{
    static const int calls[] = { SYS_poll, SYS_pwritev2, SYS_write };

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        for (int e = 0; e < ERRORS; e++) {
            begin(&(struct refusal){ calls[i], errors[e] }, *state != NULL, NULL,
                  (const char *[ARGUMENTS]){ "/no/such" });
            assert_int_equal(end_within_bound("a message", errors[e]), 127);
            assert_string_equal(s.err.bytes, "init: /no/such: No such file or directory\n");
        }
}

/* --- the table is whole ------------------------------------------------------------------------ */

/* What has a test of its own above, and what cannot fail or has nothing that depends on it. */
static const char *const other_calls[] = {
    "rt_sigqueueinfo", "pidfd_open", "pidfd_send_signal",
    "readlinkat",      "access",     "poll",
    "pwritev2",        "exit_group", "getpid",
    "gettid",          "getppid",    "getpgid",
    "set_tid_address", "arch_prctl", "dup2",
    "geteuid",         "getegid",    "getsid",
};

static bool is_foreseen(const char *call)
{
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (strcmp(faults[i].name, call) == 0)
            return true;
    for (size_t i = 0; i < sizeof other_calls / sizeof other_calls[0]; i++)
        if (strcmp(other_calls[i], call) == 0)
            return true;
    return false;
}

/* Runs init under strace, which leaves each process when it executes another program. True where it said anything. */
static bool only_foreseen_calls(const char *const arguments[])
{
    static char trace[] = "/mnt/trace", line[4096], call[64];
    char *argv[20] = { "strace", "-f", "-qq", "-b", "execve", "-o", trace };
    size_t n = 7, calls = 0;

    for (size_t i = 0; arguments[i]; i++)
        argv[n++] = (char *)(uintptr_t)arguments[i];
    run(&(struct run_options){ .bound_ms = BOUND_MS }, argv);
    FILE *file = fopen(trace, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "%*d %63[a-z0-9_](", call) == 1 && ++calls && !is_foreseen(call))
            fail_msg("%s %s makes a call whose failure nothing is said of: %s", arguments[0], arguments[1], line);
    fclose(file);
    return calls > 0;
}

static void each_call_that_init_makes_is_foreseen(void **state)
{
    const char *init = subject_binary(), *child = subject_child("tree");
    const char *const runs[][10] = {
        { init, "-vvw", "-gs", "-pTERM", "-e1:2", "-r1:2", "--stop-timeout=1s", "--exit-report=/dev/null",
          "/bin/true" },
        { init, "--exit-report=/dev/stderr", "/bin/true" },
        { init, "--exit-report=" SHARED, "/bin/true" },
        { init, "--run-timeout=50ms", "--stop-delay=1s", "--grace=50ms", "-u65532", subject_child("pause") },
        { init, "-x", "--file-env=A", "--watch=tcp://127.0.0.1:1", "--watch-interval=10ms", subject_child("pause") },
        { init, "--grace=4s", child, "-x", "3", "session" },
        { init, "/no/such" },
        { init, "no-such" },
        { init, "--help" },
        { init, "--install=/mnt" },
        { init, "-u65532:1,2", "--umask=027", "--limit=nofile=64", "--env=A=b", "--before=/bin/true",
          "--once=/mnt/no:/bin/true", "/bin/true" },
        { init, "-u65532", "--remove=/mnt/none," SHARED, "--mkdir=/mnt/made/of", "--chown=/mnt/made",
          "--render=/mnt/link:/mnt/made/it", "--render=/dev/stdin:/mnt/in", "/bin/true" },
        { "/mnt/dumb-init", "/bin/true" },
        { "/mnt/dumb-init", "/no/such" },
    };

    (void)state;
    assert_int_equal(symlink(init, "/mnt/dumb-init"), 0);
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
        assert_true(only_foreseen_calls(runs[i]));
}

/* --- once is not for good ---------------------------------------------------------------------- */

/* strace makes the Nth call of its kind fail with EINTR, as a debugger or a freezer may: nothing follows from that. */
static void an_interruption_changes_nothing(void **state)
{
    static const char *const injections[] = { "inject=wait4:error=EINTR:when=1",
                                              "inject=rt_sigtimedwait:error=EINTR:when=1",
                                              "inject=write:error=EINTR:when=1" };
    static const struct subject_options options = { .binary = "/usr/bin/strace", .argv0 = "strace" };

    (void)state;
    if (access(options.binary, X_OK) != 0) {
        print_message("# skip: no strace\n");
        skip();
    }
    for (size_t i = 0; i < sizeof injections / sizeof injections[0]; i++) {
        subject_start(&s, &options, "-o", "/dev/null", "-e", injections[i], subject_binary(), "-v", "signals", "10",
                      "5", NULL);
        stream_await(&s.out, "ready");
        stream_await(&s.err, "started signals as PID ");
        kill(proc_child(s.pid), SIGUSR1);
        assert_int_equal(end_within_bound(injections[i], EINTR), 5);
    }
}

/* Runs init with OPTION under strace, with TAMPERING as strace has it. Its status; *LOOKS: how often it asked. */
static int look_at_files(const char *option, const char *tampering, int *looks)
{
    const char *const argv[] = { "strace",      "-qq", "-o",      "/mnt/looks",     "-e",
                                 "trace=statx", "-e",  tampering, subject_binary(), option,
                                 "/bin/true",   NULL };
    char line[4096];

    mknod(SHARED, S_IFREG | 0600, 0);
    const struct run_result *result = run(&(struct run_options){ .bound_ms = BOUND_MS }, (char *const *)argv);
    FILE *file = fopen("/mnt/looks", "r");
    assert_non_null(file);
    for (*looks = 0; fgets(line, sizeof line, file);)
        *looks += strstr(line, "statx(") != NULL;
    fclose(file);
    return result->status;
}

/* Whose a file is, and whose its folder, is asked piece by piece: an answer that does not come is no yes. */
static void a_file_that_cannot_be_looked_at_is_left_alone(void **state)
{
    static const char *const options[] = { "--file-env=SECRET", "--remove=" SHARED, "--chown=/mnt/tree" };
    char tampering[64];
    int looks, again;

    (void)state;
    setenv("SECRET_FILE", SHARED, 1);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        assert_int_equal(look_at_files(options[i], "trace=statx", &looks), 0);
        assert_at_least(looks, 3);
        for (int n = 1; n <= looks; n++) {
            snprintf(tampering, sizeof tampering, "inject=statx:error=EIO:when=%d", n);
            if (look_at_files(options[i], tampering, &again) != 125)
                fail_msg("%s goes on where look %d of %d fails", options[i], n, looks);
        }
    }
    unsetenv("SECRET_FILE");
}

/* Another process takes the room that there was: strace says that there is some in a pipe that is full. */
static void a_pipe_that_another_one_fills_keeps_nobody_waiting(void **state)
{
    enum { THERE = 9 };
    static const char script[] = "exec strace -qq -o /dev/null -e inject=poll:retval=1:when=1 \"$0\" -vv true 2>&9";
    char *const argv[] = { "sh", "-c", (char *)(uintptr_t)script, (char *)(uintptr_t)subject_binary(), NULL };
    int ends[2];

    (void)state;
    run_full_pipe(ends);
    assert_int_equal(dup2(ends[1], THERE), THERE);
    const struct run_result *result = run(&(struct run_options){ .bound_ms = BOUND_MS }, argv);
    assert_status(result, 0);
    assert_took(result, 0, 900); /* a second is for a reader that is waited for */
    close(THERE);
    close(ends[0]);
    close(ends[1]);
}

/* As a debugger or the freezer of a container that is paused: init's wait ends early, again and again. */
static void interruptions_put_off_no_deadline(void **state)
{
    struct subject_options options = { .pid1 = *state != NULL };
    int rounds = 0;

    subject_start(&s, &options, "--run-timeout=400ms", "pause", NULL);
    stream_await(&s.out, "ready");
    if (ptrace(PTRACE_SEIZE, s.pid, NULL, NULL) != 0 && errno == ENOSYS) {
        print_message("# skip: no ptrace\n");
        skip();
    }
    while (!subject_ends(&s, 20) && ptrace(PTRACE_INTERRUPT, s.pid, NULL, NULL) == 0) {
        siginfo_t info;
        assert_at_most(++rounds, 499);
        assert_int_equal(waitid(P_PID, (id_t)s.pid, &info, WEXITED | WSTOPPED | WNOWAIT), 0);
        ptrace(PTRACE_CONT, s.pid, NULL, NULL);
    }
    assert_int_equal(subject_wait(&s), 124);
}

/* Zombies that come faster than they can be reaped, as of a fork bomb on many processors: strace has one each time. */
static void a_storm_without_end_keeps_back_neither_signals_nor_deadlines(void **state)
{
    static const struct subject_options options = { .binary = "/usr/bin/strace", .argv0 = "strace" };

    (void)state;
    subject_start(&s, &options, "-o", "/dev/null", "-e", "inject=wait4:retval=4194303", subject_binary(),
                  "--stop-timeout=1ms", "signals", NULL);
    stream_await(&s.out, "ready");
    pid_t init = proc_child(s.pid), command = proc_child(init);
    kill(init, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    kill(init, SIGTERM);
    stream_await(&s.out, "got 15 ");
    await_gone(command);
}

/* Signals that come faster than they are forwarded, each before SIGCHLD in the kernel's queue: as strace has it. */
static void a_flood_without_end_hides_no_end_of_command(void **state)
{
    static const struct subject_options options = { .binary = "/usr/bin/strace", .argv0 = "strace" };

    (void)state;
    subject_start(&s, &options, "-o", "/dev/null", "-e", "inject=rt_sigtimedwait:retval=10", subject_binary(), "-r",
                  "USR1:WINCH", "end", "5", NULL);
    assert_int_equal(end_within_bound("rt_sigtimedwait", 0), 5);
}

/* The target is judged, COMMAND is started, and no probe is: that is a failure of the probe. */
static void a_probe_that_cannot_be_started_is_unhealthy(void **state)
{
    static const struct subject_options options = { .binary = "/usr/bin/strace", .argv0 = "strace" };

    (void)state;
    assert_status(run(NULL, (char *[]){ "cp", (char *)(uintptr_t)subject_binary(), "/mnt/init", NULL }), 0);
    assert_status(run(NULL, (char *[]){ "cp", "/bin/true", "/mnt/healthcheck", NULL }), 0);
    subject_start(&s, &options, "-o", "/dev/null", "-e", "inject=clone:error=EAGAIN:when=3+", "/mnt/init", "--watch=x",
                  "--watch-interval=10ms", "--watch-retries=2", "pause", NULL);
    assert_int_equal(end_within_bound("clone", EAGAIN), 125);
    assert_int_equal(
        stream_count(&s.err, "init: --watch: the probe cannot be started: Resource temporarily unavailable\n"), 2);
}

static bool write_template(void)
{
    FILE *file = fopen(TEMPLATE, "we");

    return file && fputs("text", file) >= 0 && fclose(file) == 0;
}

static void make_files(void)
{
    if (mkdir("/mnt/shared", 0) != 0 || chmod("/mnt/shared", 01777) != 0 || mknod(SHARED, S_IFREG | 0644, 0) != 0 ||
        mknod(STALE, S_IFREG | 0644, 0) != 0 || mkdir("/mnt/tree", 0755) != 0 || mkdir("/mnt/tree/entry", 0755) != 0 ||
        symlink(TEMPLATE, "/mnt/link") != 0 || !write_template()) {
        perror("/mnt");
        exit(EXIT_FAILURE);
    }
}

int main(void)
{
    subject_isolate();
    make_files();
    const struct CMUnitTest tests[] = {
        BOTH(what_follows_is_known),
        BOTH(signals_arrive_where_their_values_cannot),
        BOTH(signals_arrive_where_no_group_could_be_made),
        BOTH(a_signal_that_cannot_be_sent_is_told),
        ONLY_ORDINARY(leftovers_are_ended_without_pidfds),
        ONLY_ORDINARY(leftovers_that_cannot_be_found_do_not_keep_init),
        BOTH(without_a_way_to_the_probe_watch_is_an_error),
        BOTH(messages_are_written_by_what_there_is),
        ONLY_ORDINARY(each_call_that_init_makes_is_foreseen),
        ONLY_ORDINARY(a_probe_that_cannot_be_started_is_unhealthy),
        ONLY_ORDINARY(an_interruption_changes_nothing),
        ONLY_ORDINARY(a_file_that_cannot_be_looked_at_is_left_alone),
        ONLY_ORDINARY(a_pipe_that_another_one_fills_keeps_nobody_waiting),
        BOTH(interruptions_put_off_no_deadline),
        ONLY_ORDINARY(a_storm_without_end_keeps_back_neither_signals_nor_deadlines),
        ONLY_ORDINARY(a_flood_without_end_hides_no_end_of_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
