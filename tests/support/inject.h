/* Makes a running program make system calls that are not its own, as code does that has taken it over. */
#ifndef TESTS_INJECT_H
#define TESTS_INJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { INJECT_ENDED = -100000 }; /* no errno */

/* Whether this machine's programs can be made to. */
bool inject_is_possible(void);

/* Stops PID, which must sleep in a system call, and becomes its tracer; it ends with the test. Once a process. */
void inject_begin(pid_t pid);

/* Copies the bytes, 256 at most, into the memory of PID: their address there, good until the third copy from now. */
long inject_bytes(pid_t pid, const void *bytes, size_t size);
long inject_string(pid_t pid, const char *string);

/* Has PID make the call: what the kernel says, -errno where it fails, INJECT_ENDED where PID has ended by it. */
long inject_call(pid_t pid, long call, const long arguments[6]);

/* A call to try: an argument is a number, or one of these in place of what PID itself knows. */
enum {
    INJECT_A_PATH = 0x7e570001, /* a file that is there */
    INJECT_NO_PATH,             /* one that is not */
    INJECT_OWN_PID,
};

struct attempt {
    const char *name;
    long call;
    long arguments[6];
};

#define ATTEMPT(call, ...)                                                                                             \
    {                                                                                                                  \
#call "(" #__VA_ARGS__ ")", SYS_##call,                                                                        \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }

/* inject_call with it. */
long inject_attempt(pid_t pid, const struct attempt *attempt);

/* The same as inject_call by the gate of 32-bit programs, with that architecture's number. */
long inject_call_32(pid_t pid, long call, const long arguments[6]);

#endif
