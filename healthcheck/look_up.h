/* Asks the name servers of /etc/resolv.conf, within a connection's deadline. */
#ifndef HEALTHCHECK_LOOK_UP_H
#define HEALTHCHECK_LOOK_UP_H

#include "healthcheck/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target.h"

#include <stdbool.h>

/*
 * Fills conn->peers with NAME's addresses of FAMILY (AF_UNSPEC: IPv4 first, then IPv6). All servers are asked at once over
 * UDP, again every second. False with the reason in *RESULT. The gate was passed before.
 */
bool look_up(struct conn *conn, struct span name, int family, struct result *result);

#endif
