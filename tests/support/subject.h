/* Runs the real init, as PID 1 of a new PID namespace or as an ordinary process, and watches it. */
#ifndef TESTS_SUBJECT_H
#define TESTS_SUBJECT_H

#include "support/run.h"
#include "support/stream.h"

#include <stdbool.h>
#include <sys/types.h>

/* All zero is a sensible default. */
struct subject_options {
    bool pid1;                      /* PID 1 of a new PID and mount namespace with a /proc of its own */
    const char *argv0;              /* the name it is called by; NULL: init */
    const char *binary;             /* NULL: that of PITH_INIT */
    const char *const *set;         /* variables "NAME=value" beside PATH, ends with NULL */
    int in;                         /* its stdin when > 0, else /dev/null */
    void (*before)(void *argument); /* the last thing before exec, in its namespaces */
    void *argument;
    bool no_path; /* PATH is not set but by `set` */
    bool own_io;  /* `before` arranges 0 to 2 */
};

struct subject {
    pid_t pid; /* as the test sees it */
    int pidfd;
    struct stream out, err;
    char command[RUN_COMMAND_MAX + 1]; /* for people */
};

/*
 * Makes the rest of the test program PID 1 of a PID and mount namespace of its own, so that nothing
 * it starts outlives it. To be called first in main; ends the program where that is not allowed.
 */
void subject_isolate(void);

/* Starts init with the arguments up to NULL. COMMAND is found among the children of PITH_CHILDREN by PATH. */
void subject_start(struct subject *subject, const struct subject_options *options, const char *argument, ...)
    __attribute__((sentinel));

/* Waits for its end, at most AWAIT_MS, and reads the rest of its output: its exit status, or 128 + N for signal N. */
int subject_wait(struct subject *subject);

/* Starts it and waits for its end. */
int subject_run(struct subject *subject, const struct subject_options *options, const char *argument, ...)
    __attribute__((sentinel));

/* Whether it ends within MS; it is left to subject_wait. */
bool subject_ends(struct subject *subject, int ms);

/* Ends everything that the test program has started, after subject_isolate only. A teardown. */
int subject_end_all(void **state);

/* The absolute path of a child program, in static storage until the 8th call from now. */
const char *subject_child(const char *name);

/* The absolute path of the init under test. */
const char *subject_binary(void);

/* For `before`: stdin is closed. */
void subject_close_stdin(void *unused);

/* Two entries of a list of tests: as PID 1, where *state is not NULL, and as an ordinary process. */
/* clang-format off */
#define BOTH(test)                                                                    \
    { #test " (PID 1)", test, NULL, subject_end_all, (void *)1 },                     \
    { #test " (ordinary process)", test, NULL, subject_end_all, NULL }
#define ONLY_PID1(test) { #test " (PID 1)", test, NULL, subject_end_all, (void *)1 }
#define ONLY_ORDINARY(test) { #test " (ordinary process)", test, NULL, subject_end_all, NULL }
/* clang-format on */

#endif
