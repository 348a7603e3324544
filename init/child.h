/* Starts processes: COMMAND, the steps before it, and the probe of --watch. */
#ifndef INIT_CHILD_H
#define INIT_CHILD_H

#include "init/conf.h"
#include "init/terminal.h"
#include "pith/layout.h"

#include <stdbool.h>
#include <sys/types.h>

struct child_spec {
    char *const *argv; /* argv[0] is looked up in PATH where it has no slash */
    char *const *environment;
    struct terminal
        *terminal; /* of COMMAND and the steps, which get its foreground where init's group has it; NULL for a probe */
    const char *step; /* the option that names it, where another process follows; NULL for COMMAND and a probe */
    int out;          /* becomes its stdout; 0: init's */
    bool errors_too;  /* and its stderr */
};

struct child {
    pid_t pid;
    int exec_error; /* 0, or the errno by which it could not execute its program: it has said so and is to be reaped */
};

/*
 * Starts SPEC's program in a process group of its own (as dumb-init, COMMAND leads a session), with the ids of
 * conf->user and with the mask and dispositions of *SAVED. Returns when the program runs, or has failed to. A child
 * that fails says so on stderr and exits: with 127 or 126 for exec (or what the persona has), with the usage status
 * before that. False with errno where no process could be made (clone(2)).
 */
HOT bool child_spawn(const struct init_conf *conf, const struct signals_saved *saved, const struct child_spec *spec,
                     struct child *child);

#endif
