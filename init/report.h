/* --exit-report: how COMMAND ended, for whoever reads it after the container is gone. */
#ifndef INIT_REPORT_H
#define INIT_REPORT_H

#include "init/job.h"
#include "init/supervisor.h"

/* What is noted before COMMAND starts. */
struct report {
    const char *name;  /* of COMMAND, as it was given; NULL with --pause */
    int64_t oom_kills; /* -1: cannot be seen */
};

/* Notes the OOM kills so far. Call it before COMMAND is started; the caller sets `name`. */
void report_begin(struct report *report);

/*
 * Writes to conf->exit_report how COMMAND, or a step, ended: JOB's child. The path is opened as place.h has it. A
 * report that cannot be written is a warning on stderr and no error.
 */
void report_write(const struct init_conf *conf, const struct report *report, const struct job *job,
                  const struct supervisor *supervisor);

#endif
