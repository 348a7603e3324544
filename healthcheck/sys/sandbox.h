/*
 * The sandbox: rights that a probe gives up before it reads what others send. Neither step can be undone, and COMMAND
 * would inherit the loss. A kernel that has no such means, or refuses, is no error: the probe then keeps the rights.
 */
#ifndef HEALTHCHECK_SYS_SANDBOX_H
#define HEALTHCHECK_SYS_SANDBOX_H

#include <stdbool.h>

/*
 * Installs a filter of system calls (seccomp(2)) for this thread and for those that it starts. From here on they can
 * only make the calls that a probe is made of. None of these runs a program, makes a process, listens, opens a file for
 * writing, changes a file, sends a signal, traces, or makes memory executable. With MARKS
 * they may make empty files besides, for mark_make (mark.h).
 */
void sandbox_enter(bool marks);

/*
 * Seals this thread by Landlock (landlock(7)). From here on it can use what it has open, and no more: it opens, runs,
 * makes, removes and truncates no file, and traces no process of others. From Linux 6.7 on it connects to no TCP port
 * and takes none; from 6.12 on it signals no process of others.
 *
 * This takes a fifth of the time that a filter takes, and a descriptor, which stays open.
 */
void sandbox_seal(void);

#endif
