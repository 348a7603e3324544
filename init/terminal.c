/* Hands the foreground of the terminal to COMMAND's group and back. */
#include "init/terminal.h"

#include "pith/file.h"
#include "pith/layout.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

HOT bool terminal_is_front(int fd, pid_t group)
{
    pid_t front;

    return syscall(SYS_ioctl, fd, TIOCGPGRP, &front) == 0 && front == (group ? group : getpgid(0));
}

bool terminal_give(struct terminal *terminal, int fd, pid_t group)
{
    bool given = syscall(SYS_ioctl, fd, TIOCSPGRP, &group) == 0;

    terminal->given |= given;
    return given;
}

/* By any of the three, as the others of a job are often redirected. */
static bool pass_on(struct terminal *terminal, pid_t from, pid_t to)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (terminal_is_front(fd, from) && terminal_give(terminal, fd, to))
            return true;
    return false;
}

bool terminal_hand_over(struct terminal *terminal, pid_t group)
{
    return pass_on(terminal, 0, group);
}

void terminal_seize(struct terminal *terminal, pid_t group)
{
    int fd = file_open("/dev/tty", O_RDONLY, 0);

    terminal_give(terminal, fd >= 0 ? fd : STDIN_FILENO, group);
    if (fd >= 0)
        close(fd);
}

HOT void terminal_take_back(struct terminal *terminal, pid_t group)
{
    if (terminal->given)
        pass_on(terminal, group, getpgid(0));
}
