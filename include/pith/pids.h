/* Walks over the processes that /proc shows (proc(5)), without a heap. */
#ifndef PITH_PIDS_H
#define PITH_PIDS_H

#include "pith/entries.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The PID of the next process in PROC, a walk over /proc; 0 when there is none left, or when /proc cannot be read. */
pid_t pids_next(struct entries *proc);

/* What /proc/PID/stat says of a process (proc(5)). A number that is negative there is 0 here. */
struct pid_stat {
    const char *name; /* the name that the kernel has for it, 15 bytes at most; points into the text, not terminated */
    size_t name_length;
    char state;            /* R, S, D, T, ... Z for a zombie */
    int64_t parent, group; /* PID of the parent, and of the leader of its process group */
    int64_t start;         /* when it started, in ticks of 10 ms since boot */
};

/* Takes apart LENGTH bytes of that file. False where they are not one. The name may hold anything, also a `)`. */
bool pid_stat_parse(const char *text, size_t length, struct pid_stat *stat);

#endif
