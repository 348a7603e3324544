/* Finds and signals what is left of COMMAND, without a heap. */
#include "init/leftovers.h"

#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/pids.h"
#include "pith/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* A chain of parents is never that long. The bound is for a table of processes that changes while it is read. */
enum { DEPTH_MAX = 4096 };

/* Ticks of USER_HZ, which is 100 on every architecture that is built. */
#define NS_PER_TICK (NS_PER_S / 100)

/* False where there is no process PID. */
static bool look_up(int proc, pid_t pid, struct pid_stat *stat)
{
    char path[NUMBER_SIZE + 8], contents[512];
    struct text name = { path, sizeof path, 0 };

    text_format(&name, "%d/stat", pid);
    int file = (int)syscall(SYS_openat, proc, text_end(&name), O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t length = read_some(file, contents, sizeof contents);
    close(file);
    return length > 0 && pid_stat_parse(contents, (size_t)length, stat);
}

/* Whom a walk over /proc is about. */
struct walk {
    struct entries proc;
    pid_t self;
    pid_t group;
    int64_t told;
    int signal; /* 0: everybody was sent it already */
    bool refused;
};

/* Whether process PID, a child of PARENT, is one that COMMAND left behind. */
static bool is_left(const struct walk *walk, pid_t pid, int64_t parent)
{
    struct pid_stat stat;

    if (walk->self == 1)
        return pid != 1;
    for (int depth = 0; parent != walk->self; depth++) {
        if (parent <= 1 || depth == DEPTH_MAX || !look_up(walk->proc.folder, (pid_t)parent, &stat))
            return false;
        parent = stat.field[PID_PARENT];
    }
    return true;
}

/* False where init lacks the right to. */
static bool send(int handle, pid_t pid, int signal)
{
    return (handle >= 0 && (syscall(SYS_pidfd_send_signal, handle, signal, NULL, 0) == 0 || errno == ESRCH)) ||
           kill(pid, signal) == 0 || errno != EPERM;
}

/*
 * Looks at process PID and signals it where it is left. Whether it counts. The pidfd is opened before /proc is read: if
 * the PID is reused in between, the signal goes to the process that has gone, and so to nobody.
 */
static bool visit(struct walk *walk, pid_t pid)
{
    struct pid_stat stat;
    int handle = (int)syscall(SYS_pidfd_open, pid, 0);
    bool left = look_up(walk->proc.folder, pid, &stat) && is_left(walk, pid, stat.field[PID_PARENT]);

    if (left && walk->signal && !(stat.field[PID_GROUP] == walk->group && stat.field[PID_START] < walk->told))
        walk->refused |= !send(handle, pid, walk->signal) && stat.state != 'Z';
    if (left && walk->signal != SIGKILL && stat.state == 'T')
        send(handle, pid, SIGCONT);
    if (handle >= 0)
        close(handle);
    return left && stat.state != 'Z';
}

/* A /proc that shows this very process under its number is one of this PID namespace. */
static bool shows_self(int proc, pid_t self)
{
    char link[NUMBER_SIZE] = "";

    return syscall(SYS_readlinkat, proc, "self", link, sizeof link - 1) > 0 && number_parse(link, INT32_MAX) == self;
}

/* Where /proc shows none: the whole namespace, or the group while a child that is not reaped yet keeps its number. */
static int signal_unseen(pid_t self, pid_t group, int signal)
{
    siginfo_t info;
    pid_t whom = self == 1 ? -1 : -group;

    if ((self != 1 && waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) != 0) || kill(whom, signal) != 0)
        return 0;
    if (signal != SIGKILL)
        kill(whom, SIGCONT);
    return LEFTOVERS_UNCOUNTED;
}

/*
 * Walks over /proc. As PID 1, where nobody is left out, one kill(-1) reaches all at once, so that no process can fork
 * between two signals. KILL is sent after the walk, which counts whom it will end. A /proc that shows init alone may
 * hide the others (hidepid).
 */
static int signal_seen(struct walk *walk)
{
    bool all = walk->self == 1 && walk->told == 0, hidden = true;
    int signal = walk->signal, count = 0;
    pid_t pid;

    if (all && signal != SIGKILL) {
        kill(-1, signal);
        walk->signal = 0;
    }
    walk->proc.at = walk->proc.length = 0;
    while ((pid = pids_next(&walk->proc))) {
        hidden &= pid == walk->self;
        count += visit(walk, pid);
    }
    if (all && signal == SIGKILL)
        kill(-1, signal);
    return hidden ? signal_unseen(walk->self, walk->group, walk->signal) : count;
}

int leftovers_signal(pid_t self, pid_t group, int64_t told, int signal, bool *refused)
{
    struct walk walk;
    int count;

    walk.self = self;
    walk.group = group;
    walk.told = told;
    walk.signal = signal;
    walk.refused = false;
    walk.proc.folder = file_open("/proc", O_RDONLY | O_DIRECTORY, 0);
    count = shows_self(walk.proc.folder, self) ? signal_seen(&walk) : signal_unseen(self, group, signal);
    if (walk.proc.folder >= 0)
        close(walk.proc.folder);
    *refused = walk.refused;
    return count;
}

int64_t leftovers_clock(void)
{
    return time_since_boot() / NS_PER_TICK + 1;
}

bool leftovers_in_namespace(void)
{
    return kill(-1, 0) == 0;
}
