/*
 * Decides what init does: state x event -> actions. Pure: it makes no system call, and every cell of the table is a
 * unit test that forks nothing. loop.c turns signals, children and time into events and carries out the actions.
 */
#ifndef INIT_SUPERVISOR_H
#define INIT_SUPERVISOR_H

#include "init/conf.h"

#include <stdbool.h>
#include <stdint.h>

enum state {
    STATE_READY, /* before COMMAND: no step runs. The next one, or COMMAND, is due at once: its deadline is in the past
                  */
    STATE_STARTING, /* before COMMAND: a step runs */
    STATE_RUNNING,  /* COMMAND runs */
    STATE_DRAINING, /* a stop signal is held back for --stop-delay */
    STATE_STOPPING, /* a stop signal was forwarded; COMMAND still runs */
    STATE_CLEANING, /* COMMAND has exited; the processes that are left were sent TERM and have --grace to exit */
    STATE_KILLING,  /* they were sent KILL */
    STATE_PAUSING,  /* --pause: there is no COMMAND */
    STATE_ENDED,    /* nothing left to do: init exits */
    STATE_COUNT,
};

enum event_kind {
    EVENT_SIGNAL,    /* a signal to forward that is no stop signal */
    EVENT_STOP,      /* a stop signal to forward */
    EVENT_EXITED,    /* COMMAND, or the step that runs, was reaped */
    EVENT_SUSPENDED, /* it was stopped, as by ^Z */
    EVENT_RESUMED,   /* it was continued */
    EVENT_NONE_LEFT, /* none of the processes that init has to end is left */
    EVENT_DEADLINE,  /* the state's deadline has passed */
    EVENT_OVERRUN,   /* --run-timeout has passed */
    EVENT_UNHEALTHY, /* --watch has given COMMAND up */
    EVENT_COUNT,
};

struct event {
    enum event_kind kind;
    int signal;      /* EVENT_SIGNAL, EVENT_STOP: what to forward, rewritten already */
    bool suspend;    /* EVENT_SIGNAL: init stops itself with COMMAND */
    int wait_status; /* EVENT_EXITED, EVENT_SUSPENDED */
    int64_t now;     /* monotonic, ns; 0 where no option needs the time */
};

/* Bits; loop_apply carries them out in this order. */
enum action {
    ACTION_NAME = 1 << 0,    /* publish the state as the process name */
    ACTION_FORWARD = 1 << 1, /* supervisor.signal to COMMAND */
    ACTION_STOP = 1 << 2, /* that signal is a stop signal: CONT follows where COMMAND is stopped, so that it can act */
    ACTION_ASK_LEFT =
        1 << 3, /* supervisor.signal to all that is left, but not to those who got the stop with the group */
    ACTION_SIGNAL_LEFT = 1 << 4, /* supervisor.signal to all that is left */
    ACTION_TELL = 1 << 5,        /* a line on stderr: what init does to COMMAND of its own accord, and why */
    ACTION_SUSPEND = 1 << 6,     /* stop init itself until CONT */
    ACTION_RESUME = 1 << 7,      /* CONT to COMMAND */
    ACTION_START = 1 << 8,       /* start the next step, or COMMAND where the state is STATE_RUNNING */
};

enum reason { REASON_EXITED, REASON_STOPPED, REASON_RUN_TIMEOUT, REASON_WATCH, REASON_FAILED, REASON_BEFORE };

struct supervisor {
    const struct init_conf *conf;
    bool alone;     /* no shell is above init that could resume a suspended job, as where it is PID 1 */
    bool suspended; /* COMMAND is stopped, as far as wait4(2) has said */
    bool meant;     /* init forwarded the signal that suspends COMMAND, so it stays suspended until a CONT */
    bool before;    /* COMMAND has not been started */
    enum state state;
    size_t steps;         /* that are still to be started before COMMAND */
    int signal;           /* the one that an action sends */
    int held;             /* the stop signal that --stop-delay holds back, or that came before COMMAND */
    int64_t deadline;     /* of the state; TIME_NEVER: none */
    int64_t run_deadline; /* of COMMAND */
    bool killed;          /* COMMAND got KILL from init */
    enum reason reason;   /* why COMMAND ended, as far as init knows */
    int wait_status;      /* COMMAND's, when it has exited, or that of the step that was the last one */
};

/* init exits this long after KILL although processes are left, as those in an uninterruptible sleep. */
#define KILL_PATIENCE (2 * NS_PER_S)

/* In place of --stop-timeout, where init itself stops COMMAND and that option is not given. */
#define OWN_STOP_TIMEOUT (10 * NS_PER_S)

/*
 * Sets *SUPERVISOR up, which the caller has zeroed. It keeps CONF. ALONE: init is PID 1. NOW is when COMMAND was
 * started, CLOCK_MONOTONIC in ns, or 0 where no option needs the time. Where there is something to do before COMMAND
 * (conf->has_steps), COMMAND is started by an action, and so are conf->process_count steps before it.
 */
void supervisor_start(struct supervisor *supervisor, const struct init_conf *conf, bool alone, int64_t now);

/* Takes one event and returns the actions that follow from it: 0 where the event means nothing in this state. */
unsigned supervisor_step(struct supervisor *supervisor, const struct event *event);

/* When the next event is due that comes of time alone (supervisor_due); TIME_NEVER for none. */
int64_t supervisor_deadline(const struct supervisor *supervisor);

/* The event that time alone brings about at NOW: EVENT_DEADLINE, EVENT_OVERRUN, or EVENT_COUNT for none. */
enum event_kind supervisor_due(const struct supervisor *supervisor, int64_t now);

/* What init exits with, once the state is STATE_ENDED. */
int supervisor_status(const struct supervisor *supervisor);

/* The process name that publishes STATE (PR_SET_NAME of prctl(2)), or NULL where the name stays what it is. */
const char *state_name(enum state state);

#endif
