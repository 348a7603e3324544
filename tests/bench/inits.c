/* inits [-q] FLOORS NAME=PATH...: what inits cost beside each other, as Markdown. The first is the floor; -q: quick. */
#include "bench/memory.h"
#include "bench/series.h"
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

enum { SUBJECTS_MAX = 16 };

struct subject {
    const char *name, *path;
    struct series start;
    struct samples samples; /* of the section at hand */
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

/* The section's table. */
static void put_samples(const char *figure, double unit, int decimals)
{
    printf("| init | %s (quartiles) | ratio to the floor (range) |\n|---|---:|---:|\n", figure);
    for (size_t i = 0; i < count; i++) {
        printf("| %s |", subjects[i].name);
        samples_put(&subjects[i].samples, NULL, unit, decimals);
        samples_put_ratio(&subjects[i].samples, &subjects[0].samples, NULL);
        putchar('\n');
    }
}

static double microseconds(int64_t ns)
{
    return (double)ns / 1000;
}

/* --- a short run ------------------------------------------------------------------------------------ */

/* Of `INIT -- noop` as PID 1; and what one event more costs. */
static void put_counts(void)
{
    puts("| init | file, bytes | system calls | page faults | user instructions | for a signal | for an orphan |\n"
         "|---|---:|---:|---:|---:|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        const struct spawn_options options = { .pid1 = true, .path = subjects[i].path, .out = null };
        size_t from = i == 0; /* the floor knows no "--" */
        struct trace_counts traced = trace_run(&options, command_line("noop", NULL, NULL) + from, false);
        long signal = trace_event(&options, command_line("events", NULL, NULL) + from, "signal");
        long orphan = trace_event(&options, command_line("events", NULL, NULL) + from, "orphan");
        struct stat status;
        stat(subjects[i].path, &status);
        printf("| %s | %ld | %ld | %ld | %ld | %ld | %ld |\n", subjects[i].name, (long)status.st_size, traced.calls,
               subjects[i].start.faults, traced.instructions, signal, orphan);
    }
}

static void put_starts(const struct samples *bare)
{
    printf("A bare noop takes %.0f us.\n\n", microseconds(samples_percentile(bare, 50)));
    puts("| init | time over a bare noop, us (quartiles) | ratio to the floor (range) |\n|---|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        printf("| %s |", subjects[i].name);
        samples_put(&subjects[i].start.wall, bare, 1000, 0);
        samples_put_ratio(&subjects[i].start.wall, &subjects[0].start.wall, bare);
        putchar('\n');
    }
}

static void starts(int runs)
{
    char *const *argv = command_line("noop", NULL, NULL);
    struct spawn_options options = { .pid1 = true, .out = null };
    static struct series bare;

    for (int run = 0; run < runs; run += TURN) {
        options.path = NULL;
        series_turn(&bare, &options, argv + 2);
        for (size_t i = 0; i < count; i++) {
            options.path = subjects[i].path;
            series_turn(&subjects[i].start, &options, i == 0 ? argv + 1 : argv);
        }
    }
    put_counts();
    putchar('\n');
    put_starts(&bare.wall);
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

/* Of one after the other, in KiB: where the kernel puts the stack within a page is chance. */
static void put_memory(const struct subject *subject)
{
    struct samples anonymous = { 0 }, unique = { 0 };

    for (int i = 0; i < 51; i++) {
        pid_t pid = start(subject, command_line("pause", NULL, NULL), null).pid;
        usleep(20000);
        struct memory memory = memory_of(pid);
        end(pid);
        samples_add(&anonymous, memory.anonymous);
        samples_add(&unique, memory.unique);
    }
    printf("| %s | %ld | %ld |", subject->name, (long)samples_percentile(&anonymous, 50),
           (long)samples_percentile(&unique, 50));
}

static void idle(int seconds)
{
    pid_t pids[SUBJECTS_MAX];
    long woken[SUBJECTS_MAX];
    const char *switches = "voluntary_ctxt_switches: %ld";

    for (size_t i = 0; i < count; i++)
        pids[i] = start(&subjects[i], command_line("pause", NULL, NULL), null).pid;
    sleep(1);
    for (size_t i = 0; i < count; i++)
        woken[i] = -read_number(pids[i], "status", switches);
    sleep((unsigned)seconds);
    for (size_t i = 0; i < count; i++) {
        woken[i] += read_number(pids[i], "status", switches);
        end(pids[i]);
    }
    printf("| init | anonymous, KiB | with the file's pages, KiB | wakeups (in %d s) |\n|---|---:|---:|---:|\n",
           seconds);
    for (size_t i = 0; i < count; i++) {
        put_memory(&subjects[i]);
        printf(" %ld |\n", woken[i]);
    }
}

/* --- signals ---------------------------------------------------------------------------------------- */

static int64_t latency_once(pid_t pid, int out)
{
    int64_t stamp, sent = spawn_now();

    kill(pid, SIGUSR1);
    return read(out, &stamp, sizeof stamp) == sizeof stamp ? stamp - sent : 0;
}

static void latencies_of(struct subject *subject, int signals)
{
    int pipe[2];
    int64_t ready;

    if (pipe2(pipe, O_CLOEXEC) != 0)
        spawn_die("pipe2");
    pid_t pid = start(subject, command_line("stamp", NULL, NULL), pipe[1]).pid;
    close(pipe[1]);
    if (read(pipe[0], &ready, sizeof ready) != sizeof ready)
        spawn_die(subject->name);
    for (int i = 0; i < signals; i++)
        samples_add(&subject->samples, latency_once(pid, pipe[0]));
    end(pid);
    close(pipe[0]);
}

static void measure_latencies(int turns)
{
    clear();
    for (int turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < count; i++)
            latencies_of(&subjects[i], 40);
}

/* Under SCHED_BATCH nobody runs before who woke it sleeps: else a signal takes one of two times by chance. */
static void latency_on_one(int turns)
{
    const struct sched_param none = { 0 };

    sched_setscheduler(0, SCHED_BATCH, &none);
    measure_latencies(turns);
    sched_setscheduler(0, SCHED_OTHER, &none);
    put_samples("on one CPU, us", 1000, 1);
}

static void latency_on_all(int turns)
{
    cpu_set_t saved, all;

    sched_getaffinity(0, sizeof saved, &saved);
    memset(&all, 0xff, sizeof all);
    sched_setaffinity(0, sizeof all, &all);
    measure_latencies(turns);
    sched_setaffinity(0, sizeof saved, &saved);
    put_samples("on all CPUs, us", 1000, 1);
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
    char figure[64];

    clear();
    for (int turn = 0; turn < turns; turn++)
        for (size_t i = 0; i < count; i++)
            orphans_of(&subjects[i], number, at_once);
    snprintf(figure, sizeof figure, "CPU per orphan of %d, ns", number);
    put_samples(figure, 1, 0);
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
    puts("### A short run: `INIT -- noop` as PID 1\n");
    starts(quick ? 200 : 2000);
    puts("\n### At rest\n");
    idle(quick ? 3 : 10);
    puts("\n### From kill(2) of init to COMMAND's next instruction\n");
    latency_on_one(quick ? 10 : 50);
    putchar('\n');
    latency_on_all(quick ? 10 : 50);
    puts("\n### Orphans, one after the other\n");
    orphans(quick ? 1000 : 2500, quick ? 5 : 20, false);
    puts("\n### Orphans, at once\n");
    orphans(quick ? 500 : 1000, quick ? 5 : 20, true);
    return 0;
}
