/* Filters of one's own system calls, seccomp(2), without the kernel's headers, which are no part of a C library. */
#ifndef PITH_SECCOMP_H
#define PITH_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A step of a filter: struct sock_filter. One that jumps goes on YES or NO steps behind the next one. */
struct seccomp_step {
    uint16_t code;
    uint8_t yes;
    uint8_t no;
    uint32_t value;
};

/* The call's number, the architecture it is one of, or the lower half of its argument N from 0. */
#define SECCOMP_LOAD_CALL         SECCOMP_LOAD(0)
#define SECCOMP_LOAD_ARCHITECTURE SECCOMP_LOAD(4)
#define SECCOMP_LOAD_ARGUMENT(n)  SECCOMP_LOAD(16 + 8 * (n) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0))
#define SECCOMP_LOAD(offset)                                                                                           \
    {                                                                                                                  \
        0x20, 0, 0, (offset)                                                                                           \
    }

/* What was loaded is VALUE, is more than VALUE, has one of the bits of VALUE; or keeps these only. */
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

/* The end: the call is made, fails with an errno, or ends the process by SIGSYS. */
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
 * The first step of a filter for a short life. The kernel goes through a filter for each call that there is, two
 * architectures' worth of them, to spare it later. It does so until a step that it cannot foresee, as this one, which
 * does nothing: a filter of 60 steps took 27 us to install in place of 130.
 */
#define SECCOMP_UNFORESEEN                                                                                             \
    {                                                                                                                  \
        0x07, 0, 0, 0                                                                                                  \
    }

/* Its own architecture (AUDIT_ARCH_*), as calls of another one have other numbers. Not defined: not known here. */
/* What these call themselves, no filter knows. */
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
 * A filter in three parts: `head`, which ends with the call's number loaded; the calls that are allowed whatever their
 * arguments; and `tail`, which judges all others and whose last step allows. Calls by number come first, as the kernel
 * foresees those and goes through no filter for them.
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
 * Writes the filter that PARTS are, head_count + call_count + tail_count steps, to FILTER, which is returned. A jump
 * takes a byte: calls and tail are 257 steps at the most.
 */
const struct seccomp_step *seccomp_build(struct seccomp_step *filter, const struct seccomp_parts *parts);

/*
 * Puts the filter before each call of this thread and of those that it starts, for good, and sets no_new_privs, which
 * the kernel asks for (seccomp(2)). False with errno where the kernel does not do it; nothing has changed but that
 * then.
 */
bool seccomp_install(const struct seccomp_step *steps, size_t count);

#endif
