/* The pause between two tries. */
#ifndef HEALTHCHECK_SYS_SLEEP_H
#define HEALTHCHECK_SYS_SLEEP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Sleeps until TIME, CLOCK_MONOTONIC in ns, and returns at once where that has passed. Meanwhile the process has little
 * memory: pages of the stack below the caller's and of code are given back, and come again where they are needed. False
 * where the kernel refuses to sleep: to try again without a pause would be a flood.
 */
bool sleep_until(int64_t time);

#endif
