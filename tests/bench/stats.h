/* Medians with their spread. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPLES_MAX = 4096 };

/* All zero is a set without samples; more than SAMPLES_MAX are dropped. */
struct samples {
    size_t count;
    int64_t at[SAMPLES_MAX];
};

void samples_add(struct samples *samples, int64_t value);

/* The value that PERCENT of the samples do not exceed; 50: the median. 0 without samples. Sorts them. */
int64_t samples_percentile(struct samples *samples, int percent);

#endif
