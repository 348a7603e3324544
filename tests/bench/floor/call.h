/* System calls without a libc, for floors: the least program that does the same calls in order and nothing else. */
#ifndef FLOOR_CALL_H
#define FLOOR_CALL_H

#include <sys/syscall.h>

#ifndef __x86_64__
#error "the floors are written for x86-64, where the figures of docs/benchmarks.md come from"
#endif

static inline long call(long number, long a, long b, long c, long d)
{
    register long r10 __asm__("r10") = d;
    long result;

    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10) : "rcx", "r11", "memory");
    return result;
}

static inline _Noreturn void leave(int status)
{
    for (;;)
        call(SYS_exit, status, 0, 0, 0);
}

/* The entry: calls start_here with the stack as the kernel left it, argc first. */
_Noreturn void start_here(const long *stack);

#define START                                                                                                          \
    __asm__(".globl _start\n_start: mov %rsp, %rdi\n and $-16, %rsp\n call start_here\n");                             \
    __attribute__((used)) void start_here(const long *stack)

#endif
