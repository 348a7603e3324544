/* signals [LAST [STATUS]]: prints each signal with its code and value as it comes; after LAST it exits with STATUS. */
#include "say.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>

int main(int argc, char *argv[])
{
    const uint64_t all = ~UINT64_C(0);
    int last = argc > 1 ? atoi(argv[1]) : 0;
    siginfo_t info;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
    say("ready");
    for (;;) {
        long signal = syscall(SYS_rt_sigtimedwait, &all, &info, NULL, sizeof all);
        if (signal > 0)
            say("got %ld code %d value %d", signal, info.si_code, info.si_code == SI_QUEUE ? info.si_int : 0);
        if (signal > 0 && signal == last)
            return argc > 2 ? atoi(argv[2]) : 0;
    }
}
