/* Picks medians and quartiles from samples, and prints them. */
#include "bench/stats.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void samples_add(struct samples *samples, int64_t value)
{
    if (samples->count < SAMPLES_MAX)
        samples->at[samples->count++] = value;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t percentile(const int64_t *values, size_t count, int percent)
{
    int64_t sorted[SAMPLES_MAX];

    if (count == 0)
        return 0;
    memcpy(sorted, values, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare);
    return sorted[(count - 1) * (size_t)percent / 100];
}

int64_t samples_percentile(const struct samples *samples, int percent)
{
    return percentile(samples->at, samples->count, percent);
}

/* The median of PART of PARTS. */
static int64_t median(const struct samples *samples, size_t part, size_t parts)
{
    size_t from = samples->count * part / parts, to = samples->count * (part + 1) / parts;

    return percentile(samples->at + from, to - from, 50);
}

static double part_ratio(const struct samples *samples, const struct samples *floor, const struct samples *base,
                         size_t part, size_t parts)
{
    int64_t off = base ? median(base, part, parts) : 0;

    return (double)(median(samples, part, parts) - off) / (double)(median(floor, part, parts) - off);
}

struct ratio samples_ratio(const struct samples *samples, const struct samples *floor, const struct samples *base)
{
    double all = part_ratio(samples, floor, base, 0, 1);
    struct ratio ratio = { all, all, all };

    for (size_t part = 0; part < REPETITIONS && samples->count >= REPETITIONS; part++) {
        double one = part_ratio(samples, floor, base, part, REPETITIONS);
        ratio.lowest = one < ratio.lowest ? one : ratio.lowest;
        ratio.highest = one > ratio.highest ? one : ratio.highest;
    }
    return ratio;
}

void samples_put(const struct samples *samples, const struct samples *base, double unit, int decimals)
{
    int64_t off = base ? samples_percentile(base, 50) : 0;
    double quartile[3];

    for (int i = 0; i < 3; i++)
        quartile[i] = (double)(samples_percentile(samples, 25 * (i + 1)) - off) / unit;
    printf(" %.*f (%.*f-%.*f) |", decimals, quartile[1], decimals, quartile[0], decimals, quartile[2]);
}

void samples_put_ratio(const struct samples *samples, const struct samples *floor, const struct samples *base)
{
    struct ratio ratio = samples_ratio(samples, floor, base);

    if (samples == floor)
        printf(" 1.00 |");
    else
        printf(" %.2f (%.2f-%.2f) |", ratio.all, ratio.lowest, ratio.highest);
}
