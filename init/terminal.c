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

/* By stdin or stderr, as the other two of a job are often redirected. */
static bool pass_on(struct terminal *terminal, pid_t from, pid_t to)
{
    return (terminal_is_front(STDIN_FILENO, from) && terminal_give(terminal, STDIN_FILENO, to)) ||
           (terminal_is_front(STDERR_FILENO, from) && terminal_give(terminal, STDERR_FILENO, to));
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
