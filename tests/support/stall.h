/* Sees when the machine has no time for a test, so that deadlines are held against the program and nothing else. */
#ifndef TESTS_STALL_H
#define TESTS_STALL_H

#include "support/run.h"

#include <poll.h>
#include <stdint.h>

/* How late a probe may end (ms): what it may take beyond its deadline to say so. */
enum { GRACE_MS = 150 };

/* poll(2) in steps of a few ms. A step that takes longer is a stall: of the machine, since it had nothing to do. */
int stall_poll(struct pollfd *fds, nfds_t count, int ms);

/*
 * The same until PID, a child of the test's, has ended (true; it stays to be waited for) or a descriptor has something.
 * FDS[0] is PID's pidfd, or -1: gVisor has none, and waitid(2) is asked at each step.
 */
bool stall_poll_end(pid_t pid, struct pollfd *fds, nfds_t count, int ms);

/* The longest stall, in ms, that stall_poll has seen since FROM (run_now_ms). */
int64_t stall_longest(int64_t from);

/* How long, in ms, PID has been ready to run without a processor to run on (its first thread; also once it is dead). */
int64_t stall_of(pid_t pid);

/*
 * Whether a program is to be run again: RESULT lacks WANTED, but the machine stood still in between, and *TRIES, which
 * counts, are not too many.
 */
bool stall_spoils(const struct run_result *result, const char *wanted, int *tries);

/* Fail the test unless RESULT, or all since START (run_now_ms), took LEAST to MOST ms, beside the stalls. */
#define assert_took(result, least, most)                                                                               \
    stall_judge((result)->ms, (result)->stall_ms, (least), (most), __FILE__, __LINE__)
#define assert_took_since(start, least, most)                                                                          \
    stall_judge(run_now_ms() - (start), stall_longest(start), (least), (most), __FILE__, __LINE__)
void stall_judge(int64_t took, int64_t stall, int64_t least, int64_t most, const char *file, int line);

#endif
