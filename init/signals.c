/*
 * The names of signals, and the system calls that block them, wait for one, and restore what init was started with.
 *
 * init has no signal handler. It blocks every signal first of all and takes them one by one with rt_sigtimedwait(2).
 * The kernel queues a blocked signal, even one that is ignored and even for PID 1, so none is lost between two waits.
 * The calls are made by number where libc would leave out the signals that it keeps for itself (32 to 34).
 */
#include "init/signals.h"

#include "pith/call.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SIGCLD
#define SIGCLD SIGCHLD
#endif

/*
 * Where two have the same number, the first is its name. The names stand behind each other in one string. clang-format
 * would break these lines anew each time.
 */
/* clang-format off */
#define SIGNALS(_)                                                                                                     \
    _(HUP) _(INT) _(QUIT) _(ILL) _(TRAP) _(ABRT) _(IOT) _(BUS) _(FPE) _(KILL) _(USR1) _(SEGV) _(USR2) _(PIPE) _(ALRM)  \
    _(TERM) _(STKFLT) _(CHLD) _(CLD) _(CONT) _(STOP) _(TSTP) _(TTIN) _(TTOU) _(URG) _(XCPU) _(XFSZ) _(VTALRM) _(PROF)  \
    _(WINCH) _(IO) _(POLL) _(PWR) _(SYS)
/* clang-format on */

#define NUMBER_OF(name) SIG##name,
#define NAME_OF(name)   #name "\0"
static const unsigned char numbers[] = { SIGNALS(NUMBER_OF) };
static const char names[] = SIGNALS(NAME_OF);

/* The kernel's struct sigaction, which begins with the handler. SIG_DFL and SIG_IGN need none of the other fields. */
struct disposition {
    void (*handler)(int);
    unsigned long rest[7];
};

HOT bool signals_block(struct signals_saved *saved)
{
    const uint64_t all = ~UINT64_C(0);
    struct disposition fresh = { .handler = SIG_DFL }, old;

    if (syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &saved->mask, sizeof all) != 0 ||
        syscall(SYS_rt_sigaction, SIGCHLD, &fresh, &old, sizeof all) != 0)
        return false;
    saved->child_ignored = old.handler == SIG_IGN;
    return true;
}

void signals_restore(const struct signals_saved *saved)
{
    if (saved->child_ignored)
        syscall(SYS_rt_sigaction, SIGCHLD, &(struct disposition){ .handler = SIG_IGN }, NULL, sizeof saved->mask);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &saved->mask, NULL, sizeof saved->mask);
}

/*
 * Takes a signal of SET out of the queue, waiting up to TIMEOUT for one. By the system call where it takes the timespec
 * that libc has, since musl's sigtimedwait(3) repeats the call for ever when it fails with EINTR.
 */
static int take_pending(uint64_t set, siginfo_t *info, const struct timespec *timeout)
{
#ifdef SYS_rt_sigtimedwait_time64
    sigset_t signals = { 0 };

    memcpy(&signals, &set, sizeof set);
    return sigtimedwait(&signals, info, timeout);
#else
    return CALL(SYS_rt_sigtimedwait, &set, info, timeout, sizeof set);
#endif
}

COLD bool interruptions_are_few(struct interruptions *interruptions, int64_t now)
{
    if (now - interruptions->since > 10 * NS_PER_S)
        *interruptions = (struct interruptions){ .since = now };
    return ++interruptions->count < INTERRUPTIONS_MAX;
}

int signals_wait(siginfo_t *info, int64_t timeout)
{
    static struct interruptions interruptions;
    struct timespec span, *limit = NULL;

    if (timeout != TIME_NEVER) {
        span = (struct timespec){ .tv_sec = (time_t)(timeout / NS_PER_S), .tv_nsec = (long)(timeout % NS_PER_S) };
        limit = &span;
    }
    int signal = take_pending(~UINT64_C(0), info, limit);
    if (signal < 0 && errno == EINTR && interruptions_are_few(&interruptions, time_now()))
        return 0;
    return signal < 0 && errno == EAGAIN && limit ? 0 : signal;
}

bool signals_are_pending(uint64_t set)
{
    uint64_t pending = 0;

    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    return pending & set;
}

void signals_discard(int signal)
{
    take_pending(SIGNAL_BIT(signal), NULL, &(struct timespec){ 0 });
}

static int parse_realtime(const char *name)
{
    const char *from_min = text_after(name, "RTMIN"), *rest = from_min ? from_min : text_after(name, "RTMAX");
    int64_t offset = 0;

    if (!rest)
        return 0;
    if (*rest)
        offset = *rest == (from_min ? '+' : '-') ? number_parse(rest + 1, SIGNAL_RTMAX - SIGNAL_RTMIN) : -1;
    if (offset < 0)
        return 0;
    return from_min ? SIGNAL_RTMIN + (int)offset : SIGNAL_RTMAX - (int)offset;
}

int signal_parse(const char *string)
{
    const char *prefixed = text_after(string, "SIG"), *name = prefixed ? prefixed : string, *known = names;

    for (size_t i = 0; i < sizeof numbers; i++, known += strlen(known) + 1)
        if (text_is(name, known))
            return numbers[i];
    int realtime = parse_realtime(name);
    int64_t number = number_parse(string, SIGNAL_RTMAX);
    return realtime ? realtime : number > 0 ? (int)number : 0;
}

char *signal_name(char buffer[SIGNAL_NAME_SIZE], int signal)
{
    struct text name = { buffer, SIGNAL_NAME_SIZE, 0 };
    const char *known = names;
    size_t i = 0;

    for (; i < sizeof numbers && numbers[i] != signal; i++)
        known += strlen(known) + 1;
    if (i == sizeof numbers && signal >= SIGNAL_RTMIN)
        text_format(&name, "RTMIN+%d", signal - SIGNAL_RTMIN);
    else if (i == sizeof numbers)
        text_number(&name, (uint64_t)signal);
    else
        text_string(&name, known);
    return text_end(&name);
}
