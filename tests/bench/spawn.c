/* Starts programs with clone(2). */
#include "bench/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { STACK_SIZE = 65536 };

/* What an engine gives a container that asks for nothing. */
static char *const container_environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                               "HOSTNAME=0123456789ab", "HOME=/root", NULL };

struct start {
    const struct spawn_options *options;
    char *const *argv;
    int gate[2];
};

void spawn_die(const char *what)
{
    perror(what);
    _exit(99);
}

int64_t spawn_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int child_main(void *argument)
{
    const struct start *start = argument;
    const struct spawn_options *options = start->options;
    char byte;

    if (options->out > 0) {
        dup2(options->out, STDOUT_FILENO);
        dup2(options->out, STDERR_FILENO);
    }
    if (options->waits && read(start->gate[0], &byte, 1) != 1)
        _exit(98);
    execve(options->path ? options->path : start->argv[0], start->argv,
           options->environment ? options->environment : container_environment);
    spawn_die(start->argv[0]);
}

struct spawned spawn(const struct spawn_options *options, char *const argv[])
{
    static _Alignas(16) char stack[STACK_SIZE];
    struct start start = { options, argv, { -1, -1 } };
    int flags = SIGCHLD | (options->pid1 ? CLONE_NEWPID : 0) | (options->waits ? 0 : CLONE_VM | CLONE_VFORK);

    if (options->waits && pipe2(start.gate, O_CLOEXEC) != 0)
        spawn_die("pipe2");
    pid_t pid = clone(child_main, stack + sizeof stack, flags, &start);
    if (pid < 0)
        spawn_die(options->pid1 ? "a PID namespace (root is needed)" : "clone");
    if (options->waits)
        close(start.gate[0]);
    return (struct spawned){ pid, start.gate[1] };
}

void spawn_go(struct spawned *spawned)
{
    if (write(spawned->go, "", 1) != 1)
        spawn_die("write");
    close(spawned->go);
    spawned->go = -1;
}

int64_t spawn_cpu(const struct rusage *usage)
{
    const struct timeval *user = &usage->ru_utime, *kernel = &usage->ru_stime;

    return ((int64_t)(user->tv_sec + kernel->tv_sec) * 1000000 + user->tv_usec + kernel->tv_usec) * 1000;
}

struct spawn_run spawn_run(const struct spawn_options *options, char *const argv[])
{
    struct spawn_run run = { 0 };
    struct rusage usage;
    int64_t start = spawn_now();
    pid_t pid = spawn(options, argv).pid;

    while (wait4(pid, &run.status, 0, &usage) < 0)
        if (errno != EINTR)
            spawn_die("wait4");
    run.wall = spawn_now() - start;
    run.cpu = spawn_cpu(&usage);
    run.faults = usage.ru_minflt + usage.ru_majflt;
    return run;
}
