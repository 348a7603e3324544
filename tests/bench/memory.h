/* The memory of a process as the kernel counts it. */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include <sys/types.h>

/*
 * In KiB, of /proc/PID/smaps_rollup. What is anonymous each instance has for itself; pages of the file are there once
 * for all that run it from one image, and count as private while only one does.
 */
struct memory {
    long anonymous;
    long unique; /* Private_Clean and Private_Dirty */
    long resident;
};

/* All 0 where there is no such process. */
struct memory memory_of(pid_t pid);

#endif
