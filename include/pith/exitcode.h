/* The exit statuses that have a meaning of their own. */
#ifndef PITH_EXITCODE_H
#define PITH_EXITCODE_H

enum {
    EXIT_TIMED_OUT = 124,      /* --run-timeout has passed, as timeout(1) has it */
    EXIT_INTERNAL = 125,       /* bad usage, or a failure before COMMAND runs, as env(1) and docker have it */
    EXIT_NOT_EXECUTABLE = 126, /* COMMAND is there but cannot be executed, as a shell has it */
    EXIT_NOT_FOUND = 127,
    EXIT_SIGNAL_BASE = 128, /* plus the number of the signal that ended COMMAND */
};

/* The exit status for ERROR, an errno of execve(2): 127 for ENOENT and ENOTDIR, 126 for every other. */
int exitcode_from_exec(int error);

/* The exit status for what wait(2) has stored, as a shell reports it: 0-255, or 128 + N after signal N. */
int exitcode_from_wait(int wait_status);

#endif
