/* What a run costs, printed: cost [-1] [-v] [-a ARGV0] [-n RUNS] PROGRAM [ARG...]. */
#include "bench/spawn.h"
#include "bench/trace.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The fewest faults, the shortest times of RUNS runs. */
static struct spawn_run best(const struct spawn_options *options, char *const argv[], int runs)
{
    struct spawn_run best = spawn_run(options, argv);

    while (--runs > 0) {
        struct spawn_run run = spawn_run(options, argv);
        best.faults = run.faults < best.faults ? run.faults : best.faults;
        best.wall = run.wall < best.wall ? run.wall : best.wall;
        best.cpu = run.cpu < best.cpu ? run.cpu : best.cpu;
    }
    return best;
}

int main(int argc, char *argv[])
{
    struct spawn_options options = { .out = open("/dev/null", O_WRONLY | O_CLOEXEC) };
    char *argv0 = NULL;
    bool verbose = false;
    int option, runs = 50;

    while ((option = getopt(argc, argv, "+1va:n:")) != -1)
        switch (option) {
        case '1':
            options.pid1 = true;
            break;
        case 'v':
            verbose = true;
            break;
        case 'a':
            argv0 = optarg;
            break;
        case 'n':
            runs = atoi(optarg);
            break;
        default:
            return 2;
        }
    argv += optind;
    options.path = argv[0];
    argv[0] = argv0 ? argv0 : argv[0];
    struct trace_counts counts = trace_run(&options, argv, verbose);
    struct spawn_run run = best(&options, argv, runs);
    printf("status %x calls %ld instructions %ld mappings %ld faults %ld wall %ld us anonymous %ld "
           "unique %ld KiB\n",
           (unsigned)counts.status, counts.calls, counts.instructions, counts.mappings, run.faults,
           (long)run.wall / 1000, counts.memory.anonymous, counts.memory.unique);
    return 0;
}
