/* SIGTERM and SIGINT end the probe with status 1; SIGPIPE is nothing. All is undone before COMMAND. */
#ifndef HEALTHCHECK_SYS_SIGNALS_H
#define HEALTHCHECK_SYS_SIGNALS_H

/* Holds the three back: a short probe is over before anybody would notice, and needs one system call less each. */
void signals_hold(void);

/* From now on SIGTERM and SIGINT end the process at once, also as PID 1. Before the first long wait and before threads.
 */
void signals_listen(void);

/* Mask and dispositions as they were at start; a SIGPIPE of ours is forgotten. */
void signals_restore(void);

#endif
