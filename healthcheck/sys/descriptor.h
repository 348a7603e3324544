/*
 * Descriptors of a probe: sockets, and waiting for them.
 *
 * None of them gets the number 0, 1 or 2. Where the caller has closed stdin, stdout or stderr, the kernel would give
 * such a number to the next descriptor, and the report would be written into a connection.
 */
#ifndef HEALTHCHECK_SYS_DESCRIPTOR_H
#define HEALTHCHECK_SYS_DESCRIPTOR_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Returns FD where it is above 2. Else it closes FD and returns a copy above 2, with close-on-exec. -1 with errno where
 * FD is -1, and where the copy cannot be made (F_DUPFD_CLOEXEC of fcntl(2)).
 */
int descriptor_raise(int fd);

/* socket(2), above 2, non-blocking and close-on-exec. -1 with errno. */
int descriptor_socket(int family, int type, int protocol);

/*
 * poll(2) up to the time UNTIL (CLOCK_MONOTONIC, ns), again when interrupted. Returns how many are ready; 0 at UNTIL.
 */
int descriptor_wait(struct pollfd *fds, size_t count, int64_t until);

#endif
