/* inits [-q] FLOORS NAME=PATH...: what inits cost beside each other, as Markdown. The first one is the floor. */
#include "bench/memory.h"
#include "bench/spawn.h"
#include "bench/stats.h"
#include "bench/trace.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SUBJECTS_MAX = 12, BURST = 150 };

struct subject {
    const char *name, *path;
    struct samples samples;
    double extra; /* what a section keeps beside the samples */
};

static struct subject subjects[SUBJECTS_MAX];
static size_t count;
static const char *floors;
static bool quick;
static int null;

static char *const *command_line(const char *command, const char *first, const char *second)
{
    static char path[512];
    static char *argv[6];

    snprintf(path, sizeof path, "%s/floor-%s", floors, command);
    argv[0] = "/init";
    argv[1] = "--";
    argv[2] = path;
    argv[3] = (char *)(uintptr_t)first;
    argv[4] = (char *)(uintptr_t)second;
    return argv;
}

/* The floor init takes no option. */
static struct spawned start(const struct subject *subject, char *const argv[], int out)
{
    const struct spawn_options options = { .pid1 = true, .path = subject->path, .out = out };

    return spawn(&options, subject == subjects ? argv + 1 : argv);
}

static void end(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void clear(void)
{
    for (size_t i = 0; i < count; i++)
        subjects[i].samples.count = 0;
}

static double microseconds(int64_t ns)
{
    return (double)ns / 1000;
}

/* --- a short run ------------------------------------------------------------------------------------ */

static long fewest_faults(const struct subject *subject)
{
    const struct spawn_options options = { .pid1 = true, .path = subject->path, .out = null };
    char *const *argv = command_line("noop", NULL, NULL);
    long faults = 100000;

    for (int i = 0; i < 20; i++) {
        struct spawn_run run = spawn_run(&options, subject == subjects ? argv + 1 : argv);
        faults = run.faults < faults ? run.faults : faults;
    }
    return faults;
}

static void counts(void)
{
    puts("| init | file, bytes | system calls | user instructions | page faults |\n|---|---:|---:|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        const struct spawn_options options = { .pid1 = true, .path = subjects[i].path, .out = null };
        char *const *argv = command_line("noop", NULL, NULL);
        struct trace_counts traced = trace_run(&options, i == 0 ? argv + 1 : argv, false);
        struct stat status;
        stat(subjects[i].path, &status);
        printf("| %s | %ld | %ld | %ld | %ld |\n", subjects[i].name, (long)status.st_size, traced.calls,
               traced.instructions, fewest_faults(&subjects[i]));
    }
}

/* `INIT -- noop` as PID 1: the time over that of noop alone, beside the floor's. */
static void starts(int rounds)
{
    char *const *argv = command_line("noop", NULL, NULL);
    struct spawn_options options = { .pid1 = true, .out = null };
    static struct samples bare;

    clear();
    for (int round = 0; round < rounds; round++) {
        samples_add(&bare, spawn_run(&options, argv + 2).wall);
        for (size_t i = 0; i < count; i++) {
            options.path = subjects[i].path;
            samples_add(&subjects[i].samples, spawn_run(&options, i == 0 ? argv + 1 : argv).wall);
        }
        options.path = NULL;
    }
    int64_t noop = samples_percentile(&bare, 50), floor = samples_percentile(&subjects[0].samples, 50) - noop;
    printf("A bare noop takes %.0f us; %d rounds.\n\n", microseconds(noop), rounds);
    puts("| init | time over a bare noop, us (quartiles) | ratio to the floor |\n|---|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        struct samples *samples = &subjects[i].samples;
        int64_t over = samples_percentile(samples, 50) - noop;
        printf("| %s | %.0f (%.0f-%.0f) | %.2f |\n", subjects[i].name, microseconds(over),
               microseconds(samples_percentile(samples, 25) - noop),
               microseconds(samples_percentile(samples, 75) - noop), (double)over / (double)floor);
    }
}

/* --- at rest ---------------------------------------------------------------------------------------- */

static long read_number(pid_t pid, const char *file, const char *format)
{
    char path[64], line[512];
    long number = 0;

    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *stream = fopen(path, "re");
    while (stream && fgets(line, sizeof line, stream) && sscanf(line, format, &number) != 1)
        ;
    if (stream)
        fclose(stream);
    return number;
}

static void idle(int seconds)
{
    pid_t pids[SUBJECTS_MAX];
    long before[SUBJECTS_MAX];

    for (size_t i = 0; i < count; i++)
        pids[i] = start(&subjects[i], command_line("pause", NULL, NULL), null).pid;
    sleep(1);
    for (size_t i = 0; i < count; i++)
        before[i] = read_number(pids[i], "status", "voluntary_ctxt_switches: %ld");
    sleep((unsigned)seconds);
    printf("| init | anonymous, KiB | with the file's pages, KiB | wakeups in %d s |\n|---|---:|---:|---:|\n", seconds);
    for (size_t i = 0; i < count; i++) {
        struct memory memory = memory_of(pids[i]);
        printf("| %s | %ld | %ld | %ld |\n", subjects[i].name, memory.anonymous, memory.unique,
               read_number(pids[i], "status", "voluntary_ctxt_switches: %ld") - before[i]);
        end(pids[i]);
    }
}

/* --- signals ---------------------------------------------------------------------------------------- */

static int64_t latency_once(pid_t pid, int out)
{
    int64_t stamp, sent = spawn_now();

    kill(pid, SIGUSR1);
    return read(out, &stamp, sizeof stamp) == sizeof stamp ? stamp - sent : 0;
}

static void latencies_of(struct subject *subject, int rounds)
{
    int pipe[2];
    int64_t ready;

    if (pipe2(pipe, O_CLOEXEC) != 0)
        spawn_die("pipe2");
    pid_t pid = start(subject, command_line("stamp", NULL, NULL), pipe[1]).pid;
    close(pipe[1]);
    if (read(pipe[0], &ready, sizeof ready) != sizeof ready)
        spawn_die(subject->name);
    for (int i = 0; i < rounds; i++)
        samples_add(&subject->samples, latency_once(pid, pipe[0]));
    end(pid);
    close(pipe[0]);
}

static void latency(int cpus, int turns, int rounds)
{
    cpu_set_t saved, one;

    sched_getaffinity(0, sizeof saved, &saved);
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    if (cpus == 1)
        sched_setaffinity(0, sizeof one, &one);
    clear();
    for (int turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < count; i++)
            latencies_of(&subjects[i], rounds);
    sched_setaffinity(0, sizeof saved, &saved);
    double floor = (double)samples_percentile(&subjects[0].samples, 50);
    printf("| init | %s, us (quartiles) | ratio to the floor |\n|---|---:|---:|\n",
           cpus == 1 ? "all on one CPU" : "on all CPUs");
    for (size_t i = 0; i < count; i++) {
        struct samples *samples = &subjects[i].samples;
        int64_t median = samples_percentile(samples, 50);
        printf("| %s | %.1f (%.1f-%.1f) | %.2f |\n", subjects[i].name, microseconds(median),
               microseconds(samples_percentile(samples, 25)), microseconds(samples_percentile(samples, 75)),
               (double)median / floor);
    }
}

/* --- orphans ---------------------------------------------------------------------------------------- */

/* Nanoseconds on a CPU; waits until they grow no more. */
static long settled_cpu(pid_t pid)
{
    long before, now = read_number(pid, "schedstat", "%ld");

    do {
        before = now;
        usleep(20000);
        now = read_number(pid, "schedstat", "%ld");
    } while (now != before);
    return now;
}

static void orphans_of(struct subject *subject, int orphans, bool at_once)
{
    char number[16], byte;
    int pipe[2];

    snprintf(number, sizeof number, "%d", orphans);
    if (pipe2(pipe, O_CLOEXEC) != 0)
        spawn_die("pipe2");
    pid_t pid = start(subject, command_line("orphans", number, at_once ? "burst" : NULL), pipe[1]).pid;
    close(pipe[1]);
    if (read(pipe[0], &byte, 1) != 1)
        spawn_die(subject->name);
    samples_add(&subject->samples, settled_cpu(pid) / orphans);
    end(pid);
    close(pipe[0]);
}

static void orphans(int number, int turns, bool at_once)
{
    clear();
    for (int turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < count; i++)
            orphans_of(&subjects[i], number, at_once);
    double floor = (double)samples_percentile(&subjects[0].samples, 50);
    printf("| init | CPU per orphan, %d %s, ns (quartiles) | ratio to the floor |\n|---|---:|---:|\n", number,
           at_once ? "at once" : "one after the other");
    for (size_t i = 0; i < count; i++) {
        struct samples *samples = &subjects[i].samples;
        int64_t median = samples_percentile(samples, 50);
        printf("| %s | %ld (%ld-%ld) | %.2f |\n", subjects[i].name, (long)median, (long)samples_percentile(samples, 25),
               (long)samples_percentile(samples, 75), (double)median / floor);
    }
}

/* --- all -------------------------------------------------------------------------------------------- */

static void read_subjects(char *arguments[])
{
    for (; *arguments && count < SUBJECTS_MAX; arguments++) {
        char *equals = strchr(*arguments, '=');
        if (!equals)
            continue;
        *equals = '\0';
        subjects[count].name = *arguments;
        subjects[count++].path = equals + 1;
    }
}

int main(int argc, char *argv[])
{
    int at = 1;

    if (argc > 1 && strcmp(argv[1], "-q") == 0)
        quick = at++;
    if (argc - at < 2)
        return 2;
    floors = argv[at];
    read_subjects(argv + at + 1);
    null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("\n### A short run: `INIT -- noop` as PID 1\n");
    counts();
    putchar('\n');
    starts(quick ? 200 : 2000);
    puts("\n### At rest\n");
    idle(quick ? 3 : 10);
    puts("\n### From kill(2) of init to COMMAND's next instruction\n");
    latency(1, 10, quick ? 20 : 200);
    putchar('\n');
    latency(2, 10, quick ? 20 : 200);
    puts("\n### Orphans\n");
    orphans(quick ? 1000 : 10000, 3, false);
    putchar('\n');
    orphans(BURST, quick ? 5 : 15, true);
    return 0;
}
