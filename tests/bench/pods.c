/* What many containers and their probes cost, in Markdown: pods [-n PODS] [-s SECONDS] PAUSE NAME INIT PROBE... */
#include "bench/memory.h"
#include "bench/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PODS_MAX = 1000 };

static int pods = 60, seconds = 5, null;

/* PODS inits, each PID 1 with a COMMAND that waits. */
static void start_all(char *init, const char *command, pid_t pids[])
{
    char *const argv[] = { "/init", "--", (char *)(uintptr_t)command, NULL };
    const struct spawn_options options = { .pid1 = true, .path = init, .out = null };

    for (int i = 0; i < pods; i++)
        pids[i] = spawn(&options, argv).pid;
}

static void end_all(const pid_t pids[])
{
    for (int i = 0; i < pods; i++)
        kill(pids[i], SIGKILL);
    for (int i = 0; i < pods; i++)
        waitpid(pids[i], NULL, 0);
}

static double memory_each(const pid_t pids[])
{
    long sum = 0;

    for (int i = 0; i < pods; i++)
        sum += memory_of(pids[i]).anonymous;
    return (double)sum / pods;
}

static void sleep_until(int64_t time)
{
    const struct timespec until = { .tv_sec = time / 1000000000, .tv_nsec = time % 1000000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

/* One probe a second for each pod, evenly spread: their CPU time each, in ns. */
static int64_t probe_all(char *const argv[])
{
    const struct spawn_options options = { .out = null };
    int64_t start = spawn_now(), cpu = 0;
    long number = (long)pods * seconds;

    for (long i = 0; i < number; i++) {
        sleep_until(start + i * 1000000000 / pods);
        struct spawn_run run = spawn_run(&options, argv);
        if (run.status != 0)
            spawn_die(argv[0]);
        cpu += run.cpu;
    }
    return cpu / number;
}

static char **next_subject(char *arguments[])
{
    while (*arguments && strcmp(*arguments, "--") != 0)
        arguments++;
    if (*arguments)
        *arguments++ = NULL;
    return arguments;
}

int main(int argc, char *argv[])
{
    static pid_t pids[PODS_MAX];
    char command[512];
    int option;

    while ((option = getopt(argc, argv, "+n:s:")) != -1)
        if (option == 'n')
            pods = atoi(optarg);
        else if (option == 's')
            seconds = atoi(optarg);
        else
            return 2;
    if (pods < 1 || pods > PODS_MAX || argc - optind < 4)
        return 2;
    snprintf(command, sizeof command, "%s", argv[optind]);
    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    printf("%d inits at rest, %d probes a second for %d s.\n\n", pods, pods, seconds);
    puts("| | memory of an init, KiB | CPU of a probe, us | 1,000 containers: memory, MiB | share of a CPU |\n"
         "|---|---:|---:|---:|---:|");
    for (char **at = argv + optind + 1, **next; *at; at = next) {
        next = next_subject(at);
        start_all(at[1], command, pids);
        int64_t cpu = probe_all(at + 2);
        double memory = memory_each(pids);
        end_all(pids);
        printf("| %s | %.0f | %ld | %.1f | %.0f %% |\n", at[0], memory, (long)cpu / 1000, memory * 1000 / 1024,
               (double)cpu / 1e4);
    }
    return 0;
}
