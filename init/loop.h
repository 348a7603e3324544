/* The main loop of init: waits for an event, lets the supervisor decide, and carries out the actions. */
#ifndef INIT_LOOP_H
#define INIT_LOOP_H

#include "init/child.h"
#include "init/options.h"
#include "init/probe.h"
#include "init/supervisor.h"
#include "init/watch.h"

#include <signal.h>
#include <sys/types.h>

/* While cleaning up, init polls at this interval for the end of processes that are not its children. */
#define LOOK_INTERVAL (50 * NS_PER_MS)

struct loop {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    struct probe *probe; /* of --watch; NULL without */
    pid_t self;
    struct terminal terminal;
    struct child child;  /* COMMAND as it was started; all 0 without one */
    pid_t command;       /* 0 when it is reaped: never signalled again */
    pid_t command_group; /* its number while anything of it may be left */
    int64_t told;        /* when the group was last sent a stop signal (leftovers_clock); 0: never */
    pid_t probe_pid;     /* 0: none runs */
    bool timed;          /* an option needs the clock */
    bool reaping;        /* wait4(2) may have something to report */
    bool childless;      /* its last answer was ECHILD */
    unsigned reaped;     /* orphans so far */
    const char *name;    /* the process name that was published; NULL: none yet */
    bool confined;
    int sleeps_left; /* until count_sleep acts */
    struct supervisor supervisor;
    struct watch watch;
    siginfo_t info; /* of the signal that is being handled */
};

/* Runs until the supervisor has ended. COMMAND (0 with --pause) has been started; the fields up to command_group are
 * set. */
void loop_run(struct loop *loop);

#endif
