/* Sleeps in as little memory as can be: a probe that stays does little else. */
#include "healthcheck/sys/sleep.h"

#include "pith/call.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The segment of code that plain runs do without (tools/static.ld). Not defined where another linker script is used. */
extern const char rest_start[] __attribute__((weak)), rest_end[] __attribute__((weak));

/* third_party/musl/heap.c: frees what one try frees, also after many tries. Not there with another libc. */
extern void heap_forget(void) __attribute__((weak));

enum { STACK_DEPTH = 1024 * 1024 }; /* deeper than any probe goes */

static inline __attribute__((always_inline)) int nap(const struct timespec *until)
{
#ifdef SYS_clock_nanosleep
    return CALL(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, until, NULL) == 0 ? 0 : errno;
#else
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, until, NULL);
#endif
}

/*
 * Gives the pages back. The range below the stack may begin where nothing is: the kernel then takes what is there
 * (ENOMEM), and no other mapping lies so near (mmap_min_gap). Where pages are larger than 4096 bytes it may refuse.
 */
static inline __attribute__((always_inline)) void give_back(void)
{
    uintptr_t page = 4096, stack = ((uintptr_t)__builtin_frame_address(0) & ~(page - 1)) - page;
    uintptr_t code = (uintptr_t)rest_start & ~(page - 1);

    (void)CALL(SYS_madvise, stack - STACK_DEPTH, STACK_DEPTH, MADV_DONTNEED, 0);
    if (rest_start)
        (void)CALL(SYS_madvise, code, (uintptr_t)rest_end - code, MADV_DONTNEED, 0);
}

/* Among what plain runs need, and all calls in line, so that no page of the rest comes back before the next try. */
HOT __attribute__((noinline)) bool sleep_until(int64_t time)
{
    struct timespec until = { .tv_sec = (time_t)(time / NS_PER_S), .tv_nsec = (long)(time % NS_PER_S) };
    int error;

    if (heap_forget)
        heap_forget();
    give_back();
    do
        error = nap(&until);
    while (error == EINTR && time_now() < time);
    return error == 0 || error == EINTR;
}
