/* The processes that /proc shows, without a heap (proc(5)). */
#ifndef PITH_PIDS_H
#define PITH_PIDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A walk over /proc: `proc` is an open descriptor of it, the caller's; all else is 0. */
struct pids {
    int proc;
    long at, length; /* of `entries`: bytes that were looked at, and that there are */
    _Alignas(8) char entries[2048];
};

/* The next process, or 0 where there is none left. */
pid_t pids_next(struct pids *pids);

/* What /proc/PID/stat says of a process (proc(5)). Numbers that are negative there are 0. */
struct pid_stat {
    const char *name; /* the kernel's, 15 bytes at most; points into the text and is not terminated */
    size_t name_length;
    char state; /* R, S, D, T, ... Z for a zombie */
    int64_t parent, group;
    int64_t start; /* after boot, in ticks of 10 ms */
};

/* Takes LENGTH bytes of that file apart. The name may hold anything, also a parenthesis. False for what is no such
 * file. */
bool pid_stat_parse(const char *text, size_t length, struct pid_stat *stat);

#endif
