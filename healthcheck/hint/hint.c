/* Reads what /proc and the cgroup say of this container, as long as there is time. */
#include "healthcheck/hint/hint.h"

#include "healthcheck/hint/facts.h"
#include "healthcheck/probes/kin.h"
#include "healthcheck/probes/sockets.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/signals.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/layout.h"
#include "pith/pids.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FILE_SIZE = 4096, LINK_SIZE = 64 };

static const int64_t most = 20 * NS_PER_MS, least = 5 * NS_PER_MS;

/* Where a fact is looked for, in version 1 and in version 2 of cgroups. */
struct place {
    const char *controller, *name1, *name2;
};

struct look {
    int64_t until;      /* CLOCK_MONOTONIC, ns */
    int proc;           /* a descriptor of /proc */
    struct span cgroup; /* /proc/self/cgroup, in `own` */
    struct span file;   /* what was read last, in `bytes` */
    char own[FILE_SIZE], bytes[FILE_SIZE];
};

static bool no_time_left(const struct look *look)
{
    return time_now() > look->until;
}

/*
 * Reads the first bytes of the file at PATH into BYTES: the kernel gives them in one call. One that fails is not made
 * again, as there is little time. False with an empty *FILE.
 */
static bool read_start(const char *path, char bytes[FILE_SIZE], struct span *file)
{
    int fd = file_open(path, O_RDONLY | O_NONBLOCK, 0);
    ssize_t n = fd >= 0 ? read(fd, bytes, FILE_SIZE) : -1;

    if (fd >= 0)
        close(fd);
    *file = (struct span){ bytes, n > 0 ? (size_t)n : 0 };
    return n > 0;
}

/* --- cgroups ----------------------------------------------------------------------------------- */

/* Reads the file MOUNT/CONTROLLER/PATH/NAME. */
static bool read_at(struct look *look, const char *controller, struct span path, const char *name)
{
    char bytes[PATH_MAX];
    struct text full = { bytes, sizeof bytes, 0 };

    text_strings(&full, "/sys/fs/cgroup/", controller, "/", NULL);
    text_bytes(&full, path.at, path.length);
    text_strings(&full, "/", name, NULL);
    return full.length < full.size && read_start(text_end(&full), look->bytes, &look->file);
}

/*
 * Reads a file of this process's cgroup. /proc names the cgroup as the host does, but a container may have its own
 * cgroup as the root of the mount: both are tried.
 */
static bool read_cgroup(struct look *look, const struct place *place)
{
    const struct span root = { "", 0 };
    struct cgroup cgroup;

    if (no_time_left(look) || !fact_cgroup(look->cgroup, place->controller, &cgroup))
        return false;
    const char *folder = cgroup.unified ? "" : place->controller, *name = cgroup.unified ? place->name2 : place->name1;
    return read_at(look, folder, cgroup.path, name) || read_at(look, folder, root, name);
}

static int64_t ask_cgroup(struct look *look, const struct place *place, const char *key)
{
    return read_cgroup(look, place) ? fact_number(look->file, key) : -1;
}

static void look_at_processor(struct look *look, struct shortage *shortage)
{
    static const struct place stat = { "cpu", "cpu.stat", "cpu.stat" };

    if (!read_cgroup(look, &stat))
        return;
    shortage->throttled.limit = fact_number(look->file, "nr_periods");
    shortage->throttled.used = fact_number(look->file, "nr_throttled");
}

/* What the kernel holds of files it takes back when it must. Asked for last, as to count it may take a while. */
static void look_at_memory(struct look *look, struct shortage *shortage)
{
    static const struct place used = { "memory", "memory.usage_in_bytes", "memory.current" },
                              limit = { "memory", "memory.limit_in_bytes", "memory.max" },
                              kills = { "memory", "memory.oom_control", "memory.events" },
                              stat = { "memory", "memory.stat", "memory.stat" };
    struct share *memory = &shortage->memory;

    shortage->oom_kills = ask_cgroup(look, &kills, "oom_kill");
    memory->limit = ask_cgroup(look, &limit, "");
    memory->used = memory->limit > 0 ? ask_cgroup(look, &used, "") : -1;
    if (!share_is_near(*memory) || !read_cgroup(look, &stat))
        return;
    int64_t all = fact_number(look->file, "total_inactive_file"), own = fact_number(look->file, "inactive_file"),
            idle = all >= 0 ? all : own;
    memory->used -= idle > 0 && idle < memory->used ? idle : 0;
}

static void look_at_pids(struct look *look, struct shortage *shortage)
{
    static const struct place used = { "pids", "pids.current", "pids.current" },
                              limit = { "pids", "pids.max", "pids.max" };

    shortage->pids.limit = ask_cgroup(look, &limit, "");
    shortage->pids.used = shortage->pids.limit > 0 ? ask_cgroup(look, &used, "") : -1;
}

/* --- COMMAND ----------------------------------------------------------------------------------- */

/* Puts the path of what /proc has of PID: a C string in PATH, which is returned. */
static const char *path_of(pid_t pid, const char *name, char path[LINK_SIZE])
{
    struct text full = { path, LINK_SIZE, 0 };

    text_literal(&full, "/proc/");
    text_number(&full, (uint64_t)pid);
    text_strings(&full, "/", name, NULL);
    return text_end(&full);
}

static bool read_process(struct look *look, pid_t pid, const char *name)
{
    char path[LINK_SIZE];

    return read_start(path_of(pid, name, path), look->bytes, &look->file);
}

static bool read_stat(struct look *look, pid_t pid, struct pid_stat *stat)
{
    return read_process(look, pid, "stat") && pid_stat_parse(look->file.at, look->file.length, stat);
}

/* The next process that CONDITION holds for, from the first on; 0 where there is none, or no time. */
static pid_t find_process(struct look *look, bool (*condition)(struct look *look, pid_t pid, pid_t of), pid_t of)
{
    struct entries proc = { .folder = look->proc };
    pid_t pid = 0;

    if (lseek(look->proc, 0, SEEK_SET) != 0)
        return 0;
    while (!no_time_left(look) && (pid = pids_next(&proc)))
        if (condition(look, pid, of))
            return pid;
    return 0;
}

static bool is_kin(struct look *look, pid_t pid, pid_t self)
{
    (void)look;
    return pid != self && kin_of(pid) == KIN_SAME;
}

static bool is_child(struct look *look, pid_t pid, pid_t parent)
{
    struct pid_stat stat;

    return pid != getpid() && read_stat(look, pid, &stat) && stat.field[PID_PARENT] == parent;
}

/*
 * COMMAND, or 0: the first process of this container, and where that is an init its first child. A container's first
 * processes have low numbers, which the kernel never gives away again.
 */
static pid_t find_command(struct look *look, struct pid_stat *stat)
{
    pid_t first = find_process(look, is_kin, getpid());

    if (first && read_stat(look, first, stat) && fact_is_init((struct span){ stat->name, stat->name_length }))
        first = find_process(look, is_child, first);
    return first && read_stat(look, first, stat) ? first : 0;
}

static int open_descriptors(pid_t pid)
{
    char path[LINK_SIZE];

    return file_open(path_of(pid, "fd", path), O_RDONLY | O_DIRECTORY, 0);
}

/* How many descriptors are in the folder FD, or -1. A walk over them leaves out 0, which is no process. */
static int64_t count_descriptors(const struct look *look, int fd)
{
    struct entries descriptors = { .folder = fd };
    char link[LINK_SIZE];
    int64_t count = syscall(SYS_readlinkat, fd, "0", link, sizeof link) > 0;

    while (pids_next(&descriptors)) {
        count++;
        if (no_time_left(look))
            return -1;
    }
    return count;
}

static void look_at_command(struct look *look, struct shortage *shortage)
{
    struct pid_stat stat;
    pid_t command = find_command(look, &stat);

    if (!command)
        return;
    shortage->state = stat.state;
    int fd = read_process(look, command, "limits") ? open_descriptors(command) : -1;
    if (fd < 0)
        return;
    shortage->descriptors.limit = fact_number(look->file, "Max open files");
    shortage->descriptors.used = count_descriptors(look, fd);
    close(fd);
}

/* The unlimited walks come last. Who cannot read of itself will read of nobody. */
static void tell_shortage(struct look *look, struct text *out)
{
    struct shortage shortage;

    if (!read_start("/proc/self/cgroup", look->own, &look->cgroup))
        return;
    shortage_init(&shortage);
    look_at_processor(look, &shortage);
    look_at_memory(look, &shortage);
    look_at_pids(look, &shortage);
    if (!no_time_left(look))
        look_at_command(look, &shortage);
    shortage_put(&shortage, out);
}

/* --- who listens ------------------------------------------------------------------------------- */

/* What follows those that listen can be many thousands. */
static bool add_listener(void *listeners, const struct proc_socket *socket)
{
    listeners_add(listeners, socket);
    return socket->state == SOCKET_LISTENS;
}

/* Names those of LISTENERS that PID has open. */
static void name_listeners_of(struct look *look, pid_t pid, struct listeners *listeners)
{
    char link[LINK_SIZE], name[NUMBER_SIZE];
    struct pid_stat stat;
    struct entries descriptors = { .folder = open_descriptors(pid) };
    pid_t fd = 0;

    if (descriptors.folder < 0)
        return;
    bool known = read_stat(look, pid, &stat);
    while (known && !no_time_left(look) && (fd = pids_next(&descriptors))) {
        long n = syscall(SYS_readlinkat, descriptors.folder, number_string(name, (uint64_t)fd), link, sizeof link);
        if (n > 0)
            listeners_name(listeners, (struct span){ link, (size_t)n }, (struct span){ stat.name, stat.name_length });
        known = n > 0 || errno != EACCES; /* as it is for all others of this process, too */
    }
    close(descriptors.folder);
}

static void tell_listeners(struct look *look, struct text *out)
{
    struct listeners listeners = { .count = 0 };
    struct entries proc = { .folder = look->proc };
    pid_t pid = 0;

    sockets_walk("/proc/net/tcp", look->until, add_listener, &listeners);
    sockets_walk("/proc/net/tcp6", look->until, add_listener, &listeners);
    while (listeners_unnamed(&listeners) > 0 && !no_time_left(look) && (pid = pids_next(&proc)))
        name_listeners_of(look, pid, &listeners);
    listeners_put(&listeners, out);
}

/* --- the hints --------------------------------------------------------------------------------- */

/* Where nobody listens, COMMAND may not have come so far. */
static size_t find_hint(struct look *look, enum result_cause cause, char bytes[HINT_SIZE])
{
    struct text out = { bytes, HINT_SIZE, 0 };

    if (cause == CAUSE_REFUSED)
        tell_listeners(look, &out);
    if (out.length == 0)
        tell_shortage(look, &out);
    return text_kept(&out);
}

static bool has_cause(const struct result *results, size_t count, enum result_cause cause)
{
    for (size_t i = 0; i < count; i++)
        if (!results[i].healthy && results[i].cause == cause)
            return true;
    return false;
}

COLD void hints_find(const struct result *results, size_t count, int64_t left, struct hints *hints)
{
    int64_t span = left < most ? left : most;
    struct look look = { .until = time_add(time_now(), span > least ? span : least), .proc = file_open_proc() };

    signals_listen();
    for (enum result_cause cause = CAUSE_OTHER; cause < CAUSES_COUNT; cause++)
        hints->length[cause] = cause != CAUSE_OTHER && look.proc >= 0 && has_cause(results, count, cause)
                                   ? find_hint(&look, cause, hints->text[cause])
                                   : 0;
    if (look.proc >= 0)
        close(look.proc);
}

struct span hints_of(const struct hints *hints, const struct result *result)
{
    return hints && !result->healthy ? (struct span){ hints->text[result->cause], hints->length[result->cause] }
                                     : (struct span){ NULL, 0 };
}
