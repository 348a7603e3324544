/*
 * init: a PID 1 that starts COMMAND, forwards signals to it, reaps every zombie and exits with COMMAND's status.
 *
 * main reads as the story: block the signals, read the options, prepare what COMMAND is given, start it, and loop until
 * the supervisor has ended. ARCHITECTURE.md walks through it.
 */
#include "init/child.h"
#include "init/features.h"
#include "init/loop.h"
#include "init/options.h"
#include "init/persona.h"
#include "init/prepare.h"
#include "init/probe.h"
#include "init/report.h"
#include "init/signals.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/exitcode.h"
#include "pith/file.h"
#include "pith/install.h"
#include "pith/layout.h"
#include "pith/license.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

enum { HELP_SIZE = 8192 };

static int print(const struct init_conf *conf, const char *string, size_t length)
{
    int fd = conf->persona->texts_on_stderr ? STDERR_FILENO : STDOUT_FILENO;

    return write_all(fd, string, length) ? 0 : conf->persona->usage_status;
}

static COLD int print_help(const struct init_conf *conf)
{
    char help[HELP_SIZE];
    struct text out = { help, sizeof help, 0 };

    option_help(&init_options, &out);
    return print(conf, help, text_kept(&out));
}

/* --help, --version, --license and --install: the tasks that start nothing. */
static COLD int run_task(const struct init_conf *conf, const char *argv0, const char *name)
{
    switch (conf->task) {
    case TASK_HELP:
        return print_help(conf);
    case TASK_VERSION:
        return print(conf, conf->persona->version, strlen(conf->persona->version));
    case TASK_LICENSE:
        return print(conf, license_text, strlen(license_text));
    default:
        return install_self(argv0, name, conf->install_dir) ? 0 : conf->persona->usage_status;
    }
}

static COLD void become_subreaper(const struct init_conf *conf)
{
    enum subreaper_policy policy = conf->persona->subreaper;
    bool wanted = policy == SUBREAPER_AUTOMATIC || (policy == SUBREAPER_ON_REQUEST && conf->subreaper);
    int already = 0;

    if (wanted && syscall(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1) != 0 && conf->verbosity >= 1)
        diagf("cannot become subreaper: %s", DIAG_ERRNO);
    if (!wanted && policy == SUBREAPER_ON_REQUEST && conf->verbosity >= 0 &&
        !(syscall(SYS_prctl, PR_GET_CHILD_SUBREAPER, &already) == 0 && already))
        diagf("neither PID 1 nor a child subreaper (-s): orphans go elsewhere, zombie reaping won't work");
}

/* The kernel sends the signal only for a parent that dies after prctl(2). For one that died before, init sends it
 * itself. */
static COLD void watch_parent(const struct init_conf *conf, pid_t parent)
{
    if (syscall(SYS_prctl, PR_SET_PDEATHSIG, conf->parent_death_signal) != 0 && conf->verbosity >= 1)
        diagf("--parent-death-signal: %s", DIAG_ERRNO);
    if (getppid() != parent)
        syscall(SYS_tgkill, getpid(), getpid(),
                conf->parent_death_signal); /* kill(2) would look like a signal of init's own, which is not forwarded */
}

static void settle(const struct init_conf *conf, pid_t self, pid_t parent)
{
    if (conf->parent_death_signal)
        watch_parent(conf, parent);
    if (self != 1)
        become_subreaper(conf);
    /* gives the terminal up; the HUP and CONT that a session leader is sent for it are not forwarded */
    if (conf->new_session)
        syscall(SYS_ioctl, STDIN_FILENO, TIOCNOTTY);
}

/* Starts COMMAND, unless there are steps before it, and sees it through to its end. */
static HOT int supervise(const struct init_conf *conf, struct loop *loop)
{
    if (conf->task != TASK_PAUSE && !(PITH_STEPS && conf->has_steps) && !job_start(&loop->job))
        return conf->persona->usage_status;
    loop_run(loop);
    return supervisor_status(&loop->supervisor);
}

/* supervise() with what --watch and --exit-report need before and after it. */
static COLD int supervise_closely(const struct init_conf *conf, struct loop loop, const char *argv0)
{
    struct probe probe = { .conf = conf, .saved = loop.job.saved, .spec.environment = loop.job.command.environment };
    struct report report = { .name = loop.job.command.argv[0] };

    if (conf->watch_target) {
        if (!probe_prepare(&probe, argv0))
            return conf->persona->usage_status;
        loop.probe = &probe;
    }
    if (conf->exit_report)
        report_begin(&report);
    int status = supervise(conf, &loop);
    if (loop.supervisor.before && loop.job.step)
        report.name = loop.job.step;
    if (conf->exit_report && (loop.job.child.pid || loop.supervisor.before))
        report_write(conf, &report, &loop.job, &loop.supervisor);
    return status;
}

HOT int main(int argc, char *argv[])
{
    static HOT_STATE struct init_conf
        conf; /* in the page of variables that every run writes, so that the stack needs none more */
    struct signals_saved saved;
    bool blocked = signals_block(&saved);
    const char *name = *program_invocation_short_name ? program_invocation_short_name : "init";
    pid_t self = gettid(), parent;

    conf.persona = persona_find(name);
    diag_name(name);
    if (!blocked) {
        diagf("cannot block signals: %s", DIAG_ERRNO);
        return EXIT_INTERNAL;
    }
    if (!options_parse(&conf, argc, argv, environ))
        return conf.persona->usage_status;
    if (conf.task != TASK_RUN && conf.task != TASK_PAUSE)
        return run_task(&conf, argv[0], name);
    if (conf.persona->prefix)
        diag_prefix(conf.persona->prefix);
    parent = conf.parent_death_signal ? getppid() : 0;
    struct loop loop = { .job = { .conf = &conf, .saved = &saved }, .self = self };
    if (!prepare(&conf, environ, &loop.job.command))
        return conf.persona->usage_status;
    settle(&conf, self, parent);
    /* no buffer has to be flushed and no function called, so exit(3) has nothing to do */
    _Exit(conf.watch_target || conf.exit_report ? supervise_closely(&conf, loop, argv[0]) : supervise(&conf, &loop));
}
