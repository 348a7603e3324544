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

/* The numbers in /proc/PID/stat, which are counted from 1 as in proc(5). */
enum pid_field {
    PID_STATE = 3,
    PID_PARENT = 4,   /* PID of the parent */
    PID_GROUP = 5,    /* and of the leader of its process group */
    PID_THREADS = 20, /* how many threads it has */
    PID_START = 22,   /* when it started, in ticks of 10 ms since boot */
};

/* What that file says of a process. A number that is negative there is 0 here. */
struct pid_stat {
    const char *name; /* the name that the kernel has for it, 15 bytes at most; points into the text, not terminated */
    size_t name_length;
    int64_t field[PID_START + 1];
    char state; /* R, S, D, T, ... Z for a zombie; 0 where its first thread alone has ended, which is Z in the file */
};

/* Takes apart LENGTH bytes of that file. False where they are not one. The name may hold anything, also a `)`. */
bool pid_stat_parse(const char *text, size_t length, struct pid_stat *stat);

#endif
