/* System calls in line, for what is done at each event. */
#ifndef PITH_CALL_H
#define PITH_CALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * CALL(NUMBER, A, B, C, D): syscall(2), for calls that return an int; those that take fewer arguments ignore the rest.
 * The processor foretells wrongly where a function returns to that slept in the kernel, which was seen to take 230 ns
 * on x86-64, twice a system call. So there it is no function.
 */
#if defined(__x86_64__) && !defined(__ILP32__)
#define CALL(number, a, b, c, d) call_in_line(number, (long)(a), (long)(b), (long)(c), (long)(d))

static inline __attribute__((always_inline)) int call_in_line(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    if (result >= 0)
        return (int)result;
    errno = (int)-result;
    return -1;
}
#else
#define CALL(...) ((int)syscall(__VA_ARGS__))
#endif

#endif
