/* --exit-report: how COMMAND ended, for whoever reads it after the container is gone. */
#ifndef INIT_REPORT_H
#define INIT_REPORT_H

#include "init/child.h"
#include "init/supervisor.h"

/*
 * Writes one line of JSON on how COMMAND (CHILD, called NAME) ended to conf->exit_report, which is
 * created or truncated. SPAN is how long it ran, in nanoseconds. A file that cannot be written is
 * a warning.
 */
void report_write(const struct init_conf *conf, const char *name, const struct child *child,
                  const struct supervisor *supervisor, int64_t span);

#endif
