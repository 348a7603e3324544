/* A COMMAND that gives its init, PID 1, work: for each argument a SIGUSR1 to forward, or for "orphan" one to reap. */
#include "call.h"

#include <errno.h>
#include <signal.h>

/* Long enough for an init that is traced to have slept again. */
static const long a_while[2] = { 0, 20000000 };

static void be_forwarded(const unsigned long *mask)
{
    call(SYS_kill, 1, SIGUSR1, 0, 0);
    while (call(SYS_rt_sigtimedwait, (long)mask, 0, 0, sizeof *mask) != SIGUSR1)
        ;
}

/* The orphan ends when it is one; whether somebody else than init is left tells when it has been reaped. */
static void leave_orphan(void)
{
    long pid = call(SYS_fork, 0, 0, 0, 0);

    if (pid == 0) {
        if (call(SYS_fork, 0, 0, 0, 0) == 0)
            call(SYS_nanosleep, (long)a_while, 0, 0, 0);
        leave(0);
    }
    call(SYS_wait4, pid, 0, 0, 0);
    while (call(SYS_kill, -1, 0, 0, 0) != -ESRCH)
        call(SYS_nanosleep, (long)a_while, 0, 0, 0);
}

START
{
    const char *const *arguments = (const char *const *)(stack + 1);
    unsigned long mask = 1UL << (SIGUSR1 - 1);

    call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&mask, 0, sizeof mask);
    for (long i = 1; i < stack[0]; i++)
        if (arguments[i][0] == 'o')
            leave_orphan();
        else
            be_forwarded(&mask);
    leave(0);
}
