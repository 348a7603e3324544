/* Descriptors: made so that they take nobody's number, and waited for. */
#ifndef HEALTHCHECK_SYS_DESCRIPTOR_H
#define HEALTHCHECK_SYS_DESCRIPTOR_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * FD, or a copy above 2 in its place: 0-2 stay what they are to others, also where they were closed. -1 stays -1 with
 * errno, and so does a copy that cannot be made (fcntl(2)).
 */
int descriptor_raise(int fd);

/* A non-blocking, close-on-exec socket(2) above 2, or -1 with errno. */
int descriptor_socket(int family, int type, int protocol);

/* poll(2) until UNTIL (CLOCK_MONOTONIC, ns), whatever interrupts it: how many are ready, 0 when the time has come. */
int descriptor_wait(struct pollfd *fds, size_t count, int64_t until);

#endif
