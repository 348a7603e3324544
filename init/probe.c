/* Finds the healthcheck binary, has it judge the target by a dry run, and starts probes. */
#include "init/probe.h"

#include "pith/call.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool beside(const char *file, size_t length, struct probe *probe)
{
    struct text out = { probe->path, sizeof probe->path, 0 };

    while (length > 0 && file[length - 1] != '/')
        length--;
    if (length == 0)
        return false;
    text_format(&out, "%.*shealthcheck", (int)length, file);
    return access(text_end(&out), X_OK) == 0 && out.length < out.size;
}

static bool find(struct probe *probe, const char *argv0)
{
    char self[1024];
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", self, sizeof self);

    return (length > 0 && beside(self, (size_t)length, probe)) || (argv0 && beside(argv0, strlen(argv0), probe)) ||
           beside(LITERAL("/"), probe);
}

/* Neither end of the pipe blocks: init must not wait for a reader or a writer. */
pid_t probe_start(struct probe *probe)
{
    struct child child;
    int ends[2] = { -1, STDERR_FILENO };
    bool piped = syscall(SYS_pipe2, ends, O_CLOEXEC | O_NONBLOCK) == 0;

    probe->says = ends[0];
    probe->spec.out = ends[1];
    bool started = child_spawn(probe->conf, probe->saved, &probe->spec, &child);
    if (piped)
        close(ends[1]);
    if (started)
        return child.pid;
    diagf("--watch: the probe cannot be started: %s", DIAG_ERRNO);
    return 0;
}

COLD const char *probe_line(struct probe *probe, char line[PROBE_LINE])
{
    ssize_t length = read_some(probe->says, line, PROBE_LINE - 1);

    line[length > 0 ? length : 0] = '\0';
    line[text_until(line, '\n')] = '\0';
    close(probe->says);
    return line;
}

/* Each one is to leave at once, although a variable may have the engine's probes stay. */
static const char plain[] = "--hold=0";

/* Runs a probe with --dry-run to its end. False after a message with what it said. */
static bool judge(struct probe *probe)
{
    char line[PROBE_LINE];
    int status = -1, tries = INTERRUPTIONS_MAX;
    pid_t pid;

    probe->argv[3] = "--dry-run";
    probe->spec.errors_too = true;
    if ((pid = probe_start(probe)) == 0)
        return false;
    while (CALL(SYS_wait4, pid, &status, 0, NULL) < 0 && errno == EINTR && --tries)
        ;
    probe_line(probe, line);
    if (status != 0)
        diagf("--watch: %s", *line ? line : "healthcheck --dry-run fails");
    probe->argv[3] = plain;
    probe->spec.errors_too = false;
    return status == 0;
}

bool probe_prepare(struct probe *probe, const char *argv0)
{
    struct text out = { probe->timeout, sizeof probe->timeout, 0 };
    const char *target = probe->conf->watch_target;

    if (*target == '-') {
        diagf("--watch: '%s' is not a target", target);
        return false;
    }
    if (probe->conf->task == TASK_PAUSE) {
        diagf("--watch: --pause has no COMMAND");
        return false;
    }
    if (!find(probe, argv0)) {
        diagf("--watch: no healthcheck binary beside init, nor at /healthcheck");
        return false;
    }
    text_string(&out, "-qt");
    text_number(&out, (uint64_t)((probe->conf->watch_timeout + NS_PER_MS - 1) / NS_PER_MS));
    text_string(&out, "ms");
    text_end(&out);
    probe->argv[0] = probe->path;
    probe->argv[1] = probe->timeout;
    probe->argv[2] = target;
    probe->spec.argv = (char *const *)(uintptr_t)probe->argv;
    return judge(probe);
}
