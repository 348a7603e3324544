/* Drops capabilities (capabilities(7)), and filters init's system calls (seccomp(2)). */
#include "confine.h"

#include "pith/diag.h"
#include "pith/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tell(const struct init_conf *conf, const char *what)
{
    if (conf->verbosity >= 1)
        diag("cannot give up ", what, ": ", DIAG_ERRNO, NULL);
}

/* The kernel's interface, whose headers are no part of a C library. */
enum { CAP_DAC_OVERRIDE = 1, CAP_KILL = 5, CAP_SETGID = 6, CAP_SETUID = 7 };

struct capabilities {
    uint32_t effective;
    uint32_t permitted;
    uint32_t inheritable;
};

static void drop_capabilities(const struct init_conf *conf)
{
    struct {
        uint32_t version;
        int pid;
    } self = { 0x20080522, 0 };
    struct capabilities sets[2] = { 0 }; /* 0 to 31, 32 to 63 */
    uint32_t needed = 1U << CAP_KILL;

    if (conf->exit_report) /* the file and its folder may be another's */
        needed |= 1U << CAP_DAC_OVERRIDE;
    if (conf->watch_target) /* probes run as COMMAND's user */
        needed |= 1U << CAP_SETGID | 1U << CAP_SETUID;
    bool done = syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_capget, &self, sets) == 0;
    needed &= sets[0].permitted;
    sets[0] = (struct capabilities){ needed, needed, 0 };
    sets[1] = (struct capabilities){ 0 };
    if (!done || syscall(SYS_capset, &self, sets) != 0)
        tell(conf, "capabilities");
}

#ifdef SECCOMP_ARCHITECTURE

/* A filter must never end init, and with it the container. */
#define REFUSE SECCOMP_FAIL(EPERM)

/* Each is passed over where it is another call than what was loaded. */
#define ALLOW(call) SECCOMP_IF_EQUAL(call, 0, 1), SECCOMP_ALLOW
#define NO_WRITING(call, argument)                                                                                     \
    SECCOMP_LOAD_CALL, SECCOMP_IF_EQUAL(call, 0, 3), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_ANY(WRITING, 0, 1),   \
        REFUSE

enum { WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC, NO_WRITING_STEPS = 6 };

static const struct seccomp_step filter[] = {
    /* left out with --exit-report */
    SECCOMP_UNFORESEEN,
    NO_WRITING(SYS_openat, 2),

    SECCOMP_UNFORESEEN,
    SECCOMP_LOAD_ARCHITECTURE,
    SECCOMP_IF_EQUAL(SECCOMP_ARCHITECTURE, 1, 0),
    REFUSE,
    SECCOMP_LOAD_CALL,

/* signals, children, time */
#ifdef SYS_rt_sigtimedwait_time64
    ALLOW(SYS_rt_sigtimedwait_time64),
    ALLOW(SYS_clock_gettime64),
#endif
#ifdef SYS_clock_gettime
    ALLOW(SYS_clock_gettime),
#else
    ALLOW(SYS_clock_gettime32),
#endif
    ALLOW(SYS_rt_sigtimedwait),
    ALLOW(SYS_wait4),
    ALLOW(SYS_waitid),
    ALLOW(SYS_kill),
    ALLOW(SYS_rt_sigqueueinfo),
    ALLOW(SYS_pidfd_open),
    ALLOW(SYS_pidfd_send_signal),
    ALLOW(SYS_restart_syscall),

    /* messages, the terminal, the name */
    ALLOW(SYS_write),
#ifdef SYS_poll
    ALLOW(SYS_poll),
#else
    ALLOW(SYS_ppoll),
#endif
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

    /* /proc */
    ALLOW(SYS_openat),
    ALLOW(SYS_read),
    ALLOW(SYS_getdents64),
    ALLOW(SYS_readlinkat),
    ALLOW(SYS_close),

    /* itself */
    ALLOW(SYS_getpid),
    ALLOW(SYS_getpgid),
    ALLOW(SYS_exit_group),
    ALLOW(SYS_exit),
    REFUSE,
};

static bool filter_calls(const struct init_conf *conf)
{
    size_t skipped = conf->exit_report ? NO_WRITING_STEPS : 0;

    return seccomp_install(filter + skipped, sizeof filter / sizeof filter[0] - skipped);
}

#else

static bool filter_calls(const struct init_conf *conf)
{
    (void)conf;
    errno = ENOSYS;
    return false;
}

#endif

void confine(const struct init_conf *conf)
{
    if (conf->has_user)
        drop_capabilities(conf);
    if (!conf->watch_target && !filter_calls(conf))
        tell(conf, "system calls");
}
