/* COMMAND, and before it each step of --before and --once: the one process that init runs at a time. */
#include "init/job.h"

#include "init/steps/steps.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/exitcode.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell_started(const struct job *job, const char *name)
{
    if (job->conf->verbosity >= 1 && job->child.exec_error == 0)
        diagf("started %s as PID %d", name, job->child.pid);
}

HOT bool job_start(struct job *job)
{
    const char *name = job->command.argv[0]; /* kept, as it is another string where /bin/sh runs the file */

    job->command.terminal = &job->terminal;
    if (!child_spawn(job->conf, job->saved, &job->command, &job->child)) {
        diagf("cannot start %s: %s", name, DIAG_ERRNO);
        job->child.pid = 0;
        return false;
    }
    if (job->conf->exit_report)
        job->started = time_now();
    tell_started(job, name);
    return true;
}

/* Whether anything is at PATH, a symbolic link too. */
static bool stands(const char *path)
{
    char link;

    return syscall(SYS_readlinkat, AT_FDCWD, path, &link, sizeof link) >= 0 || errno == EINVAL;
}

COLD int job_start_step(struct job *job, size_t n)
{
    const struct step *step = step_process(job->conf, n);
    char *const *argv = job->command.argv;

    job->child.pid = 0;
    if (step->path && stands(step->path))
        return 0;
    if (step->path && errno != ENOENT && errno != ENOTDIR) {
        diagf("%s: '%s': %s", step_option(step->kind), step->path, DIAG_ERRNO);
        return EXIT_INTERNAL;
    }
    job->step = step->argv[0];
    job->command.argv = step->argv;
    job->command.step = step_option(step->kind);
    bool started = job_start(job);
    job->command.step = NULL;
    job->command.argv = argv;
    return started ? -1 : EXIT_INTERNAL;
}

COLD void job_tell_failed(const struct job *job, size_t n, int wait_status)
{
    char name[SIGNAL_NAME_SIZE];

    if (job->child.pid == 0 || job->child.exec_error)
        return;
    const struct step *step = step_process(job->conf, n);
    if (WIFSIGNALED(wait_status))
        diagf("%s: %s was ended by %s", step_option(step->kind), step->argv[0],
              signal_name(name, WTERMSIG(wait_status)));
    else
        diagf("%s: %s has failed with status %d", step_option(step->kind), step->argv[0],
              exitcode_from_wait(wait_status));
}
