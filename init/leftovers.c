/* Finds and signals what is left of COMMAND, without a heap. */
#include "leftovers.h"

#include "pith/file.h"
#include "pith/pids.h"
#include "pith/text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Deeper than any chain of parents: a bound against a table that changes while it is read. */
enum { DEPTH_MAX = 4096 };

/* What stands between the name of a process and the number of its parent: " S ". */
enum { AFTER_NAME = 3 };

/* The parent of PID as /proc/PID/stat has it, 0 where there is no such process. */
static pid_t parent_of(int proc, pid_t pid)
{
    char path[NUMBER_SIZE + 8], stat[512] = "";
    struct text name = { path, sizeof path, 0 };
    pid_t parent = 0;

    text_number(&name, (uint64_t)pid);
    text_string(&name, "/stat");
    int file = (int)syscall(SYS_openat, proc, text_end(&name), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return 0;
    ssize_t at = read(file, stat, sizeof stat - AFTER_NAME - 1);
    close(file);
    /* "PID (NAME) STATE PPID ...": the name may hold anything, also a parenthesis */
    while (at > 0 && stat[at - 1] != ')')
        at--;
    if (at <= 0)
        return 0;
    for (at += AFTER_NAME; stat[at] >= '0' && stat[at] <= '9'; at++)
        parent = parent * 10 + (stat[at] - '0');
    return parent;
}

static bool descends(int proc, pid_t pid, pid_t ancestor)
{
    for (int depth = 0; pid > 1 && depth < DEPTH_MAX; depth++) {
        pid = parent_of(proc, pid);
        if (pid == ancestor)
            return true;
    }
    return false;
}

/* The handle comes before the look: if the number passes to a stranger in between, the signal goes to nobody. */
static void signal_descendant(int proc, pid_t pid, pid_t self, int signal)
{
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);

    if (descends(proc, pid, self) &&
        (handle < 0 || (syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0) != 0 && errno != ESRCH)))
        kill(pid, signal);
    if (handle >= 0)
        close(handle);
}

static void signal_descendants(int proc, pid_t self, int signal)
{
    struct pids pids;
    pid_t pid;

    pids.proc = proc;
    pids.at = pids.length = 0;
    while ((pid = pids_next(&pids)))
        signal_descendant(proc, pid, self, signal);
}

/* A /proc that shows this very process under its number is one of this PID namespace. */
static bool shows_self(int proc, pid_t self)
{
    char link[NUMBER_SIZE] = "";

    return syscall(SYS_readlinkat, proc, "self", link, sizeof link - 1) > 0 && number_parse(link, INT32_MAX) == self;
}

bool leftovers_signal(bool pid1, pid_t group, int signal)
{
    pid_t self = getpid();
    siginfo_t info;

    if (pid1) {
        kill(-1, signal);
        return true;
    }
    int proc = file_open("/proc", O_RDONLY | O_DIRECTORY, 0);
    bool found = proc >= 0 && shows_self(proc, self);
    if (found)
        signal_descendants(proc, self, signal);
    /* a child that is not reaped yet keeps the group's number from being given away */
    else if (waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
        kill(-group, signal);
    if (proc >= 0)
        close(proc);
    return found;
}

bool leftovers_in_namespace(void)
{
    return kill(-1, 0) == 0;
}
