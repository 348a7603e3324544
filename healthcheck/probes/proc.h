/* Takes apart what is in files of /proc (proc(5)) and in pidfiles. Pure. */
#ifndef HEALTHCHECK_PROBES_PROC_H
#define HEALTHCHECK_PROBES_PROC_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stdint.h>

enum proc_socket_state {
    SOCKET_OTHER,
    SOCKET_LISTENS,     /* TCP: it takes connections */
    SOCKET_UNCONNECTED, /* UDP: it takes what any peer sends; TCP: it is closed */
};

/* A line of /proc/net/tcp or /proc/net/udp, or of those for IPv6: a socket. */
struct proc_socket {
    struct address address; /* at this end */
    uint16_t port;
    enum proc_socket_state state;
    uint64_t inode; /* of the socket, by which its descriptors are found; 0: not known */
};

/* Takes LINE apart. False for a line that is no socket's, such as the heading. */
bool proc_socket_parse(struct span line, struct proc_socket *socket);

/*
 * Whether SOCKET is bound to PORT of ADDRESS: to that address, or to all addresses of its family. [::] counts as all
 * addresses of IPv4, too, as it is unless a program turns that off (IPV6_V6ONLY): /proc does not tell.
 */
bool proc_socket_serves(const struct proc_socket *socket, const struct address *address, uint16_t port);

/* The name of the program: what stands behind the last slash of the first string of CMDLINE, /proc/PID/cmdline. */
struct span proc_program(struct span cmdline);

/* The PID that TEXT, a pidfile, begins with. White space may stand around it. 0 where there is none. */
int proc_pid_parse(struct span text);

#endif
