/* SIGTERM and SIGINT end the probe with status 1; SIGPIPE and SIGXFSZ are nothing: the call that raised them fails. */
#ifndef HEALTHCHECK_SYS_SIGNALS_H
#define HEALTHCHECK_SYS_SIGNALS_H

/* Holds the four back: a short probe is over before anybody would notice, and needs one system call less each. */
void signals_hold(void);

/* From now on SIGTERM and SIGINT end the process at once, also as PID 1. Before the first long wait and before threads.
 */
void signals_listen(void);

/* Mask and dispositions as they were at start, before COMMAND; a SIGPIPE or SIGXFSZ of ours is forgotten. */
void signals_restore(void);

#endif
