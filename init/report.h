/* --exit-report: how COMMAND ended, for whoever reads it after the container is gone. */
#ifndef INIT_REPORT_H
#define INIT_REPORT_H

#include "init/child.h"
#include "init/supervisor.h"

/* What was before COMMAND. */
struct report {
    const char *name;  /* of COMMAND, as it was given */
    int64_t start;     /* monotonic, ns */
    int64_t oom_kills; /* -1: cannot be seen */
};

/* To be called before COMMAND is started; `name` is set. */
void report_begin(struct report *report);

/*
 * Writes one line of JSON on how COMMAND, CHILD, ended to conf->exit_report (place.h). What cannot be written is a
 * warning.
 */
void report_write(const struct init_conf *conf, const struct report *report, const struct child *child,
                  const struct supervisor *supervisor);

#endif
