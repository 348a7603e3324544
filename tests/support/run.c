/* Runs programs for tests. */
#include "support/run.h"

#include "support/stall.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

int64_t run_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Makes FD of the program be the pipe's writing end, FILL, or closed. Returns the reading end, or -1. */
static int arrange(posix_spawn_file_actions_t *actions, int fd, bool closed, int fill, int *writing)
{
    int ends[2];

    *writing = -1;
    if (closed) {
        posix_spawn_file_actions_addclose(actions, fd);
        return -1;
    }
    if (fill > 0) {
        posix_spawn_file_actions_adddup2(actions, fill, fd);
        return -1;
    }
    if (pipe2(ends, O_CLOEXEC) != 0)
        die("pipe2");
    posix_spawn_file_actions_adddup2(actions, ends[1], fd);
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    *writing = ends[1];
    return ends[0];
}

static void default_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

void run_command(char command[RUN_COMMAND_MAX + 1], const char *const argv[])
{
    size_t n = 0;

    command[0] = '\0';
    for (size_t i = 0; argv[i] && n < RUN_COMMAND_MAX; i++)
        n += (size_t)snprintf(command + n, RUN_COMMAND_MAX + 1 - n, "%s%s", i > 0 ? " " : "", argv[i]);
}

void run_start(struct run_child *child, const struct run_options *options, char *const argv[])
{
    static const struct run_options defaults;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int out_end, err_end;

    options = options ? options : &defaults;
    run_command(child->command, (const char *const *)argv);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    default_signals(&attributes);
    if (options->close_stdin)
        posix_spawn_file_actions_addclose(&actions, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    child->out = arrange(&actions, STDOUT_FILENO, options->close_stdout, options->stdout_fd, &out_end);
    child->err = arrange(&actions, STDERR_FILENO, options->close_stderr, options->stderr_fd, &err_end);
    child->bound_ms = options->bound_ms ? options->bound_ms : RUN_BOUND_MS;
    child->started_ms = run_now_ms();
    errno = posix_spawnp(&child->pid, argv[0], &actions, &attributes, argv,
                         options->environment ? options->environment : environ);
    if (errno != 0)
        die(argv[0]);
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    if (out_end >= 0)
        close(out_end);
    if (err_end >= 0)
        close(err_end);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
}

/* Reads what is there. Closes *FD at its end. */
static void drain(int *fd, char *bytes, size_t *length)
{
    char rest[4096];

    while (*fd >= 0) {
        bool full = *length == RUN_OUTPUT_MAX;
        ssize_t n = full ? read(*fd, rest, sizeof rest) : read(*fd, bytes + *length, RUN_OUTPUT_MAX - *length);
        if (n > 0 && !full)
            *length += (size_t)n;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0 && errno != EINTR) {
            close(*fd);
            *fd = -1;
        }
    }
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void run_finish(struct run_child *child, struct run_result *result)
{
    int status;
    bool ended = false;

    memset(result, 0, sizeof *result);
    while (!ended) {
        struct pollfd fds[] = { { .fd = child->pidfd, .events = POLLIN },
                                { .fd = child->out, .events = POLLIN },
                                { .fd = child->err, .events = POLLIN } };
        int64_t left = child->started_ms + child->bound_ms - run_now_ms();
        if (left <= 0) {
            result->killed = true;
            kill(child->pid, SIGKILL);
        }
        ended = stall_poll_end(child->pid, fds, 3, left > 0 ? (int)left : -1);
        if (ended) {
            result->ms = run_now_ms() - child->started_ms;
            result->stall_ms = stall_longest(child->started_ms) + stall_of(child->pid);
        }
        drain(&child->out, result->out, &result->out_length);
        drain(&child->err, result->err, &result->err_length);
    }
    while (wait4(child->pid, &status, 0, &result->usage) < 0 && errno == EINTR)
        ;
    result->pid = child->pid;
    result->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    memcpy(result->command, child->command, sizeof result->command);
    test_saw(result->command, result->status, result->out, result->err);
    close_fd(child->pidfd);
    close_fd(child->out);
    close_fd(child->err);
}

const struct run_result *run(const struct run_options *options, char *const argv[])
{
    static struct run_result result;
    struct run_child child;

    run_start(&child, options, argv);
    run_finish(&child, &result);
    return &result;
}

void run_full_pipe(int ends[2])
{
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        die("pipe2");
    while (write(ends[1], "x", 1) == 1)
        ;
    fcntl(ends[1], F_SETFL, 0);
}
