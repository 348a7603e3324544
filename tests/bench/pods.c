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

enum { PODS_MAX = 1000, RUNNING_MAX = 64 };

static int pods = 250, seconds = 60, null;

/* What the probes of one subject came to. */
struct load {
    long running, ended, failed;
    int64_t cpu; /* of all that ended, ns */
    int64_t started, over;
};

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

/* KiB: what each has for itself, and once what they share. */
static long memory_of_all(const pid_t pids[])
{
    long sum = 0, shared = 0;

    for (int i = 0; i < pods; i++) {
        struct memory memory = memory_of(pids[i]);
        sum += memory.unique;
        if (memory.resident - memory.unique > shared)
            shared = memory.resident - memory.unique;
    }
    return sum + shared;
}

/* Nanoseconds on a CPU of all of them together. */
static long long cpu_of_all(const pid_t pids[])
{
    long long sum = 0, one;

    for (int i = 0; i < pods; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/schedstat", (int)pids[i]);
        FILE *file = fopen(path, "re");
        if (file && fscanf(file, "%lld", &one) == 1)
            sum += one;
        if (file)
            fclose(file);
    }
    return sum;
}

static void sleep_until(int64_t time)
{
    const struct timespec until = { .tv_sec = time / 1000000000, .tv_nsec = time % 1000000000 };

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
        ;
}

/* Takes the probes that have ended; waits for one with FLAGS 0. */
static void collect(struct load *load, int flags)
{
    int status;
    struct rusage usage;

    while (load->running > 0 && wait4(-1, &status, flags, &usage) > 0) {
        load->running--;
        load->ended++;
        load->failed += status != 0;
        load->cpu += spawn_cpu(&usage);
        if (flags == 0)
            return;
    }
}

/* For SECONDS one probe a second for each pod, evenly spread; fewer where RUNNING_MAX have not ended in time. */
static struct load probe_all(char *const argv[])
{
    const struct spawn_options options = { .out = null };
    struct load load = { .started = spawn_now() };
    int64_t end = load.started + (int64_t)seconds * 1000000000;

    for (int64_t i = 0, due; (due = load.started + i * 1000000000 / pods) < end && spawn_now() < end; i++) {
        sleep_until(due);
        collect(&load, WNOHANG);
        while (load.running >= RUNNING_MAX)
            collect(&load, 0);
        spawn(&options, argv);
        load.running++;
    }
    while (load.running > 0)
        collect(&load, 0);
    load.over = spawn_now();
    return load;
}

static void measure(char *const subject[], const char *command)
{
    static pid_t pids[PODS_MAX];

    start_all(subject[1], command, pids);
    sleep(1);
    long memory = memory_of_all(pids);
    long long cpu = cpu_of_all(pids);
    struct load load = probe_all(subject + 2);
    double elapsed = (double)(load.over - load.started), each = (double)load.cpu / (double)load.ended;
    cpu = cpu_of_all(pids) - cpu;
    end_all(pids);
    if (load.failed)
        fprintf(stderr, "bench: %s: %ld of %ld probes failed\n", subject[0], load.failed, load.ended);
    printf("| %s | %ld | %.0f | %.0f | %.1f | %.1f %% | %.0f %% |\n", subject[0], memory,
           (double)load.ended * 1e9 / elapsed, each / 1000, (double)memory * 1000 / pods / 1024,
           (double)cpu / elapsed * 100 * 1000 / pods, each / 1e9 * 1000 * 100);
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
    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    printf("%d inits at rest, %d probes a second for %d s; the last three columns are of 1,000 containers.\n\n", pods,
           pods, seconds);
    puts("| | memory of all inits, KiB | probes a second, reached | CPU of a probe, us | memory of 1,000 inits, MiB "
         "| CPU of 1,000 inits | CPU of 1,000 probes a second |\n|---|---:|---:|---:|---:|---:|---:|");
    for (char **at = argv + optind + 1, **next; *at; at = next) {
        next = next_subject(at);
        measure(at, argv[optind]);
    }
    return 0;
}
