/*
 * Filters of this process's own system calls (seccomp(2)).
 *
 * A filter is a program that the kernel runs before each system call. It has one register, into which it loads the
 * call's number or an argument; it compares, jumps forward, and ends with a verdict. The macros below are its steps.
 * They stand in for the kernel's headers, which are not part of a C library.
 */
#ifndef PITH_SECCOMP_H
#define PITH_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A step (struct sock_filter). A comparison goes on with the step that is YES or NO steps behind the next one. */
struct seccomp_step {
    uint16_t code;
    uint8_t yes;
    uint8_t no;
    uint32_t value;
};

/* Load the number of the call, its architecture, or the lower 32 bits of its argument N, which counts from 0. */
#define SECCOMP_LOAD_CALL         SECCOMP_LOAD(0)
#define SECCOMP_LOAD_ARCHITECTURE SECCOMP_LOAD(4)
#define SECCOMP_LOAD_ARGUMENT(n)  SECCOMP_LOAD(16 + 8 * (n) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define SECCOMP_LOAD(offset)                                                                                           \
    {                                                                                                                  \
        0x20, 0, 0, (offset)                                                                                           \
    }

/* Compare: is what was loaded VALUE, above VALUE, has it any bit of VALUE? MASK keeps the bits of VALUE only. */
#define SECCOMP_IF_EQUAL(value, yes, no)                                                                               \
    {                                                                                                                  \
        0x15, (yes), (no), (value)                                                                                     \
    }
#define SECCOMP_IF_MORE(value, yes, no)                                                                                \
    {                                                                                                                  \
        0x25, (yes), (no), (value)                                                                                     \
    }
#define SECCOMP_IF_ANY(value, yes, no)                                                                                 \
    {                                                                                                                  \
        0x45, (yes), (no), (value)                                                                                     \
    }
#define SECCOMP_MASK(value)                                                                                            \
    {                                                                                                                  \
        0x54, 0, 0, (value)                                                                                            \
    }

/* Verdicts: the call is made, fails with the errno ERROR, or ends the process by SIGSYS. */
#define SECCOMP_ALLOW                                                                                                  \
    {                                                                                                                  \
        0x06, 0, 0, 0x7fff0000                                                                                         \
    }
#define SECCOMP_FAIL(error)                                                                                            \
    {                                                                                                                  \
        0x06, 0, 0, 0x00050000 | (error)                                                                               \
    }
#define SECCOMP_KILL                                                                                                   \
    {                                                                                                                  \
        0x06, 0, 0, 0x80000000                                                                                         \
    }

/*
 * The first step of a filter in a process that lives shortly. It does nothing.
 *
 * When the kernel installs a filter, it tries each system call of two architectures, in order to skip the filter later
 * for those that are always allowed. It gives up at a step whose result it cannot foresee, such as this one. A filter
 * of 60 steps took 27 us to install in place of 130.
 */
#define SECCOMP_UNFORESEEN                                                                                             \
    {                                                                                                                  \
        0x07, 0, 0, 0                                                                                                  \
    }

/*
 * The architecture that this program is made for (AUDIT_ARCH_*): calls of another one have other numbers. It is not
 * defined where there is to be no filter: on other architectures, and under sanitizers and coverage, which make system
 * calls of their own.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(PITH_COVERAGE)
#elif defined(__x86_64__) && !defined(__ILP32__)
#define SECCOMP_ARCHITECTURE 0xc000003e
#elif defined(__aarch64__)
#define SECCOMP_ARCHITECTURE 0xc00000b7
#elif defined(__arm__)
#define SECCOMP_ARCHITECTURE 0x40000028
#elif defined(__i386__)
#define SECCOMP_ARCHITECTURE 0x40000003
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define SECCOMP_ARCHITECTURE 0xc0000015
#elif defined(__s390x__)
#define SECCOMP_ARCHITECTURE 0x80000016
#elif defined(__riscv) && __riscv_xlen == 64
#define SECCOMP_ARCHITECTURE 0xc00000f3
#endif

/*
 * A filter in three parts. `head` ends with the call's number loaded. `calls` are the numbers of calls that are allowed
 * whatever their arguments are. `tail` judges all others, and its last step is SECCOMP_ALLOW. The calls come before the
 * tail because the kernel can foresee that they are allowed, and then runs no filter for them.
 */
struct seccomp_parts {
    const struct seccomp_step *head;
    size_t head_count;
    const uint16_t *calls;
    size_t call_count;
    const struct seccomp_step *tail;
    size_t tail_count;
};

/*
 * Writes the filter that PARTS make to FILTER, which has room for head_count + call_count + tail_count steps. Returns
 * FILTER. A jump has one byte for its length, so calls and tail may be 257 steps together.
 */
const struct seccomp_step *seccomp_build(struct seccomp_step *filter, const struct seccomp_parts *parts);

/*
 * Installs a filter of COUNT steps for this thread and for all that it starts. It cannot be removed. The function also
 * sets no_new_privs, which the kernel demands. False with errno where the kernel has no filters or refuses this one; of
 * all this, only no_new_privs may be set then.
 */
bool seccomp_install(const struct seccomp_step *steps, size_t count);

#endif
