/* What a probe cannot do any more once it listens to others. */
#ifndef HEALTHCHECK_SYS_SANDBOX_H
#define HEALTHCHECK_SYS_SANDBOX_H

/*
 * From here on this thread, and those that it starts, can only make the system calls that a probe is made of: none
 * that runs a program, makes a process, listens, opens a file for writing, changes one, signals, traces, or makes
 * memory executable. A kernel that has no filters, or refuses this one, is no error. Cannot be undone, and COMMAND
 * would inherit it.
 */
void sandbox_enter(void);

/*
 * From here on this thread can use what it has open and no more (landlock(7)): no file is opened, run, made, removed
 * or cut, none but its own processes are traced, and where the kernel knows how (6.7, 6.12), none signalled and no TCP
 * port reached or taken. A kernel that has none of it, or refuses, is no error. Takes a fifth of the time of a filter,
 * and a descriptor, which stays open. Cannot be undone, and COMMAND would inherit it.
 */
void sandbox_seal(void);

#endif
