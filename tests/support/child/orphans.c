/* orphans COUNT [MAKERS [LAST]]: makes orphans as fast as it can while it prints its signals, as `signals` does. */
#include "say.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { BATCH = 50, TOLD = 1000 };

/* A parent of a batch that dies at once: its children are init's. */
static void make_batch(int count)
{
    pid_t parent = fork();

    if (parent == 0) {
        for (int i = 0; i < count; i++)
            if (fork() == 0)
                _exit(i % 7);
        _exit(0);
    }
    if (parent > 0)
        waitpid(parent, NULL, 0);
}

static pid_t start_maker(int count)
{
    pid_t maker = fork();

    if (maker == 0) {
        for (; count > 0; count -= BATCH) {
            make_batch(count < BATCH ? count : BATCH);
            if (count % TOLD == 0)
                say("%d to make", count - BATCH);
        }
        _exit(0);
    }
    return maker;
}

static void show_signals(int last, int makers)
{
    const uint64_t all = ~UINT64_C(0);
    siginfo_t info;

    for (;;) {
        long signal = syscall(SYS_rt_sigtimedwait, &all, &info, NULL, sizeof all);
        if (signal == SIGCHLD)
            while (waitpid(-1, NULL, WNOHANG) > 0)
                if (--makers == 0)
                    say("made");
        if (signal > 0 && signal != SIGCHLD)
            say("got %ld code %d value %d", signal, info.si_code, info.si_code == SI_QUEUE ? info.si_int : 0);
        if (signal > 0 && signal == last)
            _exit(0);
    }
}

int main(int argc, char *argv[])
{
    const uint64_t all = ~UINT64_C(0);
    int count = argc > 1 ? atoi(argv[1]) : 1, makers = argc > 2 ? atoi(argv[2]) : 1;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
    say("ready");
    for (int i = 0; i < makers; i++)
        start_maker(count / makers);
    show_signals(argc > 3 ? atoi(argv[3]) : 0, makers);
}
