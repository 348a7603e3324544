/*
 * syscall(2) for calls whose arguments take a register each. On every architecture that is built, a caller passes them
 * to a variadic function as it does to this one. musl's own is variadic, and copies them to the stack first.
 */
#include "syscall.h"

#include "pith/layout.h"

#undef syscall

long syscall(long number, long a, long b, long c, long d, long e, long f);

HOT long syscall(long number, long a, long b, long c, long d, long e, long f)
{
    return __syscall_ret(__syscall(number, a, b, c, d, e, f));
}
