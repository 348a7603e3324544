/* The loop of init: waits, lets the supervisor decide, and carries out what it says. */
#ifndef INIT_LOOP_H
#define INIT_LOOP_H

#include "init/child.h"
#include "init/options.h"
#include "init/probe.h"
#include "init/supervisor.h"
#include "init/watch.h"

#include <signal.h>
#include <sys/types.h>

/* While cleaning up: how often to look where the end of a process wakes nobody. */
#define LOOK_INTERVAL (50 * NS_PER_MS)

struct loop {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    struct probe *probe; /* of --watch; NULL without */
    pid_t self;
    pid_t command;       /* 0 when it is reaped: never signalled again */
    pid_t command_group; /* its number while anything of it may be left */
    int64_t told;        /* when that was last sent a stop signal (leftovers_clock); 0: never */
    pid_t probe_pid;     /* 0: none runs */
    bool timed;          /* an option needs the clock */
    bool reaping;        /* wait4 may have something to tell */
    bool childless;      /* it said ECHILD */
    unsigned reaped;     /* orphans so far */
    const char *name;    /* of the process, as it was published; NULL: its first one */
    bool confined;
    int sleeps_left; /* until the next look around */
    struct supervisor supervisor;
    struct watch watch;
    siginfo_t info; /* of the signal that is being handled */
};

/* Runs until nothing is left to do. COMMAND (0 with --pause) has been started; *LOOP is set up to command_group. */
void loop_run(struct loop *loop);

#endif
