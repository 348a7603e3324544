/* clone(2) as init uses it, for a child that shares its memory; musl's own brings what a fork has to set right. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>

#include "pthread_impl.h"
#include "syscall.h"

int clone(int (*run)(void *), void *stack, int flags, void *argument, ...)
{
    return __syscall_ret(flags & CLONE_VM ? __clone(run, stack, flags, argument) : -EINVAL);
}
