/* The least that runs programs one after the other: each argument is a path, and stands for a step or for COMMAND. */
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
    const long *path = stack + 2, *environment = stack + 2 + stack[0];
    int status = 0;

    for (; *path && status == 0; path++) {
        long child = vfork_here();
        if (child == 0) {
            long argv[] = { *path, 0 };
            call(SYS_execve, *path, (long)argv, (long)environment, 0);
            leave(127);
        }
        call(SYS_wait4, child, (long)&status, 0, 0);
    }
    leave(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}
