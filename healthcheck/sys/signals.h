/*
 * Signals of a probe. SIGTERM and SIGINT end it with status 1. SIGPIPE and SIGXFSZ are blocked: the call that would
 * raise them fails with an errno in their place.
 *
 * A short probe is over before anybody would notice that it does not listen. So it starts with all four blocked, which
 * is one system call, and listens before its first long wait.
 */
#ifndef HEALTHCHECK_SYS_SIGNALS_H
#define HEALTHCHECK_SYS_SIGNALS_H

/* Blocks the four signals, at the start of the program. */
void signals_hold(void);

/*
 * From here on SIGTERM and SIGINT end the process at once, also where it is PID 1. Called before the first long wait
 * and before a thread is started. A further call does nothing.
 */
void signals_listen(void);

/*
 * Restores the mask and the dispositions that the program was started with, before it becomes COMMAND. A SIGPIPE or
 * SIGXFSZ that the probe has caused is discarded, so that COMMAND does not get it.
 */
void signals_restore(void);

#endif
