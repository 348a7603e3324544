/*
 * A further line for a target that failed: what /proc and the cgroup say that may be the reason.
 *
 * Only after a failure, so that a healthy probe pays nothing. No packet is sent and nobody is connected to. What cannot
 * be read is left out: without /proc, by its option hidepid, as another user than COMMAND's, and by a probe that has
 * given up the right to open files (sandbox.h).
 */
#ifndef HEALTHCHECK_HINT_HINT_H
#define HEALTHCHECK_HINT_HINT_H

#include "healthcheck/result.h"
#include "healthcheck/target/span.h"

#include <stddef.h>
#include <stdint.h>

enum { HINT_SIZE = 768 };

/* The hints of one check: what failed by the same cause has the same one. */
struct hints {
    size_t length[CAUSES_COUNT]; /* 0: there is nothing to tell */
    char text[CAUSES_COUNT][HINT_SIZE];
};

/*
 * Finds the hints of COUNT targets that failed. LEFT is what is left of the last try, in ns: it takes no longer, and 20
 * ms at the most; where less than 5 ms are left, or none, no more than these.
 */
void hints_find(const struct result *results, size_t count, int64_t left, struct hints *hints);

/* That of RESULT, not terminated and without control characters; empty where there is none. HINTS may be NULL. */
struct span hints_of(const struct hints *hints, const struct result *result);

#endif
