/* Adds runs to a series. */
#include "bench/series.h"

#include <stdio.h>
#include <stdlib.h>

void series_turn(struct series *series, const struct spawn_options *options, char *const argv[])
{
    for (int i = 0; i <= TURN; i++) {
        struct spawn_run run = spawn_run(options, argv);
        if (run.status != 0) {
            fprintf(stderr, "bench: %s: wait status %#x\n", options->path ? options->path : argv[0],
                    (unsigned)run.status);
            exit(1);
        }
        if (i == 0)
            continue;
        samples_add(&series->wall, run.wall);
        samples_add(&series->cpu, run.cpu);
        if (series->faults == 0 || run.faults < series->faults)
            series->faults = run.faults;
    }
}
