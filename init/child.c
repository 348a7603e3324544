/*
 * Starts COMMAND and the probes of --watch.
 *
 * The child shares init's memory until exec (CLONE_VM), and init sleeps meanwhile (CLONE_VFORK), as with vfork(2): no
 * page is copied, and the child reports a failure by storing it in a variable of init. It must change nothing else in
 * there, and leave alone what libc would do to all threads of a process. It undoes what init has set up for itself
 * (mask, dispositions) as the very last before exec.
 */
#include "init/child.h"

#include "init/features.h"
#include "init/steps/steps.h"
#include "init/user.h"
#include "pith/command.h"
#include "pith/diag.h"
#include "pith/exitcode.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bytes that clone(3) itself may use of the stack before the child starts. */
enum { FRAME_OF_CLONE = 512 };

struct start {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    const struct child_spec *spec;
    int directory; /* where COMMAND is to start, as init has left it; -1: where init is */
    int exec_error;
};

/*
 * Puts the child into a process group of its own, and that into the foreground of the terminal where init's group was
 * there. Only stdin counts: where it is no terminal, a shell without job control may run init in the background.
 * COMMAND then gets the terminal when it asks for it, which stops it by TTIN.
 */
static void lead_group(const struct start *start)
{
    struct terminal *terminal = start->spec->terminal;
    bool front = terminal && terminal_is_front(STDIN_FILENO, 0);

    if (start->conf->new_session && terminal) {
        setsid();
        syscall(SYS_ioctl, STDIN_FILENO, TIOCSCTTY, 0);
        return;
    }
    setpgid(0, 0);
    if (front)
        terminal_give(terminal, STDIN_FILENO, (pid_t)syscall(SYS_getpid));
}

static HOT int child_main(void *argument)
{
    struct start *start = argument;
    char *const *argv = start->spec->argv;
    int exec_status = start->spec->step ? 0 : start->conf->persona->exec_status;

    lead_group(start);
    if (start->directory >= 0)
        syscall(SYS_fchdir, start->directory);
    if (start->spec->out == STDOUT_FILENO) /* where init has none of its own */
        syscall(SYS_fcntl, STDOUT_FILENO, F_SETFD, 0);
    else if (start->spec->out)
        dup2(start->spec->out, STDOUT_FILENO);
    if (start->spec->errors_too)
        dup2(start->spec->out, STDERR_FILENO);
    if (PITH_STEPS && start->conf->step_count && start->spec->terminal && !steps_limit(start->conf)) {
        start->exec_error = errno;
        _exit(start->conf->persona->usage_status);
    }
    const char *hint = start->conf->has_user ? user_become(start->conf, start->spec->terminal) : NULL;
    if (hint) {
        start->exec_error = errno;
        diagf("--user: '%s': %s%s", start->conf->user, DIAG_ERRNO, hint);
        _exit(start->conf->persona->usage_status);
    }
    signals_restore(start->saved);
    start->exec_error =
        command_execute(argv, start->spec->environment, start->conf->persona->scripts && start->spec->terminal);
    signals_block(&(struct signals_saved){ 0 }); /* or SIGPIPE of the message could end the child with another status */
    command_explain(start->spec->step, argv, start->spec->environment, start->exec_error);
    _exit(exec_status ? exec_status : exitcode_from_exec(start->exec_error));
}

/* dumb-init moves to / itself, so that its directory can be unmounted. The descriptor by which COMMAND goes back, or
 * -1. */
static int leave_directory(void)
{
    int directory = file_open(".", O_PATH, 0);

    if (directory >= 0 && chdir("/") != 0)
        diagf("/: %s", DIAG_ERRNO);
    return directory;
}

/* Not inlined: the child's stack lies below this frame, which must not hold variables of the caller then. */
HOT __attribute__((noinline)) bool child_spawn(const struct init_conf *conf, const struct signals_saved *saved,
                                               const struct child_spec *spec, struct child *child)
{
    struct start start = { .conf = conf, .saved = saved, .spec = spec, .directory = -1 };
    /* the child uses the stack below init's frames, so that it touches no page more */
    char *stack = (char *)__builtin_frame_address(0) - sizeof start - FRAME_OF_CLONE;

    if (conf->persona->moves_to_root && spec->terminal && !spec->step)
        start.directory = leave_directory();
    child->pid = clone(child_main, stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &start, NULL, NULL, NULL);
    if (child->pid < 0)
        return false;
    if (start.directory >= 0)
        close(start.directory);
    /* the child has done that already, unless an emulator has made a fork(2) of it */
    if (!conf->new_session)
        setpgid(child->pid, child->pid);
    child->exec_error = start.exec_error;
    return true;
}
