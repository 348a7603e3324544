/* --exit-report: how COMMAND ended, for whoever reads it after the container is gone. */
#ifndef INIT_REPORT_H
#define INIT_REPORT_H

#include "init/child.h"
#include "init/supervisor.h"

/* What is noted before COMMAND starts. */
struct report {
    const char *name;  /* of COMMAND, as it was given; NULL with --pause */
    int64_t start;     /* monotonic, ns */
    int64_t oom_kills; /* -1: cannot be seen */
};

/* Notes the time and the OOM kills so far. Call it before COMMAND is started; the caller sets `name`. */
void report_begin(struct report *report);

/*
 * Writes to conf->exit_report how COMMAND, which is CHILD, ended. The path is opened as place.h has it. A report that
 * cannot be written is a warning on stderr and no error.
 */
void report_write(const struct init_conf *conf, const struct report *report, const struct child *child,
                  const struct supervisor *supervisor);

#endif
