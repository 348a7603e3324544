/* Signals: their names, which of them stop a container, and the state init was started with. */
#ifndef INIT_SIGNALS_H
#define INIT_SIGNALS_H

#include "pith/text.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* The kernel's count, and RTMIN as the kernel's users know it (glibc's 34), whatever the libc here calls it. */
enum { SIGNAL_COUNT = 65, SIGNAL_RTMIN = 34, SIGNAL_RTMAX = 64 };

/* The place of a signal in a set, which is as the kernel has it. */
#define SIGNAL_BIT(signal) (UINT64_C(1) << ((signal)-1))

/*
 * Someone wants the container to end. HUP and QUIT are not among them: they have servers read their configuration again
 * and Java print its threads. --pause, whose COMMAND there is not, ends by them too.
 */
#define SIGNALS_STOP      (SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGNAL_RTMIN + 3))
#define SIGNALS_END_PAUSE (SIGNALS_STOP | SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGQUIT))

/* No rewrite of these could ever do anything: the first two end or stop init itself, and CHLD is its own business. */
#define SIGNALS_KEPT (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGCHLD))

/* What init found at its start and COMMAND gets back right before exec. */
struct signals_saved {
    uint64_t mask;
    bool child_ignored; /* SIGCHLD was SIG_IGN: with that the kernel would keep no exit status for us */
};

/*
 * Blocks every signal with the raw system call (sigfillset(3) of musl leaves 32 to 34 out), so
 * that from here on each one is queued for signals_wait, also one that is ignored, and also for
 * PID 1, and makes SIGCHLD keep the statuses of children. Dispositions are not touched otherwise.
 * False with errno where the kernel refuses: neither signals nor statuses can be kept then.
 */
bool signals_block(struct signals_saved *saved);

/* In the child, right before exec: mask and dispositions as *SAVED has them. */
void signals_restore(const struct signals_saved *saved);

/*
 * Waits for a signal for at most TIMEOUT nanoseconds (TIME_NEVER: without end): its number with
 * *INFO filled in, 0 when the time is over or something has interrupted it (a debugger, a freezer), or -1 with errno
 * where it cannot wait (sigtimedwait(2)).
 */
int signals_wait(siginfo_t *info, int64_t timeout);

/* Takes SIGNAL out of the queue where it is pending. */
void signals_discard(int signal);

/* `TERM`, `SIGTERM`, `15`, `RTMIN+3`, `RTMAX-1` in any case: 1 to 64, or 0 where it is no signal. */
int signal_parse(const char *string);

/* The name without SIG (`TERM`, `RTMIN+3`, `32`) as a C string in BUFFER, which is returned. */
enum { SIGNAL_NAME_SIZE = 16 };
char *signal_name(char buffer[SIGNAL_NAME_SIZE], int signal);

/* TSTP, TTIN and TTOU: the terminal wants the job to pause. */
static inline bool signal_is_suspend(int signal)
{
    _Static_assert(SIGTSTP + 1 == SIGTTIN && SIGTTIN + 1 == SIGTTOU, "they follow each other");
    return signal >= SIGTSTP && signal <= SIGTTOU;
}

#endif
