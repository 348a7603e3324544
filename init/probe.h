/* The probes of --watch: the healthcheck binary, started beside COMMAND. */
#ifndef INIT_PROBE_H
#define INIT_PROBE_H

#include "init/child.h"

#include <limits.h>

/* Large enough for a line of healthcheck's; what is longer is cut. */
enum { PROBE_LINE = 1024 };

struct probe {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    struct child_spec spec; /* with `argv`; its environment is COMMAND's */
    const char *argv[5];
    int says; /* where the last probe's line comes from; -1: nowhere */
    char timeout[NUMBER_SIZE + 3];
    char path[PATH_MAX];
};

/*
 * Finds the binary: beside /proc/self/exe, else beside ARGV0, else /healthcheck. Has it judge conf->watch_target by a
 * dry run, which sends nothing. Of *PROBE, which points into itself from then on, conf, saved and spec.environment are
 * set. False after a message: nothing is to be started.
 */
bool probe_prepare(struct probe *probe, const char *argv0);

/* Starts a probe with the ids of COMMAND: its PID, or 0 after a message. */
pid_t probe_start(struct probe *probe);

/* What the last probe that has ended said of its failure, a line in LINE, which is returned; "" where it said nothing.
 */
const char *probe_line(struct probe *probe, char line[PROBE_LINE]);

#endif
