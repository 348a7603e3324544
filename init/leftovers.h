/* The processes that COMMAND leaves behind: what init may signal when it cleans up. */
#ifndef INIT_LEFTOVERS_H
#define INIT_LEFTOVERS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Sends SIGNAL to all that is left: as PID 1 to every process of the namespace (kill(2) with -1),
 * else to the descendants of init, found through /proc, also those with a session of their own,
 * and to nobody else. Without a /proc of this PID namespace it falls back to the process group
 * GROUP, as far as a child of init's is in it, and returns false; else true.
 */
bool leftovers_signal(bool pid1, pid_t group, int signal);

/* As PID 1: whether another process is in the namespace. */
bool leftovers_in_namespace(void);

#endif
