/*
 * The processes that COMMAND leaves behind, and that --grace ends.
 *
 * As PID 1 these are all other processes of the namespace. Otherwise init may only touch its descendants, as others
 * share the namespace (shareProcessNamespace of Kubernetes, a plain shell): it finds them through /proc, also those
 * that have a session of their own or have daemonised.
 */
#ifndef INIT_LEFTOVERS_H
#define INIT_LEFTOVERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Sends SIGNAL to all of them; SELF is init's own PID. Members of the process group GROUP that started before TOLD
 * (leftovers_clock; 0: none) are left out, as they got the stop signal with the group. CONT follows to processes that
 * are stopped, unless SIGNAL is KILL. Returns how many processes are left; *REFUSED is set where init had no
 * right to signal one of them.
 *
 * Without a /proc of this PID namespace nobody is left out. Where init is not PID 1, SIGNAL then goes to GROUP alone,
 * and only while a child of init is in it, as the number could be a stranger's else. The count is LEFTOVERS_UNCOUNTED
 * then, or 0 where nobody is left.
 */
enum { LEFTOVERS_UNCOUNTED = -1 };
int leftovers_signal(pid_t self, pid_t group, int64_t told, int signal, bool *refused);

/* Now, in the ticks in which /proc tells when a process started, rounded up: later than every start so far. Never 0. */
int64_t leftovers_clock(void);

/* Whether another process is in the PID namespace. For PID 1. */
bool leftovers_in_namespace(void);

#endif
