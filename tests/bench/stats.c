/* Sorts samples and picks from them. */
#include "bench/stats.h"

#include <stdlib.h>

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

int64_t samples_percentile(struct samples *samples, int percent)
{
    if (samples->count == 0)
        return 0;
    qsort(samples->at, samples->count, sizeof samples->at[0], compare);
    return samples->at[(samples->count - 1) * (size_t)percent / 100];
}
