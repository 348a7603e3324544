/* Durations as users write them, and the clocks that they are measured by. */
#ifndef PITH_DURATION_H
#define PITH_DURATION_H

#include <stdint.h>

/* Times and durations are int64_t and in nanoseconds. TIME_NEVER is later than every time. */
#define TIME_NEVER INT64_MAX
#define NS_PER_MS  INT64_C(1000000)
#define NS_PER_S   INT64_C(1000000000)

/*
 * Parses `250ms`, `5s`, `2m`, `1h`, `1.5s`, or a number of seconds without a unit (`5`, `0.5`). All numbers are
 * decimal, so `0755` is 755 s. What is finer than a nanosecond is cut off.
 *
 * Returns NULL and sets *NS. For a bad string, and for more than ten years, it returns the reason ("is not a duration
 * ..."), which is to stand behind the quoted string in a message.
 */
const char *duration_parse(const char *string, int64_t *ns);

/* What CLOCK_MONOTONIC shows now (clock_gettime(2)); 0 with errno where it cannot be read. */
int64_t time_now(void);

/* What CLOCK_BOOTTIME shows now, 0 where it cannot be read. /proc states by this clock when processes have started. */
int64_t time_since_boot(void);

/* CLOCK_REALTIME now, in nanoseconds since 1970. */
int64_t time_of_day(void);

/* A + B, of times that are not negative. TIME_NEVER where the sum has no room. */
int64_t time_add(int64_t a, int64_t b);

#endif
