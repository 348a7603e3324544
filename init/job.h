/* COMMAND, and before it each step of --before and --once: the one process that init runs at a time. */
#ifndef INIT_JOB_H
#define INIT_JOB_H

#include "init/child.h"
#include "init/conf.h"
#include "init/terminal.h"

/* The first three are set by main, the others by the functions below. */
struct job {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    struct child_spec command; /* its terminal is set by job_start */
    struct terminal terminal;
    struct child child; /* as it was started last; its pid is 0 where nothing was */
    int64_t started;    /* when that child was, and when it ended: monotonic, ns, for --exit-report alone */
    int64_t ended;
    const char *step; /* the program of the step that was started last; NULL: none was */
};

/* Starts COMMAND. False after a message. */
HOT bool job_start(struct job *job);

/*
 * Starts the N-th step (0: the first) of conf->process_count with COMMAND's environment and terminal. Returns -1, or
 * the status of a step that is over already: 0 where --once finds its file, EXIT_INTERNAL after a message.
 */
int job_start_step(struct job *job, size_t n);

/* Says that the N-th step has failed with WAIT_STATUS, unless it could not be started, which has been said. */
void job_tell_failed(const struct job *job, size_t n, int wait_status);

#endif
