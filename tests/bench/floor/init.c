/* The least init: starts argv[1] (a path), forwards signals to it, reaps, and exits with its status. */
#include "call.h"

#include <signal.h>
#include <sys/wait.h>

/* The parent's stack is the child's until exec: nothing below the frame of start_here may change hands. */
static inline __attribute__((always_inline)) long vfork_here(void)
{
    long result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(SYS_vfork) : "rcx", "r11", "memory");
    return result;
}

START
{
    const long *arguments = stack + 1, *environment = arguments + stack[0] + 1;
    unsigned long all = ~0UL, old;
    long child;
    int status;

    call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, (long)&old, sizeof all);
    child = vfork_here();
    if (child == 0) {
        call(SYS_rt_sigprocmask, SIG_SETMASK, (long)&old, 0, sizeof old);
        call(SYS_execve, arguments[1], (long)(arguments + 1), (long)environment, 0);
        leave(127);
    }
    for (;;) {
        long signal = call(SYS_rt_sigtimedwait, (long)&all, 0, 0, sizeof all), pid;
        if (signal > 0 && signal != SIGCHLD)
            call(SYS_kill, child, signal, 0, 0);
        while (signal == SIGCHLD && (pid = call(SYS_wait4, -1, (long)&status, WNOHANG, 0)) > 0)
            if (pid == child)
                leave(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    }
}
