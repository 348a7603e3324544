/* Makes a running program make system calls that are not its own, as code does that has taken it over. */
#ifndef TESTS_INJECT_H
#define TESTS_INJECT_H

#include <stdbool.h>
#include <sys/types.h>

enum { INJECT_ENDED = -100000 }; /* no errno */

/* Whether this machine's programs can be made to. */
bool inject_is_possible(void);

/* Stops PID, which must sleep in a system call, and becomes its tracer; it ends with the test. Once a process. */
void inject_begin(pid_t pid);

/* Copies STRING into the memory of PID: its address there, good until the third string from now. */
long inject_string(pid_t pid, const char *string);

/* Has PID make the call: what the kernel says, -errno where it fails, INJECT_ENDED where PID has ended by it. */
long inject_call(pid_t pid, long call, const long arguments[6]);

/* The same by the gate of 32-bit programs, with that architecture's number. */
long inject_call_32(pid_t pid, long call, const long arguments[6]);

#endif
