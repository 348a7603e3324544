/*
 * The terminal that COMMAND runs on (tty_ioctl(4)). Its foreground is one process group, which alone reads from it and
 * is sent its signals. init hands it to COMMAND's group as a shell does with a job, and takes it back when COMMAND
 * stops.
 */
#ifndef INIT_TERMINAL_H
#define INIT_TERMINAL_H

#include <stdbool.h>
#include <sys/types.h>

struct terminal {
    bool given; /* init has changed the foreground. Where it never did, there is nothing to take back */
};

/* Whether GROUP (0: init's own) is the foreground of the terminal that FD is. False where it is none. */
bool terminal_is_front(int fd, pid_t group);

/* Makes GROUP the foreground of the terminal that FD is (TIOCSPGRP). False with errno. */
bool terminal_give(struct terminal *terminal, int fd, pid_t group);

/*
 * Makes GROUP the foreground where init's own group is that now. False where there is no terminal, or another group has
 * it; never an error.
 */
bool terminal_hand_over(struct terminal *terminal, pid_t group);

/* Makes GROUP the foreground of init's controlling terminal, whoever has it. Does nothing where there is no terminal.
 */
void terminal_seize(struct terminal *terminal, pid_t group);

/* Makes init's own group the foreground again, where GROUP is it and init has given it away. */
void terminal_take_back(struct terminal *terminal, pid_t group);

#endif
