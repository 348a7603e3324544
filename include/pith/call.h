/* System calls in line, for what is done at each event and in each run. */
#ifndef PITH_CALL_H
#define PITH_CALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * CALL(NUMBER, A, B, C, D): syscall(2), for calls that return an int; those that take fewer arguments ignore the rest.
 * The processor foretells wrongly where a function returns to that slept in the kernel, which was seen to take 230 ns
 * on x86-64, twice a system call. So there it is no function.
 *
 * CALL_AS(NAME, ...): libc's function of that name, where it is the call of that name with up to six arguments: what
 * libc adds, that a thread can be cancelled in it, takes 30 instructions.
 */
#if defined(__x86_64__) && !defined(__ILP32__) && !defined(__SANITIZE_ADDRESS__)
#define CALL(number, a, b, c, d) call_in_line(number, (long)(a), (long)(b), (long)(c), (long)(d))

static inline __attribute__((always_inline)) int call_in_line(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    int result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    if (result >= 0)
        return result;
    errno = -result;
    return -1;
}

#define CALL_AS(name, ...) CALL_6(SYS_##name, __VA_ARGS__, 0, 0, 0, 0, 0)
#define CALL_6(number, a, b, c, d, e, f, ...)                                                                          \
    call_6_in_line(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

static inline __attribute__((always_inline)) long call_6_in_line(long number, long a, long b, long c, long d, long e,
                                                                 long f)
{
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    if (result >= 0)
        return result;
    errno = (int)-result;
    return -1;
}
#else
#define CALL(...)          ((int)syscall(__VA_ARGS__))
#define CALL_AS(name, ...) name(__VA_ARGS__)
#endif

#endif
