/* Looks for an init of this container that starts, drains or stops. */
#include "healthcheck/probes/readiness.h"

#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "healthcheck/target/span.h"
#include "pith/cold.h"
#include "pith/duration.h"
#include "pith/pids.h"

#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 32, FILE_SIZE = 4096, MOUNTS_SIZE = 262144 };

/* What two processes have in common. */
enum kinship { KIN_UNKNOWN, KIN_SAME, KIN_OTHER };

/* Whether a file in /proc, or its first line, is the same for process PID as for this one: PATH is this one's. */
static enum kinship compare(int pid, const char *path, bool first_line)
{
    const char *name = path + sizeof "/proc/self/" - 1;
    char own_bytes[FILE_SIZE], other_bytes[FILE_SIZE];
    struct text own = { own_bytes, sizeof own_bytes, 0 }, other = { other_bytes, sizeof other_bytes, 0 };

    if (!file_read(path, &own) || !file_read_of(pid, name, &other))
        return KIN_UNKNOWN;
    struct span a = { own_bytes, text_kept(&own) }, b = { other_bytes, text_kept(&other) };
    if (first_line) {
        a = span_take(&a, '\n');
        b = span_take(&b, '\n');
    }
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0 ? KIN_SAME : KIN_OTHER;
}

/*
 * Whether PID is of this container. An engine puts what it executes into the cgroup of the container. Where engines
 * make none, all read the same: then the number of the mount that is a process's root, which is in the first line of
 * mountinfo, still tells containers apart. PID 1 need not be in this cgroup.
 */
static enum kinship kinship(int pid)
{
    enum kinship root = compare(pid, "/proc/self/mountinfo", true);

    if (root == KIN_OTHER)
        return KIN_OTHER;
    enum kinship cgroup = pid == 1 ? KIN_SAME : compare(pid, "/proc/self/cgroup", false);
    return cgroup == KIN_UNKNOWN ? root : cgroup;
}

/* What PID, by its name, speaks of, or NULL. */
static const char *state_of(int pid)
{
    static const char starts[] = "init: starting\n", drains[] = "init: draining\n", stops[] = "init: stopping\n";
    char bytes[NAME_SIZE];
    struct text name = { bytes, sizeof bytes, 0 };

    if (!file_read_of(pid, "comm", &name))
        return NULL;
    text_end(&name);
    if (strcmp(bytes, starts) == 0)
        return "not ready: init is starting";
    return strcmp(bytes, drains) == 0 || strcmp(bytes, stops) == 0 ? "not ready: init is shutting down" : NULL;
}

/* Whether /proc is mounted so that others' processes are not seen (proc(5), hidepid). */
static bool hides_processes(void)
{
    static const char option[] = "hidepid=";
    struct text mounts = { memory_get(MOUNTS_SIZE), MOUNTS_SIZE, 0 };

    if (!mounts.start)
        return false;
    file_read("/proc/self/mountinfo", &mounts);
    bool hides = memmem(mounts.start, text_kept(&mounts), option, sizeof option - 1) != NULL;
    memory_free(mounts.start, MOUNTS_SIZE);
    return hides;
}

/* The state of the first of PIDS that is of this container and has one, or NULL. *UNSURE: whose one is, nobody knows.
 */
static const char *search_inits(struct pids *pids, int64_t deadline, bool *unsure)
{
    pid_t pid;

    while (time_now() < deadline && (pid = pids_next(pids))) {
        const char *state = state_of(pid);
        enum kinship kin = state ? kinship(pid) : KIN_OTHER;
        if (kin == KIN_SAME)
            return state;
        *unsure = *unsure || kin == KIN_UNKNOWN;
    }
    return NULL;
}

COLD const char *readiness_refusal(int64_t deadline, const char **doubt)
{
    struct pids pids = { .proc = file_open_proc() };
    bool unsure = false;

    const char *why = pids.proc >= 0 ? search_inits(&pids, deadline, &unsure) : NULL;
    if (doubt)
        *doubt = pids.proc < 0       ? "--readiness cannot tell what init does: /proc is not mounted"
                 : unsure            ? "--readiness cannot tell of an init whether it is this container's"
                 : hides_processes() ? "--readiness may not see what init does: /proc hides processes (hidepid)"
                                     : NULL;
    if (pids.proc >= 0)
        close(pids.proc);
    return why;
}
