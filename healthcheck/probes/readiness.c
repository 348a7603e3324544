/* Searches for an init of this container that is starting, draining or stopping. */
#include "healthcheck/probes/readiness.h"

#include "healthcheck/probes/kin.h"
#include "healthcheck/sys/file.h"
#include "pith/duration.h"
#include "pith/layout.h"
#include "pith/pids.h"

#include <string.h>
#include <unistd.h>

enum { NAME_SIZE = 32 };

/* Why PID, by its name, is an init that is not ready; NULL where it is none. */
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

/*
 * Why the first init of this container that is not ready is not; NULL where there is none. *UNSURE is set where it
 * cannot be told whether such an init is of this container.
 */
static const char *search_inits(struct entries *proc, int64_t deadline, bool *unsure)
{
    pid_t pid;

    while (time_now() < deadline && (pid = pids_next(proc))) {
        const char *state = state_of(pid);
        enum kinship kin = state ? kin_of(pid) : KIN_OTHER;
        if (kin == KIN_SAME)
            return state;
        *unsure = *unsure || kin == KIN_UNKNOWN;
    }
    return NULL;
}

COLD const char *readiness_refusal(int64_t deadline, const char **doubt)
{
    struct entries proc = { .folder = file_open_proc() };
    bool unsure = false;

    const char *why = proc.folder >= 0 ? search_inits(&proc, deadline, &unsure) : NULL;
    if (doubt)
        *doubt = proc.folder < 0     ? "--readiness cannot tell what init does: /proc is not mounted"
                 : unsure            ? "--readiness cannot tell of an init whether it is this container's"
                 : file_proc_hides() ? "--readiness may not see what init does: /proc hides processes (hidepid)"
                                     : NULL;
    if (proc.folder >= 0)
        close(proc.folder);
    return why;
}
