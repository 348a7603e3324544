/* A COMMAND for signal latency: writes the time at which each SIGUSR1 arrived to stdout, eight bytes each. */
#include "call.h"

#include <signal.h>
#include <time.h>

START
{
    unsigned long mask = 1UL << (SIGUSR1 - 1);
    struct timespec now;
    long stamp = 0;

    (void)stack;
    call(SYS_rt_sigprocmask, SIG_BLOCK, (long)&mask, 0, sizeof mask);
    for (;;) {
        call(SYS_write, 1, (long)&stamp, sizeof stamp, 0); /* the first: ready */
        while (call(SYS_rt_sigtimedwait, (long)&mask, 0, 0, sizeof mask) != SIGUSR1)
            ;
        call(SYS_clock_gettime, CLOCK_MONOTONIC, (long)&now, 0, 0);
        stamp = now.tv_sec * 1000000000 + now.tv_nsec;
    }
}
