/*
 * tree [-x STATUS] KIND...: leaves a descendant of each KIND (child, orphan, group, session, daemon; "+stubborn"
 * behind it ignores TERM; "+headless" has a first thread that has ended, and another one that lives; comet: a group
 * that forks on and on), says "ready" when all run, and exits with STATUS, at once or on TERM.
 */
#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

enum { COMET_SECONDS = 20 };

static sigset_t all;

/* Says what it is sent until something ends it. */
static void live(const char *kind, int ready)
{
    int signal;

    say("%s is pid %d pgrp %d sid %d", kind, getpid(), getpgrp(), getsid(0));
    close(ready);
    for (;;) {
        sigwait(&all, &signal);
        say("%s got %d", kind, signal);
        if (signal == SIGTERM && !strstr(kind, "+stubborn"))
            _exit(0);
    }
}

struct life {
    const char *kind;
    int ready;
};

/* Waits until the first thread has ended: the kernel shows its state as the process's. */
static void await_headless(void)
{
    char stat[512];
    ssize_t n;

    do {
        int fd = open("/proc/self/stat", O_RDONLY);
        n = read(fd, stat, sizeof stat - 1);
        close(fd);
        stat[n > 0 ? n : 0] = '\0';
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    } while (n > 0 && !strstr(stat, ") Z "));
}

static void *live_on(void *life_)
{
    struct life *life = life_;

    await_headless();
    live(life->kind, life->ready);
    return NULL;
}

static void live_headless(const char *kind, int ready)
{
    static struct life life;
    pthread_t thread;

    life = (struct life){ kind, ready };
    if (pthread_create(&thread, NULL, live_on, &life) != 0)
        _exit(96);
    pthread_exit(NULL);
}

/* Each process of it lives for some 0.3 ms, so that a signal often comes too late. Where nothing ends it, it ends all
 * the same. */
static void fly(const char *kind, int ready)
{
    time_t end = time(NULL) + COMET_SECONDS;

    say("%s is pid %d pgrp %d sid %d", kind, getpid(), getpgrp(), getsid(0));
    close(ready);
    while (time(NULL) < end) {
        nanosleep(&(struct timespec){ .tv_nsec = 300000 }, NULL);
        if (fork() > 0)
            _exit(0);
    }
    _exit(0);
}

/* The first process of two waits for the second to have been left behind. */
static bool leave_parent(void)
{
    return fork() != 0;
}

static void become(const char *kind, int ready)
{
    if (strncmp(kind, "group", 5) == 0 || strncmp(kind, "comet", 5) == 0)
        setpgid(0, 0);
    if (strncmp(kind, "session", 7) == 0 || strncmp(kind, "daemon", 6) == 0)
        setsid();
    if ((strncmp(kind, "orphan", 6) == 0 || strncmp(kind, "daemon", 6) == 0) && leave_parent())
        _exit(0);
    if (strncmp(kind, "comet", 5) == 0)
        fly(kind, ready);
    if (strstr(kind, "+headless"))
        live_headless(kind, ready);
    live(kind, ready);
}

static void start(const char *kind)
{
    int ready[2];
    char byte;

    if (pipe(ready) != 0)
        _exit(97);
    pid_t pid = fork();
    if (pid == 0) {
        close(ready[0]);
        become(kind, ready[1]);
    }
    close(ready[1]);
    while (read(ready[0], &byte, 1) < 0 && errno == EINTR)
        ;
    close(ready[0]);
}

int main(int argc, char *argv[])
{
    bool leaves = argc > 2 && strcmp(argv[1], "-x") == 0;
    int signal = 0;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int i = leaves ? 3 : 1; i < argc; i++)
        start(argv[i]);
    say("ready");
    if (leaves)
        return atoi(argv[2]);
    while (signal != SIGTERM && signal != SIGINT) {
        sigwait(&all, &signal);
        if (signal != SIGCHLD)
            say("command got %d", signal);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
    return 0;
}
