/* The probes of --watch: runs of the healthcheck binary beside COMMAND. */
#ifndef INIT_PROBE_H
#define INIT_PROBE_H

#include "init/child.h"

#include <limits.h>

/* Bytes of a probe's output that are kept; the rest is cut off. */
enum { PROBE_LINE = 1024 };

struct probe {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    struct child_spec spec; /* with `argv`; its environment is COMMAND's */
    const char *argv[5];
    int says; /* the reading end of the pipe that the last probe writes to; -1: none */
    char timeout[NUMBER_SIZE + 3];
    char path[PATH_MAX];
};

/*
 * Finds the binary (in the folder of /proc/self/exe, else in that of ARGV0, else /healthcheck) and has it judge
 * conf->watch_target by a dry run, which sends nothing. The caller has set conf, saved and spec.environment; the rest
 * of *PROBE is filled, and it must not be moved any more, as it points into itself. False after a message: COMMAND must
 * not be started then.
 */
bool probe_prepare(struct probe *probe, const char *argv0);

/* Starts a probe with COMMAND's ids. Its PID, or 0 after a message. */
pid_t probe_start(struct probe *probe);

/*
 * What the last probe that has ended said of its failure, a line in LINE, which is returned; "" where it said nothing.
 * To be called once at most for each probe, as it closes the pipe.
 */
const char *probe_line(struct probe *probe, char line[PROBE_LINE]);

#endif
