/* What a probe cannot do any more once it listens to others. */
#ifndef HEALTHCHECK_SANDBOX_H
#define HEALTHCHECK_SANDBOX_H

/*
 * From here on this thread, and those that it starts, can only make the system calls that a probe is made of: none
 * that runs a program, makes a process, listens, opens a file for writing, changes one, signals, traces, or makes
 * memory executable. A kernel that has no filters, or refuses this one, is no error. Cannot be undone, and COMMAND
 * would inherit it.
 */
void sandbox_enter(void);

#endif
