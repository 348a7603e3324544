/* The processes that COMMAND leaves behind: what init may signal when it cleans up. */
#ifndef INIT_LEFTOVERS_H
#define INIT_LEFTOVERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Sends SIGNAL to all that is left: where SELF, init, is PID 1 to every process of the namespace, else to the
 * descendants of init, found through /proc, also those with a session of their own, and to nobody else. Those of the
 * process group GROUP that started before TOLD (leftovers_clock; 0: none) are spared. A process that is stopped
 * is sent CONT, too, but for KILL. Returns how many there are.
 *
 * Without a /proc of this PID namespace nobody is spared, and where init is not PID 1 it is GROUP that SIGNAL goes to,
 * as far as a child of init's is in it. Then it returns LEFTOVERS_UNCOUNTED, or 0 where there is nobody.
 */
enum { LEFTOVERS_UNCOUNTED = -1 };
int leftovers_signal(pid_t self, pid_t group, int64_t told, int signal);

/* A time that is later than the start of every process there is now, as /proc has it: in ticks. Never 0. */
int64_t leftovers_clock(void);

/* As PID 1: whether another process is in the namespace. */
bool leftovers_in_namespace(void);

#endif
