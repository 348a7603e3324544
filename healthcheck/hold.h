/*
 * --hold: decides when a probe that stays tries again, and when it leaves. Pure: it makes no system call, and the
 * caller says what time it is (CLOCK_MONOTONIC, ns).
 */
#ifndef HEALTHCHECK_HOLD_H
#define HEALTHCHECK_HOLD_H

#include <stdbool.h>
#include <stdint.h>

enum hold_action { HOLD_TRY, HOLD_LEAVE_HEALTHY, HOLD_LEAVE_UNHEALTHY };

struct hold {
    /* hold_begin sets these once for all */
    bool stays;       /* the last run of this probe was healthy, so this one may stay */
    int64_t interval; /* between the end of a try and the beginning of the next, ns */
    int64_t timeout;  /* of a try, ns */
    int64_t end;      /* once a try is over then or later, it was the last */
    /* hold_judge sets these */
    int64_t next; /* after HOLD_TRY: when the next try is due */
    uint64_t tries;
    bool suspended; /* this process stood still while the last try ran, so that it says nothing */
};

/* What came of a try. */
struct hold_try {
    int64_t start;
    int64_t over;
    bool healthy;
    bool rival; /* another probe of the same options and targets has ended since the last try */
};

/* How often a probe may try: all in ns. */
struct hold_pace {
    int64_t duration;
    int64_t interval;
    int64_t timeout;
};

/* The first try is about to be made at NOW. STAYS: the last run of this probe was healthy. */
void hold_begin(struct hold *hold, const struct hold_pace *pace, bool stays, int64_t now);

/*
 * What to do after a try. The first try of a probe is judged as that of any other, and only one that follows a healthy
 * run stays. Then each failure is the end, but for that of a try during which this process was suspended (SIGSTOP, the
 * freezer of a cgroup): it is made again, once. A rival means that two probes share one memory of their last run, as
 * they have the same options and targets: this one must not stay, as its engine may wait for a first healthy run.
 */
enum hold_action hold_judge(struct hold *hold, const struct hold_try *try);

#endif
