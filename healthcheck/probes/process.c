/* process, pidfile: whether a process lives, and is no zombie. */
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/proc.h"
#include "healthcheck/sys/file.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/pids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    NAME_SIZE = 256,     /* bytes of a name that is searched for */
    CONTENT_SIZE = 4096, /* bytes of /proc/PID/cmdline: the name of the program is at its beginning */
    PIDFILE_SIZE = 256,
};

/* What became of a process. */
enum life { LIFE_NONE, LIFE_ZOMBIE, LIFE_ALIVE };

/*
 * The life of process PID. Where NAME is not NULL, LIFE_NONE unless NAME is the name that the kernel has for it, or the
 * name of its program.
 */
static enum life life_of(int pid, const struct span *name)
{
    char bytes[CONTENT_SIZE];
    struct text content = { bytes, sizeof bytes, 0 };
    struct pid_stat stat;

    if (!file_read_of(pid, "stat", &content) || !pid_stat_parse(bytes, text_kept(&content), &stat))
        return LIFE_NONE;
    enum life life = stat.state == 'Z' || stat.state == 'X' ? LIFE_ZOMBIE : LIFE_ALIVE;
    if (!name || span_equal((struct span){ stat.name, stat.name_length }, *name))
        return life;
    content.length = 0;
    if (!file_read_of(pid, "cmdline", &content))
        return LIFE_NONE;
    return span_equal(proc_program((struct span){ bytes, text_kept(&content) }), *name) ? life : LIFE_NONE;
}

static void tell_life(enum life life, int pid, struct result *result)
{
    char digits[NUMBER_SIZE];
    const char *number = number_string(digits, (uint64_t)pid);

    result->cause = CAUSE_STALLED;
    if (life == LIFE_ALIVE)
        result_ok(result, "pid ", number, NULL);
    else if (life == LIFE_ZOMBIE)
        result_fail(result, "pid ", number, " is a zombie", NULL);
    else
        result_fail(result, "no such process", file_proc_hides() ? ", or one that /proc hides (hidepid)" : NULL, NULL);
}

/* Searches all processes for one that lives; a zombie counts where there is no such. */
static void search_processes(int folder, struct span name, struct conn *conn, struct result *result)
{
    pid_t self = getpid(), pid, found = 0;
    enum life best = LIFE_NONE;
    struct entries proc;

    proc.folder = folder;
    proc.at = proc.length = 0;
    while (best != LIFE_ALIVE && (pid = pids_next(&proc))) {
        enum life life = pid != self ? life_of(pid, &name) : LIFE_NONE;
        if (life != LIFE_NONE) {
            best = life;
            found = pid;
        } else if (conn_late(conn)) {
            conn_explain(conn, result);
            return;
        }
    }
    tell_life(best, found, result);
}

void probe_process(struct probe *probe)
{
    char bytes[NAME_SIZE];
    struct text name = { bytes, sizeof bytes, 0 };

    conn_phase(&probe->conn, "looking at all processes");
    span_decode(probe->target->path, &name);
    if (name.length > sizeof bytes) {
        result_fail(probe->result, "the name is too long", NULL);
        return;
    }
    int proc = file_open_proc();
    if (proc < 0) {
        result_fail(probe->result, errno == ENOENT ? "/proc is not mounted" : DIAG_ERRNO, NULL);
        return;
    }
    search_processes(proc, (struct span){ bytes, name.length }, &probe->conn, probe->result);
    close(proc);
}

/* The PID in the file at PATH, which is percent-encoded. 0 with the reason in *RESULT. */
static int read_pidfile(struct span path, struct result *result)
{
    char decoded[TARGET_PATH_MAX + 1], bytes[PIDFILE_SIZE];
    struct text name = { decoded, sizeof decoded, 0 }, content = { bytes, sizeof bytes, 0 };

    span_decode(path, &name);
    bool read = file_read(text_end(&name), &content);
    int pid = read ? proc_pid_parse((struct span){ bytes, text_kept(&content) }) : 0;
    if (pid == 0)
        result_fail(result, read ? "holds no PID" : DIAG_ERRNO, NULL);
    return pid;
}

/*
 * Whether process PID has the name that the URL wants, if any: a PID in an old pidfile may be another process's by now.
 */
static bool is_named(int pid, struct span encoded)
{
    char bytes[NAME_SIZE];
    struct text name = { bytes, sizeof bytes, 0 };

    if (!encoded.at)
        return true;
    span_decode(encoded, &name);
    return name.length <= sizeof bytes && life_of(pid, &(struct span){ bytes, name.length }) != LIFE_NONE;
}

/* Whether PID is the number of a thread, which has a folder in /proc as well, and not that of its process. */
static bool is_thread(int pid)
{
    static const char key[] = "\nTgid:";
    char bytes[CONTENT_SIZE];
    struct text status = { bytes, sizeof bytes, 0 };

    if (!file_read_of(pid, "status", &status))
        return false;
    const char *line = memmem(bytes, text_kept(&status), key, sizeof key - 1);
    size_t skip = sizeof key - 1;
    return line &&
           proc_pid_parse((struct span){ line + skip, (size_t)(bytes + text_kept(&status) - line) - skip }) != pid;
}

const char *pidfile_check(struct target *target, struct span *what)
{
    return target_query(target, "name", what) && what->length == 0 ? "needs a NAME behind name=" : NULL;
}

void probe_pidfile(struct probe *probe)
{
    char digits[NUMBER_SIZE];
    struct span name = { NULL, 0 };

    target_query(probe->target, "name", &name);
    conn_phase(&probe->conn, "reading the pidfile");
    int pid = read_pidfile(probe->target->path, probe->result);
    if (pid == 0)
        return;
    enum life life = pid == getpid() || is_thread(pid) ? LIFE_NONE : life_of(pid, NULL);
    if (access("/proc/self/stat", F_OK) != 0)
        result_fail(probe->result, "/proc is not mounted", NULL);
    else if (life != LIFE_NONE && !is_named(pid, name))
        result_fail(probe->result, "pid ", number_string(digits, (uint64_t)pid), " has another name", NULL);
    else
        tell_life(life, pid, probe->result);
}
