/* Durations as users write them, and the clock they are held against. */
#ifndef PITH_DURATION_H
#define PITH_DURATION_H

#include <stdint.h>

/* A time or a span in nanoseconds. TIME_NEVER is later than every time. */
#define TIME_NEVER INT64_MAX
#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_S   INT64_C(1000000000)

/*
 * Parses `250ms`, `5s`, `2m`, `1h`, `1.5s` or a bare number of seconds (`5`, `0.5`), all decimal
 * (`0755` is 755 s), finer than a nanosecond cut off. Returns NULL and sets *NS, or the reason
 * why not ("is not a duration ..."), which follows the quoted value in a message.
 */
const char *duration_parse(const char *string, int64_t *ns);

/* CLOCK_MONOTONIC now, in nanoseconds (clock_gettime(2)). */
int64_t time_now(void);

/* CLOCK_BOOTTIME now, in nanoseconds: the time that /proc states the starts of processes in. */
int64_t time_since_boot(void);

/* A + B for times that are not negative, TIME_NEVER where that is the later. */
int64_t time_add(int64_t a, int64_t b);

#endif
