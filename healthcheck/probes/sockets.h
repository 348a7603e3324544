/* Walks over the sockets of TCP and UDP in this network namespace, which /proc/net lists (proc(5)). */
#ifndef HEALTHCHECK_PROBES_SOCKETS_H
#define HEALTHCHECK_PROBES_SOCKETS_H

#include "healthcheck/probes/proc.h"

#include <stdbool.h>
#include <stdint.h>

/* Is given a socket of the table, and ARGUMENT. Returns false where the rest need not be read. */
typedef bool socket_look(void *argument, const struct proc_socket *socket);

/*
 * Hands the sockets of the table at PATH, such as /proc/net/tcp, to LOOK until that returns false. The kernel lists
 * those that listen first. False with errno: ETIMEDOUT where DEADLINE (CLOCK_MONOTONIC, ns) came before.
 */
bool sockets_walk(const char *path, int64_t deadline, socket_look *look, void *argument);

#endif
