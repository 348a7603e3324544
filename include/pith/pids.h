/* The processes that /proc shows, without a heap (proc(5)). */
#ifndef PITH_PIDS_H
#define PITH_PIDS_H

#include <sys/types.h>

/* A walk over /proc: `proc` is an open descriptor of it, the caller's; all else is 0. */
struct pids {
    int proc;
    long at, length; /* of `entries`: bytes that were looked at, and that there are */
    _Alignas(8) char entries[2048];
};

/* The next process, or 0 where there is none left. */
pid_t pids_next(struct pids *pids);

#endif
