/* Starts processes: COMMAND, and the probe of --watch. */
#ifndef INIT_CHILD_H
#define INIT_CHILD_H

#include "init/options.h"

#include "pith/cold.h"

#include <stdbool.h>
#include <sys/types.h>

struct child_spec {
    char *const *argv; /* argv[0] is looked up in PATH where it has no slash */
    char *const *environment;
    bool foreground; /* hand it the terminal's foreground where init's group holds it */
    int out;         /* becomes its stdout; 0: that is init's */
    bool errors_too; /* and its stderr */
};

struct child {
    pid_t pid;
    int exec_error; /* errno where it could not become its program; it has said so on stderr and is to be reaped */
};

/*
 * Starts a process in a process group of its own (a session where conf->new_session and it is in
 * the foreground), with the ids of conf->user and the signal state *SAVED. Returns when it runs its
 * program or has failed to (vfork(2)): a failure before exec exits with the usage status, one of
 * exec with 127, 126 or the persona's. False with errno where no process could be made.
 */
HOT bool child_spawn(const struct init_conf *conf, const struct signals_saved *saved, const struct child_spec *spec,
                     struct child *child);

/*
 * Makes GROUP the foreground of the terminal where init's own group is that now. False where there
 * is no terminal or someone else has it; never an error (tcsetpgrp(3)).
 */
bool terminal_hand_over(pid_t group);

/* Makes GROUP the foreground of init's controlling terminal, whoever has it. Nothing where there is no terminal. */
void terminal_seize(pid_t group);

/* Makes init's own group the foreground again where that is GROUP, COMMAND's, which was handed the terminal. */
void terminal_take_back(pid_t group);

#endif
