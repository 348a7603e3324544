/* Medians with their spread. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

enum { SAMPLES_MAX = 4096, REPETITIONS = 5 };

/* In the order in which they were taken. All zero is a set without samples; more than SAMPLES_MAX are dropped. */
struct samples {
    size_t count;
    int64_t at[SAMPLES_MAX];
};

void samples_add(struct samples *samples, int64_t value);

/* The value that PERCENT of the samples do not exceed; 50: the median. 0 without samples. */
int64_t samples_percentile(const struct samples *samples, int percent);

/* A ratio of two medians: of all samples, and the extremes of the same ratio in each of REPETITIONS parts of the run.
 */
struct ratio {
    double all, lowest, highest;
};

/* Of SAMPLES to FLOOR, taken in turn. Where BASE is not NULL its median is taken off both: what they add to it. */
struct ratio samples_ratio(const struct samples *samples, const struct samples *floor, const struct samples *base);

/* Print cells of a Markdown table, each with its closing bar: "MEDIAN (QUARTILES)" in units of UNIT, less BASE. */
void samples_put(const struct samples *samples, const struct samples *base, double unit, int decimals);
/* "RATIO (LOWEST-HIGHEST)"; just 1.00 where SAMPLES are the floor's own. */
void samples_put_ratio(const struct samples *samples, const struct samples *floor, const struct samples *base);

#endif
