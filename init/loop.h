/* The main loop of init: waits for an event, lets the supervisor decide, and carries out the actions. */
#ifndef INIT_LOOP_H
#define INIT_LOOP_H

#include "init/arena.h"
#include "init/conf.h"
#include "init/job.h"
#include "init/probe.h"
#include "init/supervisor.h"
#include "init/watch.h"

#include <signal.h>
#include <sys/types.h>

/* While cleaning up, init looks at this interval for processes that are not its children, and for those that fork. */
#define LOOK_INTERVAL (50 * NS_PER_MS)

struct loop {
    struct job job;      /* COMMAND, started already unless there are steps before it or, with --pause, none */
    struct probe *probe; /* of --watch; NULL without */
    pid_t self;
    const struct init_conf *conf; /* the job's */
    pid_t command;                /* its PID; 0 when it is reaped: never signalled again */
    pid_t command_group;          /* its number while anything of it may be left */
    int64_t told;                 /* when the group was last sent a stop signal (leftovers_clock); 0: never */
    int64_t looked;               /* when init last looked for what is left */
    pid_t probe_pid;              /* 0: none runs */
    bool timed;                   /* an option needs the clock */
    bool reaping;                 /* wait4(2) may have something to report */
    bool childless;               /* its last answer was ECHILD */
    bool refused;                 /* init had no right to signal a process that was left */
    unsigned reaped;              /* orphans so far */
    const char *name;             /* the process name that is published; NULL: init's own */
    bool confined;
    bool files_done; /* the steps that need no process are done */
    int sleeps_left; /* until count_sleep acts */
    struct supervisor supervisor;
    struct watch watch;
    siginfo_t info; /* of the signal that is being handled */
};

/* Runs until the supervisor has ended. The fields up to `self` are set by main. */
void loop_run(struct loop *loop);

#endif
