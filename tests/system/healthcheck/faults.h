/* The system calls that healthcheck makes: test_faults has them fail, test_calls holds that there are no others. */
#ifndef TESTS_HEALTHCHECK_FAULTS_H
#define TESTS_HEALTHCHECK_FAULTS_H

#include "support/calls.h"

struct call {
    const char *name;
    int number;
};

#define CALL(name)                                                                                                     \
    {                                                                                                                  \
#name, SYS_##name                                                                                              \
    }

/* A probe cannot do without these: status 1 with one line, or where that cannot be written, without. */
static const struct call needed[] = {
    CALL(socket), CALL(connect), CALL(sendto), CALL(recvfrom), CALL(clock_gettime),
};

/* These cost a feature, not the verdict; either way there is an end in time. */
static const struct call optional[] = {
    CALL(rt_sigaction), CALL(rt_sigprocmask),
    CALL(mmap),         CALL(mprotect),
    CALL(futex),        CALL(clone),
    CALL(brk),          CALL(munmap),
    CALL(madvise),      CALL(open),
    CALL(openat),       CALL(fcntl),
    CALL(eventfd2),     CALL(setsockopt),
    CALL(setitimer),    CALL(access),
    CALL(read),         CALL(close),
    CALL(getsockname),  CALL(write),
    CALL(pwritev2),     CALL(clock_nanosleep),
    CALL(poll),         CALL(ppoll),
    CALL(lseek),        CALL(readlinkat),
};

/* By these it gives up what it does not need: no verdict depends on them. */
static const struct call confining[] = {
    CALL(prctl),
    CALL(seccomp),
    CALL(landlock_create_ruleset),
    CALL(landlock_restrict_self),
};

/* By these it knows what it judges: nothing is healthy unseen. */
static const struct call telling[] = {
    CALL(getdents64), CALL(stat), CALL(newfstatat), CALL(getrandom), CALL(pread64), CALL(ioctl),
};

/* By these it knows whether a list of other hosts is to be trusted (test_gate): none counts without. */
static const struct call trusting[] = { CALL(stat),    CALL(access),    CALL(readlink), CALL(geteuid),
                                        CALL(getegid), CALL(getgroups), CALL(capget),   CALL(getxattr) };

/* By these --hold knows of the last run: without one of them, nobody stays. */
static const struct call remembering[] = {
    CALL(openat), CALL(read), CALL(readlink), CALL(statx), CALL(getdents64), CALL(unlinkat), CALL(mknodat),
};

/* Of COMMAND (test_wait); of --install, which is init's as well (its test_faults); and what cannot fail. */
static const struct call other_calls[] = {
    CALL(execve),     CALL(renameat),        CALL(unlinkat), CALL(umask),
    CALL(getpid),     CALL(set_tid_address), CALL(exit),     CALL(exit_group),
#ifdef SYS_arch_prctl
    CALL(arch_prctl),
#endif
};

#endif
