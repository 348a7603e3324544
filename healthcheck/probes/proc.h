/* What stands in /proc and in pidfiles, taken apart. Pure. */
#ifndef HEALTHCHECK_PROBES_PROC_H
#define HEALTHCHECK_PROBES_PROC_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stdint.h>

/* A line of /proc/net/tcp or tcp6 (proc(5)). */
struct proc_socket {
    struct address address; /* the local one */
    uint16_t port;
    bool listening;
    uint64_t inode; /* by which a descriptor of it is known; 0: not told */
};

/* False for a line that is none, as the heading. */
bool proc_socket_parse(struct span line, struct proc_socket *socket);

/*
 * Whether SOCKET listens for what is sent to ADDRESS: at that very address, or at all of its family. [::] is taken to
 * serve IPv4, too, as it does unless a program turns that off (IPV6_V6ONLY): /proc does not tell.
 */
bool proc_socket_serves(const struct proc_socket *socket, const struct address *address, uint16_t port);

/* What is behind the last slash of the first string of /proc/PID/cmdline. Empty for a kernel thread. */
struct span proc_program(struct span cmdline);

/* The number of a process that TEXT begins with, alone or between white space. 0: there is none. */
int proc_pid_parse(struct span text);

#endif
