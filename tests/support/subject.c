/* Starts init in its namespaces and captures what it writes. */
#include "support/subject.h"

#include "support/probe.h"
#include "support/run.h"
#include "support/stall.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 64 };

static void die(const char *what)
{
    perror(what);
    _exit(99);
}

/* fork(2) with namespaces. */
static pid_t fork_into(unsigned long namespaces)
{
    return (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0, NULL, NULL, 0);
}

static void mount_proc(void)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("proc", "/proc", "proc", 0, NULL) != 0)
        die("/proc");
}

/* Where the programs under test and their children are: absolute paths, empty before they are asked for. */
static char binary[PATH_MAX], children[PATH_MAX];

static const char *find(const char *variable, const char *otherwise, char path[PATH_MAX])
{
    const char *given = getenv(variable);

    if (*path == '\0' && !realpath(given ? given : otherwise, path))
        die(given ? given : otherwise);
    return path;
}

const char *subject_binary(void)
{
    return find("PITH_INIT", "build/amd64/init", binary);
}

static const char *children_dir(void)
{
    return find("PITH_CHILDREN", "build/amd64/tests/child", children);
}

/* Only root can run what lies in a home of mode 0700, and tests become other users: they run copies. */
static void open_to_all(void)
{
    char command[4 * PATH_MAX];

    snprintf(command, sizeof command,
             "install -D -m 755 -t /mnt/bin '%s' '%s' && install -D -m 755 -t /mnt/child '%s'/*", subject_binary(),
             probe_binary(), children_dir());
    if (mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755") != 0 ||
        run(NULL, (char *[]){ "sh", "-c", command, NULL })->status != 0)
        die(command);
    strcpy(binary, "/mnt/bin/init");
    strcpy(children, "/mnt/child");
    probe_use("/mnt/bin/healthcheck");
}

void subject_isolate(void)
{
    pid_t inner = fork_into(CLONE_NEWPID | CLONE_NEWNS);
    int status;

    if (inner < 0)
        die("a PID namespace (root is needed)");
    if (inner == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        mount_proc();
        open_to_all();
        return;
    }
    while (waitpid(inner, &status, 0) < 0 && errno == EINTR)
        ;
    exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
}

const char *subject_child(const char *name)
{
    static char paths[8][PATH_MAX + 64];
    static unsigned next;
    char *path = paths[next++ % 8];

    snprintf(path, sizeof paths[0], "%s/%s", children_dir(), name);
    return path;
}

static void make_environment(const struct subject_options *options, char *environment[ARGUMENTS_MAX])
{
    static char path[PATH_MAX + 64];
    size_t n = 0;

    snprintf(path, sizeof path, "PATH=%s:/usr/bin:/bin", children_dir());
    if (!options->no_path)
        environment[n++] = path;
    for (const char *const *set = options->set; set && *set; set++)
        environment[n++] = (char *)(uintptr_t)*set;
    environment[n] = NULL;
}

static void arrange_io(const struct subject_options *options, int out, int err)
{
    int in = options->in > 0 ? options->in : open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
        die("dup2");
}

/* By the system call: sigaction(3) leaves 32 and 33 out, and posix_spawn(3), as make uses it, has them ignored. */
static void default_all_signals(void)
{
    static const unsigned long disposition[8]; /* the handler is its first word: SIG_DFL */

    for (int signal = 1; signal <= 64; signal++)
        syscall(SYS_rt_sigaction, signal, disposition, NULL, sizeof(uint64_t));
}

static void become(const struct subject_options *options, const char *const argv[], int out, int err)
{
    char *environment[ARGUMENTS_MAX];
    const char *file = options->binary ? options->binary : subject_binary();

    make_environment(options, environment);
    default_all_signals();
    if (!options->own_io)
        arrange_io(options, out, err);
    syscall(SYS_close_range, 3, ~0U, 0);
    if (options->pid1)
        mount_proc();
    if (options->before)
        options->before(options->argument);
    execve(file, (char **)(uintptr_t)argv, environment);
    die(file);
}

static void start(struct subject *subject, const struct subject_options *options, const char *const argv[])
{
    int out[2], err[2];

    fflush(NULL);
    if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
        die("pipe2");
    run_command(subject->command, argv);
    subject->pid = fork_into(options->pid1 ? CLONE_NEWPID | CLONE_NEWNS : 0);
    if (subject->pid < 0)
        die("fork");
    if (subject->pid == 0)
        become(options, argv, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    subject->pidfd = (int)syscall(SYS_pidfd_open, subject->pid, 0);
    stream_open(&subject->out, out[0]);
    stream_open(&subject->err, err[0]);
}

static void collect(const struct subject_options *options, const char *argv[ARGUMENTS_MAX], const char *argument,
                    va_list rest)
{
    size_t n = 0;

    argv[n++] = options->argv0 ? options->argv0 : "init";
    for (; argument && n < ARGUMENTS_MAX - 1; argument = va_arg(rest, const char *))
        argv[n++] = argument;
    argv[n] = NULL;
}

static const struct subject_options defaults;

void subject_start(struct subject *subject, const struct subject_options *options, const char *argument, ...)
{
    const char *argv[ARGUMENTS_MAX];
    va_list rest;

    options = options ? options : &defaults;
    va_start(rest, argument);
    collect(options, argv, argument, rest);
    va_end(rest);
    start(subject, options, argv);
}

bool subject_ends(struct subject *subject, int ms)
{
    int64_t end = run_now_ms() + ms, left;

    for (;;) {
        struct pollfd fds[] = { { .fd = subject->pidfd, .events = POLLIN },
                                { .fd = subject->out.fd, .events = POLLIN },
                                { .fd = subject->err.fd, .events = POLLIN } };
        left = end - run_now_ms();
        bool ended = stall_poll_end(subject->pid, fds, 3, left > 0 ? (int)left : 0);
        stream_drain(&subject->out);
        stream_drain(&subject->err);
        if (ended)
            return true;
        if (left <= 0)
            return false;
    }
}

int subject_wait(struct subject *subject)
{
    int status;

    if (!subject_ends(subject, AWAIT_MS))
        fail_msg("init did not end; its output:\n%s\n%s", subject->out.bytes, subject->err.bytes);
    if (waitpid(subject->pid, &status, 0) != subject->pid)
        die("waitpid");
    stream_drain(&subject->out);
    stream_drain(&subject->err);
    stream_close(&subject->out);
    stream_close(&subject->err);
    if (subject->pidfd >= 0)
        close(subject->pidfd);
    status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    test_saw(subject->command, status, subject->out.bytes, subject->err.bytes);
    return status;
}

int subject_run(struct subject *subject, const struct subject_options *options, const char *argument, ...)
{
    const char *argv[ARGUMENTS_MAX];
    va_list rest;

    options = options ? options : &defaults;
    va_start(rest, argument);
    collect(options, argv, argument, rest);
    va_end(rest);
    start(subject, options, argv);
    return subject_wait(subject);
}

/* Descriptors of pipes: what a failed test has left open is closed with the next one that takes its number. */
int subject_end_all(void **state)
{
    (void)state;
    if (getpid() != 1) { /* it would end everything on the machine */
        fputs("subject_end_all: without subject_isolate\n", stderr);
        _exit(EXIT_FAILURE);
    }
    kill(-1, SIGKILL);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
        ;
    return 0;
}

void subject_close_stdin(void *unused)
{
    (void)unused;
    close(STDIN_FILENO);
}
