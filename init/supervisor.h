/* What init does about what happens: pure state x event -> action, without a system call. */
#ifndef INIT_SUPERVISOR_H
#define INIT_SUPERVISOR_H

#include "init/options.h"

#include <stdbool.h>
#include <stdint.h>

enum state {
    STATE_RUNNING,  /* COMMAND runs */
    STATE_DRAINING, /* a stop signal is held back for --stop-delay */
    STATE_STOPPING, /* a stop signal was forwarded; COMMAND still runs */
    STATE_CLEANING, /* COMMAND has exited; what is left got TERM and has --grace */
    STATE_KILLING,  /* what is left got KILL */
    STATE_PAUSING,  /* --pause: there is no COMMAND */
    STATE_ENDED,    /* nothing left to do: init exits */
    STATE_COUNT,
};

enum event_kind {
    EVENT_SIGNAL,    /* one to forward */
    EVENT_STOP,      /* one to forward that means: stop */
    EVENT_EXITED,    /* COMMAND was reaped */
    EVENT_SUSPENDED, /* COMMAND was stopped, as by ^Z */
    EVENT_RESUMED,   /* and goes on */
    EVENT_NONE_LEFT, /* no other process is left that is init's to end */
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

/* What loop_apply carries out, in this order; bits. */
enum action {
    ACTION_NAME = 1 << 0,     /* publish the state as the process name */
    ACTION_FORWARD = 1 << 1,  /* supervisor.signal to COMMAND */
    ACTION_STOP = 1 << 2,     /* and it means: stop. CONT follows where COMMAND is stopped, so that it can act on it */
    ACTION_ASK_LEFT = 1 << 3, /* supervisor.signal to all that is left but who got the stop with COMMAND's group */
    ACTION_SIGNAL_LEFT = 1 << 4, /* supervisor.signal to all that is left */
    ACTION_TELL = 1 << 5,        /* say on stderr what init itself does to COMMAND, and why */
    ACTION_SUSPEND = 1 << 6,     /* stop init itself until CONT */
    ACTION_RESUME = 1 << 7,      /* CONT to COMMAND */
};

enum reason { REASON_EXITED, REASON_STOPPED, REASON_RUN_TIMEOUT, REASON_WATCH, REASON_FAILED };

struct supervisor {
    const struct init_conf *conf;
    bool alone;     /* init is PID 1: nobody resumes what the terminal has suspended */
    bool suspended; /* COMMAND is stopped, as far as init was told */
    bool meant;     /* what suspends COMMAND came through init */
    enum state state;
    int signal;           /* the one that an action sends */
    int held;             /* the stop signal that --stop-delay holds back */
    int64_t deadline;     /* of the state; TIME_NEVER: none */
    int64_t run_deadline; /* of COMMAND */
    bool killed;          /* COMMAND got KILL from init */
    enum reason reason;   /* why COMMAND ended, as far as init knows */
    int wait_status;      /* COMMAND's, when it has exited */
};

/* How long init waits for processes that KILL does not end before it leaves without them. */
#define KILL_PATIENCE (2 * NS_PER_S)

/* KILL after this where init itself stops COMMAND and --stop-timeout is not given. */
#define OWN_STOP_TIMEOUT (10 * NS_PER_S)

/*
 * Sets *SUPERVISOR up for *CONF, which it keeps. ALONE: init is PID 1. NOW is COMMAND's start, 0 where no option needs
 * the time.
 */
void supervisor_start(struct supervisor *supervisor, const struct init_conf *conf, bool alone, int64_t now);

/* Takes one event: the actions that follow from it. Never fails: what means nothing in a state does nothing. */
unsigned supervisor_step(struct supervisor *supervisor, const struct event *event);

/* The earliest time an event must come of itself, TIME_NEVER for none. */
int64_t supervisor_deadline(const struct supervisor *supervisor);

/* The event that is due at NOW: EVENT_DEADLINE, EVENT_OVERRUN, or EVENT_COUNT for none. */
enum event_kind supervisor_due(const struct supervisor *supervisor, int64_t now);

/* What init exits with, once the state is STATE_ENDED. */
int supervisor_status(const struct supervisor *supervisor);

/* The process name of a state, or NULL where it keeps the one it has. */
const char *state_name(enum state state);

#endif
