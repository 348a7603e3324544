/* Builds and installs filters of system calls. */
#include "pith/seccomp.h"

#include "pith/layout.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SET_FILTER = 1, /* SECCOMP_SET_MODE_FILTER */
    FAST = 4,       /* SECCOMP_FILTER_FLAG_SPEC_ALLOW: without it a kernel before 5.16 slows down who has a filter */
};

HOT const struct seccomp_step *seccomp_build(struct seccomp_step *filter, const struct seccomp_parts *parts)
{
    struct seccomp_step *at = filter + parts->head_count;
    size_t behind =
        parts->call_count + parts->tail_count - 2; /* steps to jump over, from the first call to the last step */

    memcpy(filter, parts->head, parts->head_count * sizeof *filter);
    for (size_t i = 0; i < parts->call_count; i++)
        *at++ = (struct seccomp_step)SECCOMP_IF_EQUAL(parts->calls[i], (uint8_t)(behind - i), 0);
    memcpy(at, parts->tail, parts->tail_count * sizeof *filter);
    return filter;
}

/* A kernel that does not know the flag fails with EINVAL, as gVisor does: then once more without it. */
bool seccomp_install(const struct seccomp_step *steps, size_t count)
{
    const struct {
        unsigned short count;
        const struct seccomp_step *steps;
    } program = { (unsigned short)count, steps }; /* struct sock_fprog */

    return syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           (syscall(SYS_seccomp, SET_FILTER, FAST, &program) == 0 ||
            (errno == EINVAL && syscall(SYS_seccomp, SET_FILTER, 0, &program) == 0));
}
