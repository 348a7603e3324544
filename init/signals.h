/* Signals: their names, which of them stop a container, and the mask and dispositions that init was started with. */
#ifndef INIT_SIGNALS_H
#define INIT_SIGNALS_H

#include "pith/text.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* SIGRTMIN is 34, as glibc has it: users write RTMIN+3 and mean 37. musl's own SIGRTMIN is another number. */
enum { SIGNAL_COUNT = 65, SIGNAL_RTMIN = 34, SIGNAL_RTMAX = 64 };

/* The bit of a signal in the kernel's set of signals. */
#define SIGNAL_BIT(signal) (UINT64_C(1) << ((signal)-1))

/*
 * Stop signals: whoever sends one wants the container to end. HUP and QUIT are not among them, as servers reload their
 * configuration on HUP and Java prints its threads on QUIT. --pause runs no COMMAND, so there they end init too.
 */
#define SIGNALS_STOP      (SIGNAL_BIT(SIGTERM) | SIGNAL_BIT(SIGINT) | SIGNAL_BIT(SIGNAL_RTMIN + 3))
#define SIGNALS_END_PAUSE (SIGNALS_STOP | SIGNAL_BIT(SIGHUP) | SIGNAL_BIT(SIGQUIT))

/* Signals that --rewrite refuses: init never receives KILL and STOP, and never forwards CHLD. */
#define SIGNALS_KEPT (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGCHLD))

/* What init found at its start and COMMAND gets back right before exec. */
struct signals_saved {
    uint64_t mask;
    bool child_ignored; /* SIGCHLD was SIG_IGN, with which the kernel would keep no exit status for init */
};

/*
 * Blocks every signal, so that the kernel queues them for signals_wait, and sets SIGCHLD to SIG_DFL, so that it keeps
 * the statuses of children. Other dispositions stay. *SAVED gets what was there before. False with errno where the
 * kernel refuses one of the two calls (sigprocmask(2), sigaction(2)): init cannot work then.
 */
bool signals_block(struct signals_saved *saved);

/* Sets mask and dispositions back to *SAVED. For the child, right before exec. */
void signals_restore(const struct signals_saved *saved);

/*
 * Waits for a signal for at most TIMEOUT nanoseconds (TIME_NEVER: without a limit). Returns its number with *INFO
 * filled in; 0 when the time is over, or when something else interrupted the wait (a debugger, the freezer of a
 * cgroup); or -1 with errno where the kernel cannot wait (sigtimedwait(2)).
 */
int signals_wait(siginfo_t *info, int64_t timeout);

/* How often waits were interrupted (EINTR), and since when, in ns on CLOCK_MONOTONIC. All zero at first. */
struct interruptions {
    int64_t since;
    int count;
};

/*
 * Counts an interruption at NOW. True where there were fewer than INTERRUPTIONS_MAX within ten seconds. More are no
 * debugger's or freezer's, which may pause a container after each request for years, but those of a filter of system
 * calls that always answers so.
 */
bool interruptions_are_few(struct interruptions *interruptions, int64_t now);

/* Whether a signal of SET is pending (sigpending(2)). */
bool signals_are_pending(uint64_t set);

/* Drops SIGNAL where it is pending. */
void signals_discard(int signal);

/* The number, 1 to 64, of `TERM`, `SIGTERM`, `15`, `RTMIN+3` or `RTMAX-1`, in any case; 0 where STRING names no signal.
 */
int signal_parse(const char *string);

/* The name without SIG (`TERM`, `RTMIN+3`, `32`) as a C string in BUFFER, which is returned. */
enum { SIGNAL_NAME_SIZE = 16 };
char *signal_name(char buffer[SIGNAL_NAME_SIZE], int signal);

/* Whether SIGNAL is TSTP, TTIN or TTOU, by which a terminal suspends a job. */
static inline bool signal_is_suspend(int signal)
{
    _Static_assert(SIGTSTP + 1 == SIGTTIN && SIGTTIN + 1 == SIGTTOU, "they follow each other");
    return signal >= SIGTSTP && signal <= SIGTTOU;
}

/* Whether SIGNAL is one of job control, which stops or resumes a process. */
static inline bool signal_is_job_control(int signal)
{
    _Static_assert(SIGCONT + 1 == SIGSTOP && SIGSTOP + 1 == SIGTSTP, "they stand in front of those");
    return signal >= SIGCONT && signal <= SIGTTOU;
}

#endif
