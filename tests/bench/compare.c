/* What programs cost beside the first, in Markdown: compare [-c] [-n ROUNDS] NAME PROGRAM ARG... [-- ...]... */
#include "bench/spawn.h"
#include "bench/stats.h"
#include "bench/trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SUBJECTS_MAX = 12 };

struct subject {
    const char *name;
    char **argv;
    long faults;
    struct samples wall, cpu;
};

static struct subject subjects[SUBJECTS_MAX];
static size_t count;

static void read_subjects(char *arguments[])
{
    while (*arguments && count < SUBJECTS_MAX) {
        subjects[count].name = arguments[0];
        subjects[count].faults = 1000000;
        subjects[count++].argv = arguments + 1;
        while (*arguments && strcmp(*arguments, "--") != 0)
            arguments++;
        if (*arguments)
            *arguments++ = NULL;
    }
}

static void run_once(struct subject *subject, const struct spawn_options *options)
{
    struct spawn_run run = spawn_run(options, subject->argv);

    if (run.status != 0) {
        fprintf(stderr, "compare: %s: status %d\n", subject->name, WEXITSTATUS(run.status));
        exit(1);
    }
    samples_add(&subject->wall, run.wall);
    samples_add(&subject->cpu, run.cpu);
    if (run.faults < subject->faults)
        subject->faults = run.faults;
}

/* A count that was not taken is "more than". */
static void put_instructions(long instructions)
{
    if (instructions < 0)
        printf(" > %d |", TRACE_MAX);
    else
        printf(" %ld |", instructions);
}

static void put_counts(const struct spawn_options *options)
{
    puts("| | system calls | user instructions | page faults | anonymous, KiB | with the file's pages, KiB |\n"
         "|---|---:|---:|---:|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        struct trace_counts counts = trace_run(options, subjects[i].argv, false);
        printf("| %s | %ld |", subjects[i].name, counts.calls);
        put_instructions(counts.instructions);
        printf(" %ld | %ld | %ld |\n", subjects[i].faults, counts.memory.anonymous, counts.memory.unique);
    }
    putchar('\n');
}

static void put_times(void)
{
    double wall = (double)samples_percentile(&subjects[0].wall, 50);
    double cpu = (double)samples_percentile(&subjects[0].cpu, 50);

    puts("| | wall, us (quartiles) | ratio | CPU, us | ratio |\n|---|---:|---:|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        struct subject *subject = &subjects[i];
        int64_t median = samples_percentile(&subject->wall, 50), cpu_median = samples_percentile(&subject->cpu, 50);
        printf("| %s | %ld (%ld-%ld) | %.2f | %ld | %.2f |\n", subject->name, (long)median / 1000,
               (long)samples_percentile(&subject->wall, 25) / 1000, (long)samples_percentile(&subject->wall, 75) / 1000,
               (double)median / wall, (long)cpu_median / 1000, (double)cpu_median / cpu);
    }
}

int main(int argc, char *argv[])
{
    const struct spawn_options options = { .out = open("/dev/null", O_WRONLY | O_CLOEXEC) };
    bool counted = false;
    int option, rounds = 200;

    while ((option = getopt(argc, argv, "+cn:")) != -1)
        if (option == 'c')
            counted = true;
        else if (option == 'n')
            rounds = atoi(optarg);
        else
            return 2;
    read_subjects(argv + optind);
    for (int round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            run_once(&subjects[i], &options);
    if (counted)
        put_counts(&options);
    put_times();
    return 0;
}
