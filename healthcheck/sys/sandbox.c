/*
 * Gives up what a probe does not need, so that a server that takes it over gains little.
 *
 * The filter is a list of the system calls that a probe is made of. Most are allowed whatever their arguments are
 * (`allowed`); calls that can also do what no probe needs are judged by their arguments (`tail`). A call that is
 * missing in the list fails with EPERM, so that an oversight is an unhealthy probe that says why. A few calls that only
 * an intruder would make end the process. include/pith/seccomp.h explains the steps.
 */
#include "healthcheck/sys/sandbox.h"

#include "healthcheck/sys/mark.h"
#include "pith/call.h"
#include "pith/layout.h"
#include "pith/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Not where a sanitizer makes calls of its own. */
#ifdef SECCOMP_ARCHITECTURE

/* The verdict on a call that is not listed. */
#define REFUSE SECCOMP_FAIL(EPERM)

/*
 * Each of these judges one call, and ends the filter for it. Where the loaded number is another call's, all of its
 * steps are skipped. ARGUMENT counts from 0.
 */
#define KILL(call) SECCOMP_IF_EQUAL(call, 0, 1), SECCOMP_KILL
#define ALLOW_IF_NONE(call, argument, bits)                                                                            \
    SECCOMP_IF_EQUAL(call, 0, 4), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_ANY(bits, 1, 0), SECCOMP_ALLOW, REFUSE
#define ALLOW_IF_ANY(call, argument, bits)                                                                             \
    SECCOMP_IF_EQUAL(call, 0, 4), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_ANY(bits, 0, 1), SECCOMP_ALLOW, REFUSE
#define ALLOW_IF_EQUAL(call, argument, value)                                                                          \
    SECCOMP_IF_EQUAL(call, 0, 4), SECCOMP_LOAD_ARGUMENT(argument), SECCOMP_IF_EQUAL(value, 0, 1), SECCOMP_ALLOW, REFUSE

/* Flags of open(2). O_TMPFILE and O_APPEND need one of these to have an effect. */
enum { WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };

#ifdef __s390x__
enum { CLONE_FLAGS = 1 }; /* here the first two arguments of clone(2) are swapped */
#else
enum { CLONE_FLAGS = 0 };
#endif

enum { SOCKET_TYPE = 0xf }; /* the bits of socket(2)'s second argument that are no flags */

/* The option that libc falls back to where a 32-bit kernel is older than 5.1. */
#if __SIZEOF_LONG__ == 4
enum { OLD_SNDTIMEO = 21 };
#else
enum { OLD_SNDTIMEO = SO_SNDTIMEO };
#endif

/* The calls that are allowed whatever their arguments are. */
static const uint16_t allowed[] = {
    /* descriptors */
    SYS_read,
    SYS_write,
    SYS_pwritev2,
    SYS_readv, /* by libc's stdio */
    SYS_close,
    SYS_pread64,
    SYS_lseek,
    SYS_eventfd2,
#ifdef SYS__llseek
    SYS__llseek,
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll,
#ifdef SYS_ppoll_time64
    SYS_ppoll_time64,
#endif

    /* sockets */
    SYS_connect,
    SYS_recvfrom,
    SYS_recvmsg,
#ifdef SYS_recv
    SYS_recv,
#endif
    SYS_getsockname,

/* files */
#ifdef SYS_stat
    SYS_stat,
#endif
#ifdef SYS_stat64
    SYS_stat64,
    SYS_fstatat64,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_statx
    SYS_statx,
#endif
#ifdef SYS_access
    SYS_access,
#endif
    SYS_faccessat,
#ifdef SYS_readlink
    SYS_readlink,
#endif
    SYS_readlinkat,
    SYS_getdents64,

    /* memory */
    SYS_brk,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
#ifdef __s390x__
    SYS_mmap, /* its arguments are in memory */
#endif

    /* threads, signals, time, random numbers */
    SYS_futex,
#ifdef SYS_futex_time64
    SYS_futex_time64,
#endif
    SYS_exit,
    SYS_exit_group,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_restart_syscall,
#ifdef SYS_clock_gettime
    SYS_clock_gettime,
    SYS_clock_nanosleep,
#else
    SYS_clock_gettime32,
    SYS_clock_nanosleep_time32,
#endif
#ifdef SYS_clock_gettime64
    SYS_clock_gettime64,
    SYS_clock_nanosleep_time64,
#endif
    SYS_getrandom,

    /* user and groups of this process */
    SYS_getpid,
    SYS_geteuid,
    SYS_getegid,
    SYS_getgroups,
#ifdef SYS_geteuid32
    SYS_geteuid32,
    SYS_getegid32,
    SYS_getgroups32,
#endif
    SYS_capget,
    SYS_getxattr, /* of a file: its access control list */

    /* sandbox_seal */
    SYS_landlock_create_ruleset,
    SYS_landlock_restrict_self,
};

static const struct seccomp_step head[] = {
    SECCOMP_UNFORESEEN,
    SECCOMP_LOAD_ARCHITECTURE,
    SECCOMP_IF_EQUAL(SECCOMP_ARCHITECTURE, 1, 0),
    SECCOMP_KILL,
    SECCOMP_LOAD_CALL,
    /* the rest is for a probe that leaves a mark: an empty file, which it does not open */
    ALLOW_IF_EQUAL(SYS_mknodat, 2, MARK_MODE),
};

static const struct seccomp_step tail[] = {
/* fcntl(2): no signals to others (F_SETOWN, O_ASYNC), no leases, no locks */
#ifdef SYS_fcntl64
    SECCOMP_IF_EQUAL(SYS_fcntl64, 1, 0),
#endif
    SECCOMP_IF_EQUAL(SYS_fcntl, 0, 8),
    SECCOMP_LOAD_ARGUMENT(1),
    SECCOMP_IF_EQUAL(F_DUPFD_CLOEXEC, 4, 0),
    SECCOMP_IF_EQUAL(F_SETFD, 3, 0),
    SECCOMP_IF_EQUAL(F_SETFL, 0, 3),
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_ANY(~(unsigned)O_NONBLOCK, 1, 0),
    SECCOMP_ALLOW,
    REFUSE,

    /*
     * socket(2): no raw sockets, and no protocols but TCP and UDP. Landlock does not know others, such as Multipath
     * TCP, and would let them connect.
     */
    SECCOMP_IF_EQUAL(SYS_socket, 0, 13),
    SECCOMP_LOAD_ARGUMENT(0),
    SECCOMP_IF_EQUAL(AF_INET, 3, 0),
    SECCOMP_IF_EQUAL(AF_INET6, 2, 0),
    SECCOMP_IF_EQUAL(AF_UNIX, 1, 0),
    SECCOMP_IF_EQUAL(AF_NETLINK, 3, 7), /* for delivery.c */
    SECCOMP_LOAD_ARGUMENT(1),
    SECCOMP_MASK(SOCKET_TYPE),
    SECCOMP_IF_MORE(SOCK_DGRAM, 4, 0),
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_EQUAL(0, 1, 0), /* the default protocol, or NETLINK_ROUTE */
    SECCOMP_IF_EQUAL(IPPROTO_UDP, 0, 1),
    SECCOMP_ALLOW,
    REFUSE,

    SECCOMP_IF_EQUAL(SYS_setsockopt, 0, 14),
    SECCOMP_LOAD_ARGUMENT(1),
    SECCOMP_IF_EQUAL(SOL_SOCKET, 0, 4),
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_EQUAL(SO_BINDTOIFINDEX, 8, 0),
    SECCOMP_IF_EQUAL(SO_SNDTIMEO, 7, 0),
    SECCOMP_IF_EQUAL(OLD_SNDTIMEO, 6, 7),
    SECCOMP_IF_EQUAL(IPPROTO_TCP, 0, 2),
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_EQUAL(TCP_NODELAY, 3, 4),
    SECCOMP_IF_EQUAL(IPPROTO_IPV6, 0, 3),
    SECCOMP_LOAD_ARGUMENT(2),
    SECCOMP_IF_EQUAL(IPV6_V6ONLY, 0, 1), /* by libc's resolver */
    SECCOMP_ALLOW,
    REFUSE,

    /* with MSG_FASTOPEN sending connects, which Landlock does not see */
    ALLOW_IF_NONE(SYS_sendto, 3, MSG_FASTOPEN),
    ALLOW_IF_NONE(SYS_sendmsg, 2, MSG_FASTOPEN),
#ifdef SYS_send
    ALLOW_IF_NONE(SYS_send, 3, MSG_FASTOPEN),
#endif
    ALLOW_IF_EQUAL(SYS_ioctl, 1, SIOCGIFINDEX),

/* files: for reading only */
#ifdef SYS_open
    ALLOW_IF_NONE(SYS_open, 1, WRITING),
#endif
    ALLOW_IF_NONE(SYS_openat, 2, WRITING),

    /* memory: none that can be executed */
    ALLOW_IF_NONE(SYS_mprotect, 2, PROT_EXEC),
#ifdef SYS_mmap2
    ALLOW_IF_NONE(SYS_mmap2, 2, PROT_EXEC),
#elif !defined __s390x__
    ALLOW_IF_NONE(SYS_mmap, 2, PROT_EXEC),
#endif

    /* threads, but no processes */
    ALLOW_IF_ANY(SYS_clone, CLONE_FLAGS, CLONE_THREAD),
#ifdef SYS_clone3
    SECCOMP_IF_EQUAL(SYS_clone3, 0, 1),
    SECCOMP_FAIL(ENOSYS), /* its flags are in memory, where no filter looks: libc then uses clone(2) */
#endif

    KILL(SYS_execve),
    KILL(SYS_execveat),
    KILL(SYS_ptrace),
    KILL(SYS_listen),
    REFUSE,
    SECCOMP_ALLOW,
};

enum {
    ALLOWED = sizeof allowed / sizeof allowed[0],
    HEAD = sizeof head / sizeof head[0],
    HEAD_WITHOUT_MARKS = 5,
    TAIL = sizeof tail / sizeof tail[0],
};

_Static_assert(ALLOWED + TAIL <= 257, "the length of a jump from the first call to the last step fits into a byte");

COLD void sandbox_enter(bool marks)
{
    const struct seccomp_parts parts = { head, marks ? HEAD : HEAD_WITHOUT_MARKS, allowed, ALLOWED, tail, TAIL };
    struct seccomp_step filter[HEAD + ALLOWED + TAIL];

    seccomp_install(seccomp_build(filter, &parts), parts.head_count + ALLOWED + TAIL);
}

/*
 * What Landlock is to refuse (struct landlock_ruleset_attr): access to files, TCP ports, and processes outside. A
 * kernel does not know the bits of later versions, so the largest set that it takes is searched from the top.
 */
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

COLD void sandbox_enter(bool marks)
{
    (void)marks;
}

COLD void sandbox_seal(void)
{
}

#endif
