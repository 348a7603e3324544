/* What programs cost beside the first, in Markdown: compare [-cew] [-n RUNS] NAME PROGRAM ARG... [-- ...]... */
#include "bench/series.h"
#include "bench/trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUBJECTS_MAX = 16 };

struct subject {
    const char *name;
    char **argv;
    struct series series;
};

static struct subject subjects[SUBJECTS_MAX];
static size_t count;

static void read_subjects(char *arguments[])
{
    while (*arguments && count < SUBJECTS_MAX) {
        subjects[count].name = arguments[0];
        subjects[count++].argv = arguments + 1;
        while (*arguments && strcmp(*arguments, "--") != 0)
            arguments++;
        if (*arguments)
            *arguments++ = NULL;
    }
}

/* A "~" before what had to be counted in a coarser way, a "-" where it could not be. */
static void put_instructions(const struct spawn_options *options, char *const argv[], long counted)
{
    long coarse = counted < 0 ? trace_callgrind(options, argv) : 0;

    if (coarse < 0)
        printf(" - |");
    else
        printf(" %s%ld |", coarse ? "~" : "", coarse ? coarse : counted);
}

static void put_counts(const struct spawn_options *options)
{
    puts("| | system calls | user instructions | page faults | anonymous, KiB | with the file's pages, KiB |\n"
         "|---|---:|---:|---:|---:|---:|");
    for (size_t i = 0; i < count; i++) {
        struct trace_counts counts = trace_run(options, subjects[i].argv, false);
        printf("| %s | %ld |", subjects[i].name, counts.calls);
        put_instructions(options, subjects[i].argv, counts.instructions);
        printf(" %ld | %ld | %ld |\n", subjects[i].series.faults, counts.memory.anonymous, counts.memory.unique);
    }
    putchar('\n');
}

static void put_times(bool wall_only)
{
    printf("| | wall, us (quartiles) | wall, ratio (range) |%s",
           wall_only ? "\n" : " CPU, us | CPU, ratio (range) |\n");
    printf("|---|---:|---:|%s", wall_only ? "\n" : "---:|---:|\n");
    for (size_t i = 0; i < count; i++) {
        const struct series *series = &subjects[i].series, *floor = &subjects[0].series;
        printf("| %s |", subjects[i].name);
        samples_put(&series->wall, NULL, 1000, 0);
        samples_put_ratio(&series->wall, &floor->wall, NULL);
        if (!wall_only) {
            printf(" %ld |", (long)samples_percentile(&series->cpu, 50) / 1000);
            samples_put_ratio(&series->cpu, &floor->cpu, NULL);
        }
        putchar('\n');
    }
}

int main(int argc, char *argv[])
{
    struct spawn_options options = { .out = open("/dev/null", O_WRONLY | O_CLOEXEC) };
    bool counted = false, wall_only = false;
    int option, runs = 200;

    while ((option = getopt(argc, argv, "+cewn:")) != -1)
        switch (option) {
        case 'c': /* what noise cannot move, first */
            counted = true;
            break;
        case 'e': /* with the harness's own environment */
            options.environment = environ;
            break;
        case 'w': /* for a client of what does the work */
            wall_only = true;
            break;
        case 'n':
            runs = atoi(optarg);
            break;
        default:
            return 2;
        }
    read_subjects(argv + optind);
    for (int run = 0; run < runs; run += TURN)
        for (size_t i = 0; i < count; i++)
            series_turn(&subjects[i].series, &options, subjects[i].argv);
    if (counted)
        put_counts(&options);
    put_times(wall_only);
    return 0;
}
