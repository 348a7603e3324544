/* What the kernel says of processes, as the test sees them. */
#ifndef TESTS_PROC_H
#define TESTS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A field of /proc/PID/status ("SigBlk") as a string in static storage, "" where there is none. */
const char *proc_status(pid_t pid, const char *field);

/* A number of a field with base 16 for masks of signals and capabilities, 10 for the rest. */
unsigned long long proc_mask(pid_t pid, const char *field);
long proc_number(pid_t pid, const char *field);

/* How many seccomp filters stand before the calls of each thread of PID, beside those of the test; -1: they differ. */
long proc_filters(pid_t pid);

/* The sum in KiB of a field of /proc/PID/smaps_rollup; -1 where there is none. */
long proc_memory(pid_t pid, const char *field);

/* How many descriptors PID has open. */
size_t proc_descriptors(pid_t pid);

/* The children of PID: their count, the first MAX of them in PIDS. */
size_t proc_children(pid_t pid, pid_t pids[], size_t max);

/* The first child of PID, awaited; fails the test where none comes. */
pid_t proc_child(pid_t pid);

/* How many children of PID are zombies. */
size_t proc_zombies(pid_t pid);

/* The number of PID in its innermost PID namespace. */
pid_t proc_inner(pid_t pid);

/* Waits until CONDITION(ARGUMENT) holds; fails the test, naming WHAT, after AWAIT_MS. */
void await(bool (*condition)(void *argument), void *argument, const char *what);

/* Waits until no child of PID is a zombie. */
void await_no_zombies(pid_t pid);

/* Waits until PID has so many CHILDREN, zombies counted. */
void await_children(pid_t pid, size_t children);

/* Waits until init has done its first work: all signals that can be are blocked. */
void await_blocked(pid_t pid);

/* Waits until no SIGNAL is pending for PID: it has taken those that were. */
void await_heard(pid_t pid, int signal);

/* Waits until the state letter of PID is STATE. */
void await_state(pid_t pid, char state);

/* Waits until the process name of PID is NAME. */
void await_name(pid_t pid, const char *name);

/* Stops PID (SIGSTOP) while it sleeps in clock_nanosleep(2), as a probe does between two tries. */
void proc_stop_asleep(pid_t pid);

/* Waits until there is no process PID, or it is a zombie. */
void await_gone(pid_t pid);

#endif
