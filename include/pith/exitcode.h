/* Exit statuses that have a meaning of their own, in one place. */
#ifndef PITH_EXITCODE_H
#define PITH_EXITCODE_H

enum {
    EXIT_TIMED_OUT = 124, /* as timeout(1) */
    EXIT_INTERNAL = 125,  /* bad usage or an own failure before COMMAND runs, as env(1) and docker */
    EXIT_NOT_EXECUTABLE = 126,
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL_BASE = 128, /* plus the number of the signal that ended it */
};

/* 127 where COMMAND is not there (ENOENT, ENOTDIR), 126 for every other errno of execve(2). */
int exitcode_from_exec(int error);

/* The status a shell would report for what wait(2) stored: 0-255, or 128 + N for signal N. */
int exitcode_from_wait(int wait_status);

#endif
