/* Installs filters of system calls. */
#include "pith/seccomp.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    SET_FILTER = 1, /* SECCOMP_SET_MODE_FILTER */
    FAST = 4,       /* SECCOMP_FILTER_FLAG_SPEC_ALLOW: before 5.16 the kernel slows a process with a filter otherwise */
};

bool seccomp_install(const struct seccomp_step *steps, size_t count)
{
    const struct {
        unsigned short count;
        const struct seccomp_step *steps;
    } program = { (unsigned short)count, steps }; /* struct sock_fprog */

    return syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(SYS_seccomp, SET_FILTER, FAST, &program) == 0;
}
