/* Runs of one program among others that are taken in turn. */
#ifndef BENCH_SERIES_H
#define BENCH_SERIES_H

#include "bench/spawn.h"
#include "bench/stats.h"

enum { TURN = 4 };

/* All zero is a series without runs. */
struct series {
    struct samples wall, cpu; /* ns */
    long faults;              /* the fewest of a run */
};

/*
 * Runs ARGV once for nothing, so that what ran before does not show in cold caches, and TURN times for the series.
 * Ends the harness with a message where the program's status is not 0.
 */
void series_turn(struct series *series, const struct spawn_options *options, char *const argv[]);

#endif
