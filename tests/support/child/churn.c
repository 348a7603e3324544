/* churn SEED: leaves orphans at random and counts the queued signal 40 and its values, until signal 50 comes. */
#include "say.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { COUNTED = 40, LAST = 50, BATCH_MAX = 8, PAUSE_MS = 10 };

static void live_and_die(void)
{
    nanosleep(&(struct timespec){ .tv_nsec = rand() % PAUSE_MS * 1000000 }, NULL);
    _exit(rand() % 256);
}

/* A parent that is gone before its children: they are init's. Some have a session of their own. */
static void leave_orphans(void)
{
    int count = rand() % BATCH_MAX;
    pid_t parent = fork();

    if (parent == 0) {
        for (; count > 0; count--)
            if (rand() % 2 == 0 && fork() == 0) {
                if (count % 2)
                    setsid();
                live_and_die();
            }
        _exit(0);
    }
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

int main(int argc, char *argv[])
{
    const uint64_t all = ~UINT64_C(0);
    const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };
    long signal, count = 0, sum = 0;
    siginfo_t info;

    srand(argc > 1 ? (unsigned)atoi(argv[1]) : 0);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
    say("ready");
    while ((signal = syscall(SYS_rt_sigtimedwait, &all, &info, &pause, sizeof all)) != LAST) {
        if (signal == COUNTED) {
            count++;
            sum += info.si_int;
        } else {
            leave_orphans();
        }
    }
    while (waitpid(-1, NULL, 0) > 0)
        ;
    say("counted %ld sum %ld", count, sum);
    return 7;
}
