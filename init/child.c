/* Spawns a child that shares init's memory until exec, so that no page is copied and a failure is seen at once. */
#include "init/child.h"

#include "init/user.h"
#include "pith/cold.h"
#include "pith/command.h"
#include "pith/diag.h"
#include "pith/exitcode.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What clone(3) itself may have on the stack when the child starts. */
enum { FRAME_OF_CLONE = 512 };

struct start {
    const struct init_conf *conf;
    const struct signals_saved *saved;
    const struct child_spec *spec;
    int directory; /* COMMAND's, where init has left it; -1 */
    int exec_error;
};

/* Where it never was, to look for a terminal at the end would be calls for nothing. */
static bool handed_over;

/* Whether GROUP (0: one's own) is the foreground of the terminal that FD is. */
static HOT bool is_front(int fd, pid_t group)
{
    pid_t front;

    return syscall(SYS_ioctl, fd, TIOCGPGRP, &front) == 0 && front == (group ? group : getpgid(0));
}

static bool give(int fd, pid_t group)
{
    bool given = syscall(SYS_ioctl, fd, TIOCSPGRP, &group) == 0;

    handed_over |= given;
    return given;
}

/* stdin or stderr: a job's other ends may be redirected. */
static bool pass_on(pid_t from, pid_t to)
{
    return (is_front(STDIN_FILENO, from) && give(STDIN_FILENO, to)) ||
           (is_front(STDERR_FILENO, from) && give(STDERR_FILENO, to));
}

bool terminal_hand_over(pid_t group)
{
    return pass_on(0, group);
}

void terminal_seize(pid_t group)
{
    int terminal = file_open("/dev/tty", O_RDONLY, 0);

    give(terminal >= 0 ? terminal : STDIN_FILENO, group);
    if (terminal >= 0)
        close(terminal);
}

HOT void terminal_take_back(pid_t group)
{
    if (handed_over)
        pass_on(group, getpgid(0));
}

/*
 * Where stdin is no terminal, it may be a shell without job control that runs init behind itself: COMMAND gets the
 * terminal then when it asks for it, which stops it (SIGTTIN).
 */
static void lead_group(const struct start *start)
{
    bool front = start->spec->foreground && is_front(STDIN_FILENO, 0);

    if (start->conf->new_session && start->spec->foreground) {
        setsid();
        syscall(SYS_ioctl, STDIN_FILENO, TIOCSCTTY, 0);
        return;
    }
    setpgid(0, 0);
    if (front)
        give(STDIN_FILENO, (pid_t)syscall(SYS_getpid));
}

static HOT int child_main(void *argument)
{
    struct start *start = argument;
    char *const *argv = start->spec->argv;
    int exec_status = start->conf->persona->exec_status;

    lead_group(start);
    if (start->directory >= 0)
        syscall(SYS_fchdir, start->directory);
    if (start->spec->out)
        dup2(start->spec->out, STDOUT_FILENO);
    if (start->spec->errors_too)
        dup2(start->spec->out, STDERR_FILENO);
    if (start->conf->has_user && !user_become(start->conf, start->spec->foreground)) {
        start->exec_error = errno;
        diag("--user: '", start->conf->user, "': ", DIAG_ERRNO, NULL);
        _exit(start->conf->persona->usage_status);
    }
    signals_restore(start->saved);
    start->exec_error =
        command_execute(argv, start->spec->environment, start->conf->persona->scripts && start->spec->foreground);
    signals_block(&(struct signals_saved){ 0 }); /* a stderr that nobody reads must not change the status */
    command_explain(argv, start->spec->environment, start->exec_error);
    _exit(exec_status ? exec_status : exitcode_from_exec(start->exec_error));
}

/* Before COMMAND can look where init is. The descriptor by which COMMAND goes back, or -1. */
static int leave_directory(void)
{
    int directory = file_open(".", O_PATH, 0);

    if (directory >= 0 && chdir("/") != 0)
        diag("/: ", DIAG_ERRNO, NULL);
    return directory;
}

/* A function of its own: the child's stack is below its frame, and so must not be among the caller's variables. */
HOT __attribute__((noinline)) bool child_spawn(const struct init_conf *conf, const struct signals_saved *saved,
                                               const struct child_spec *spec, struct child *child)
{
    struct start start = { .conf = conf, .saved = saved, .spec = spec, .directory = -1 };
    /* init sleeps meanwhile: as with vfork(2), the child has what is below init's frames, and touches no new page */
    char *stack = (char *)__builtin_frame_address(0) - sizeof start - FRAME_OF_CLONE;

    if (conf->persona->moves_to_root)
        start.directory = leave_directory();
    child->pid = clone(child_main, stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &start, NULL, NULL, NULL);
    if (child->pid < 0)
        return false;
    if (start.directory >= 0)
        close(start.directory);
    /* too late where vfork holds, in time where an emulator makes a fork of it */
    if (!conf->new_session)
        setpgid(child->pid, child->pid);
    child->exec_error = start.exec_error;
    return true;
}
