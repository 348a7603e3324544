/* The system calls that a probe is made of, a filter that refuses all others, and what else there is to give up. */
#include "healthcheck/sandbox.h"

#include "pith/call.h"
#include "pith/cold.h"
#include "pith/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A sanitizer's own calls are not foreseen here. */
#ifdef SECCOMP_ARCHITECTURE

/* What an oversight would make a probe fail with; what nothing in here could ever call ends it. */
#define REFUSE SECCOMP_FAIL(EPERM)

/* Each is passed over where it is another call than what was loaded, and else ends the filter. */
#define ALLOW(call) SECCOMP_IF_EQUAL(call, 0, 1), SECCOMP_ALLOW
#define KILL(call)  SECCOMP_IF_EQUAL(call, 0, 1), SECCOMP_KILL
#define ALLOW_IF_NONE(call, argument, bits)                                                                            \
    SECCOMP_IF_EQUAL(call, 0, 4), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_ANY(bits, 1, 0), SECCOMP_ALLOW, REFUSE
#define ALLOW_IF_ANY(call, argument, bits)                                                                             \
    SECCOMP_IF_EQUAL(call, 0, 4), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_ANY(bits, 0, 1), SECCOMP_ALLOW, REFUSE
#define ALLOW_IF_EQUAL(call, argument, value)                                                                          \
    SECCOMP_IF_EQUAL(call, 0, 4), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_EQUAL(value, 0, 1), SECCOMP_ALLOW, REFUSE

/* For open(2): O_TMPFILE and O_APPEND are nothing without one of these. */
enum { WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };

#ifdef __s390x__
enum { CLONE_FLAGS = 1 }; /* clone(2): its first two arguments are the other way round */
#else
enum { CLONE_FLAGS = 0 };
#endif

enum { NETLINK_ROUTE = 0, SOCKET_TYPE = 0xf };

static const struct seccomp_step filter[] = {
    SECCOMP_UNFORESEEN,
    SECCOMP_LOAD_ARCHITECTURE,
    SECCOMP_IF_EQUAL(SECCOMP_ARCHITECTURE, 1, 0),
    SECCOMP_KILL,
    SECCOMP_LOAD_CALL,

    /* descriptors */
    ALLOW(SYS_read),
    ALLOW(SYS_write),
    ALLOW(SYS_pwritev2),
    ALLOW(SYS_readv), /* libc's stdio */
    ALLOW(SYS_close),
    ALLOW(SYS_pread64),
    ALLOW(SYS_lseek),
    ALLOW(SYS_fcntl),
    ALLOW(SYS_eventfd2),
#ifdef SYS_fcntl64
    ALLOW(SYS_fcntl64),
#endif
#ifdef SYS__llseek
    ALLOW(SYS__llseek),
#endif
#ifdef SYS_poll
    ALLOW(SYS_poll),
#endif
    ALLOW(SYS_ppoll),
#ifdef SYS_ppoll_time64
    ALLOW(SYS_ppoll_time64),
#endif

    /* sockets */
    ALLOW(SYS_connect),
    ALLOW(SYS_sendto),
    ALLOW(SYS_recvfrom),
    ALLOW(SYS_sendmsg),
    ALLOW(SYS_recvmsg),
#ifdef SYS_send
    ALLOW(SYS_send),
#endif
#ifdef SYS_recv
    ALLOW(SYS_recv),
#endif
    ALLOW(SYS_bind), /* libc's resolver */
    ALLOW(SYS_getsockname),
    ALLOW(SYS_setsockopt),
    ALLOW_IF_EQUAL(SYS_ioctl, 1, SIOCGIFINDEX),
    SECCOMP_IF_EQUAL(SYS_socket, 0, 12),
    SECCOMP_LOAD_ARGUMENT(0),
    SECCOMP_IF_EQUAL(AF_INET, 5, 0),
    SECCOMP_IF_EQUAL(AF_INET6, 4, 0),
    SECCOMP_IF_EQUAL(AF_UNIX, 3, 0),
    SECCOMP_IF_EQUAL(AF_NETLINK, 0, 6), /* own.c */
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_EQUAL(NETLINK_ROUTE, 3, 4),
    SECCOMP_LOAD_ARGUMENT(1),
    SECCOMP_MASK(SOCKET_TYPE),
    SECCOMP_IF_MORE(SOCK_DGRAM, 1, 0), /* no raw ones */
    SECCOMP_ALLOW,
    REFUSE,

/* files: only to read */
#ifdef SYS_open
    ALLOW_IF_NONE(SYS_open, 1, WRITING),
#endif
    ALLOW_IF_NONE(SYS_openat, 2, WRITING),
#ifdef SYS_stat
    ALLOW(SYS_stat),
#endif
#ifdef SYS_stat64
    ALLOW(SYS_stat64),
    ALLOW(SYS_fstatat64),
#endif
#ifdef SYS_newfstatat
    ALLOW(SYS_newfstatat),
#endif
#ifdef SYS_statx
    ALLOW(SYS_statx),
#endif
#ifdef SYS_access
    ALLOW(SYS_access),
#endif
    ALLOW(SYS_faccessat),
#ifdef SYS_readlink
    ALLOW(SYS_readlink),
#endif
    ALLOW(SYS_readlinkat),
    ALLOW(SYS_getdents64),

    /* memory */
    ALLOW(SYS_brk),
    ALLOW(SYS_munmap),
    ALLOW(SYS_mremap),
    ALLOW(SYS_madvise),
    ALLOW_IF_NONE(SYS_mprotect, 2, PROT_EXEC),
#ifdef SYS_mmap2
    ALLOW_IF_NONE(SYS_mmap2, 2, PROT_EXEC),
#elif defined(__s390x__)
    ALLOW(SYS_mmap), /* its arguments are in memory */
#else
    ALLOW_IF_NONE(SYS_mmap, 2, PROT_EXEC),
#endif

    /* threads, signals, time, chance */
    ALLOW_IF_ANY(SYS_clone, CLONE_FLAGS, CLONE_THREAD),
#ifdef SYS_clone3
    SECCOMP_IF_EQUAL(SYS_clone3, 0, 1),
    SECCOMP_FAIL(ENOSYS), /* its flags are in memory */
#endif
    ALLOW(SYS_futex),
#ifdef SYS_futex_time64
    ALLOW(SYS_futex_time64),
#endif
    ALLOW(SYS_exit),
    ALLOW(SYS_exit_group),
    ALLOW(SYS_rt_sigaction),
    ALLOW(SYS_rt_sigprocmask),
    ALLOW(SYS_restart_syscall),
#ifdef SYS_clock_gettime
    ALLOW(SYS_clock_gettime),
    ALLOW(SYS_clock_nanosleep),
#else
    ALLOW(SYS_clock_gettime32),
    ALLOW(SYS_clock_nanosleep_time32),
#endif
#ifdef SYS_clock_gettime64
    ALLOW(SYS_clock_gettime64),
    ALLOW(SYS_clock_nanosleep_time64),
#endif
    ALLOW(SYS_getrandom),

    /* who it is */
    ALLOW(SYS_getpid),
    ALLOW(SYS_geteuid),
#ifdef SYS_geteuid32
    ALLOW(SYS_geteuid32),
#endif

    /* sandbox_seal */
    ALLOW(SYS_landlock_create_ruleset),
    ALLOW(SYS_landlock_restrict_self),

    KILL(SYS_execve),
    KILL(SYS_execveat),
    KILL(SYS_ptrace),
    KILL(SYS_listen),
    REFUSE,
};

COLD void sandbox_enter(void)
{
    seccomp_install(filter, sizeof filter / sizeof filter[0]);
}

/* struct landlock_ruleset_attr: every access to files, by TCP and out of this domain that a kernel knows to refuse. */
static const uint64_t everything[][3] = {
    { 0xffff, 3, 3 }, /* Linux 6.12 */
    { 0x7fff, 3, 0 }, /* 6.7 */
    { 0x7fff, 0, 0 }, /* 6.2 */
    { 0x1fff, 0, 0 }, /* 5.13 */
};

COLD void sandbox_seal(void)
{
    int ruleset = -1;

    for (size_t i = 0; i < sizeof everything / sizeof everything[0] && ruleset < 0; i++)
        ruleset = CALL(SYS_landlock_create_ruleset, everything[i], sizeof everything[i], 0, 0);
    if (ruleset < 0 || CALL(SYS_landlock_restrict_self, ruleset, 0, 0, 0) == 0 || errno != EPERM)
        return;
    syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    syscall(SYS_landlock_restrict_self, ruleset, 0);
}

#else

COLD void sandbox_enter(void)
{
}

COLD void sandbox_seal(void)
{
}

#endif
