/* The kinds for which a connection is all there is to ask: tcp, tls, unix. */
#include "healthcheck/probes/probe.h"

#include "pith/layout.h"

#include <netinet/in.h>
#include <sys/socket.h>

/*
 * A connect to a closed port of the ephemeral range can meet itself (RFC 793's simultaneous open): then the socket
 * has the very port that it is connected to.
 */
static bool is_self_connect(int fd, uint16_t port)
{
    struct sockaddr_storage own;
    socklen_t length = sizeof own;

    if (getsockname(fd, (struct sockaddr *)&own, &length) < 0)
        return false;
    /* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): getsockname(2) has set it */
    if (own.ss_family == AF_INET6)
        return ((const struct sockaddr_in6 *)&own)->sin6_port == htons(port);
    return ((const struct sockaddr_in *)&own)->sin_port == htons(port);
}

HOT void probe_connect(struct probe *probe)
{
    if (probe->target->port > 0 && is_self_connect(probe->conn.fd, probe->target->port))
        result_fail(probe->result, "nothing listens there (the probe met itself)", NULL);
    else
        result_ok(probe->result, "connected", NULL);
}
