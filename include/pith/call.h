/*
 * System calls as inline code, for what is done at each event and in each run.
 *
 * After a call that slept in the kernel, the CPU mispredicts the return of a wrapper function. That was seen to take
 * 230 ns on x86-64, twice for each system call. So on x86-64 there is no function to return from. On other
 * architectures these macros are libc's functions.
 */
#ifndef PITH_CALL_H
#define PITH_CALL_H

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Both return what the call returns, or -1 with errno.
 *
 * CALL(NUMBER, A, B, C, D) is syscall(2) for a call that returns an int. It always takes four arguments; a call that
 * has fewer ignores the rest.
 *
 * CALL_AS(NAME, ...) is libc's function NAME, for a function that does nothing but make the system call of that name
 * with up to six arguments. libc lets a thread be cancelled there, which takes 30 instructions and which nobody needs.
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
