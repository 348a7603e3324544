/*
 * Gives up what init does not need once COMMAND runs: capabilities (capabilities(7)), system calls (seccomp(2)), and
 * the memory of code that has done its work. Whoever adds a system call to what init does while COMMAND runs adds it to
 * the list here. A call that is missing fails with EPERM; it ends nothing.
 */
#include "init/confine.h"

#include "pith/capability.h"
#include "pith/diag.h"
#include "pith/layout.h"
#include "pith/option.h"
#include "pith/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tell(const struct init_conf *conf, const char *what)
{
    if (conf->verbosity >= 1)
        diagf("cannot give up %s: %s", what, DIAG_ERRNO);
}

bool capabilities_keep(uint64_t kept)
{
    struct capability_head self = { CAPABILITY_VERSION, 0 };
    struct capability_set sets[CAPABILITY_SETS];

    if (syscall(SYS_capget, &self, sets) != 0)
        return false;
    for (int i = 0; i < CAPABILITY_SETS; i++, kept >>= 32) {
        sets[i].permitted &= (uint32_t)kept;
        sets[i].effective = sets[i].permitted;
        sets[i].inheritable = 0;
    }
    return syscall(SYS_capset, &self, sets) == 0;
}

static void drop_capabilities(const struct init_conf *conf)
{
    uint64_t needed = 1U << CAP_KILL;

    if (conf->exit_report) /* the file and its folder may be another's */
        needed |= 1U << CAP_DAC_OVERRIDE;
    if (conf->watch_target) /* probes run as COMMAND's user */
        needed |= 1U << CAP_SETGID | 1U << CAP_SETUID;
    if (syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !capabilities_keep(needed))
        tell(conf, "capabilities");
}

#ifdef SECCOMP_ARCHITECTURE

/* Calls are refused and never kill the process: the end of init is the end of the container. */
#define REFUSE SECCOMP_FAIL(EPERM)

enum { WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };

/* Calls that are allowed whatever their arguments. The kernel works that out in advance and runs no filter for them. */
static HOT_TABLE const uint16_t allowed[] = {
    /* signals, children, time */
    SYS_rt_sigtimedwait,
    SYS_wait4,
    SYS_kill,
    SYS_rt_sigqueueinfo,
    SYS_waitid,
    SYS_pidfd_open,
    SYS_pidfd_send_signal,
    SYS_restart_syscall,
#ifdef SYS_rt_sigtimedwait_time64
    SYS_rt_sigtimedwait_time64,
    SYS_clock_gettime64,
#endif
#ifdef SYS_clock_gettime
    SYS_clock_gettime,
#else
    SYS_clock_gettime32,
#endif

    /* messages */
    SYS_write,
    SYS_pwritev2,
#ifdef SYS_poll
    SYS_poll,
#else
    SYS_ppoll,
#endif

    /* /proc */
    SYS_read,
    SYS_getdents64,
    SYS_readlinkat,
    SYS_close,

    /* itself */
    SYS_getpid,
    SYS_getpgid,
    SYS_getsid,
    SYS_exit_group,
    SYS_exit,

    /* for --exit-report. Without it these are left out, and openat(2) is allowed for reading only (see `tail`) */
    SYS_statx,
    SYS_faccessat,
#ifdef SYS_fstatfs64
    SYS_fstatfs64,
#else
    SYS_fstatfs,
#endif
    SYS_unlinkat,
#ifdef SYS_geteuid32
    SYS_geteuid32,
#else
    SYS_geteuid,
#endif
    SYS_openat,
};

static HOT_TABLE const struct seccomp_step head[] = {
    SECCOMP_LOAD_ARCHITECTURE,
    SECCOMP_IF_EQUAL(SECCOMP_ARCHITECTURE, 1, 0),
    REFUSE,
    SECCOMP_LOAD_CALL,
};

static HOT_TABLE const struct seccomp_step tail[] = {
    SECCOMP_IF_EQUAL(SYS_ioctl, 0, 5),
    SECCOMP_LOAD_ARGUMENT(1),
    SECCOMP_IF_EQUAL(TIOCGPGRP, 1, 0),
    SECCOMP_IF_EQUAL(TIOCSPGRP, 0, 1),
    SECCOMP_ALLOW,
    REFUSE,
    SECCOMP_IF_EQUAL(SYS_prctl, 0, 4),
    SECCOMP_LOAD_ARGUMENT(0),
    SECCOMP_IF_EQUAL(PR_SET_NAME, 0, 1),
    SECCOMP_ALLOW,
    REFUSE,
    SECCOMP_IF_EQUAL(SYS_openat, 0, 2),
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_ANY(WRITING, 0, 1),
    REFUSE,
    SECCOMP_ALLOW,
};

enum {
    REPORT = 6, /* calls of --exit-report */
    ALLOWED = sizeof allowed / sizeof allowed[0],
    HEAD = sizeof head / sizeof head[0],
    TAIL = sizeof tail / sizeof tail[0],
};

static HOT bool filter_calls(const struct init_conf *conf)
{
    struct seccomp_step filter[HEAD + ALLOWED + TAIL];
    const struct seccomp_parts parts = { head, HEAD, allowed, ALLOWED - (conf->exit_report ? 0 : REPORT), tail, TAIL };

    return seccomp_install(seccomp_build(filter, &parts), HEAD + parts.call_count + TAIL);
}

#else

static bool filter_calls(const struct init_conf *conf)
{
    (void)conf;
    errno = ENOSYS;
    return false;
}

#endif

/* The segment of code that plain runs do without (tools/static.ld). Not defined where another linker script is used. */
extern const char rest_start[] __attribute__((weak)), rest_end[] __attribute__((weak));

HOT void confine_memory(void)
{
    uintptr_t page = 4096, start = (uintptr_t)rest_start & ~(page - 1); /* where pages are larger, madvise(2) refuses */

    if (option_applied())
        syscall(SYS_madvise, start, (uintptr_t)rest_end - start, MADV_DONTNEED);
}

HOT void confine(const struct init_conf *conf)
{
    if (conf->has_user)
        drop_capabilities(conf);
    confine_memory();
    if (!conf->watch_target && !filter_calls(conf))
        tell(conf, "system calls");
}
