/* show [ARG...]: prints what it was started with: arguments, environment, ids, descriptors, signals. */
#include "say.h"

#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

extern char **environ;

/* The kernel's own structure, since musl refuses 32 to 34. */
static uint64_t ignored(void)
{
    uint64_t mask = 0;

    for (int signal = 1; signal <= 64; signal++) {
        struct {
            void (*handler)(int);
            unsigned long rest[7];
        } action = { 0 };
        if (syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof mask) == 0 && action.handler == SIG_IGN)
            mask |= UINT64_C(1) << (signal - 1);
    }
    return mask;
}

static void show_ids(void)
{
    uid_t ruid, euid, suid;
    gid_t rgid, egid, sgid, groups[64];
    char line[1024] = "";

    getresuid(&ruid, &euid, &suid);
    getresgid(&rgid, &egid, &sgid);
    say("uid %u %u %u", ruid, euid, suid);
    say("gid %u %u %u", rgid, egid, sgid);
    int n = getgroups(64, groups);
    for (int i = 0; i < n; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), " %u", groups[i]);
    say("groups%s.", line);
    say("no_new_privs %d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
}

static void show_descriptors(void)
{
    char line[1024] = "";

    for (int fd = 0; fd < 256; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            snprintf(line + strlen(line), sizeof line - strlen(line), " %d", fd);
    say("fds%s.", line);
}

int main(int argc, char *argv[])
{
    uint64_t blocked = 0;

    /* with stdout closed nothing is to be seen but the status */
    if (fcntl(STDOUT_FILENO, F_GETFD) < 0)
        return 42;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, sizeof blocked);
    say("blocked %016" PRIx64, blocked);
    say("ignored %016" PRIx64, ignored());
    say("pid %d ppid %d pgrp %d sid %d", getpid(), getppid(), getpgrp(), getsid(0));
    say("foreground %d", tcgetpgrp(STDIN_FILENO));
    show_ids();
    show_descriptors();
    for (int i = 0; i < argc; i++)
        say("argument %d [%s]", i, argv[i]);
    for (char **entry = environ; *entry; entry++)
        say("variable [%s]", *entry);
    say("shown");
    return 0;
}
