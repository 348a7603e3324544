/* tcp, tls, unix: a connection is all that is asked. */
#include "healthcheck/probes/probe.h"

#include "pith/layout.h"

#include <netinet/in.h>
#include <sys/socket.h>

/*
 * Whether a socket is connected to itself. That can happen where nobody listens at an ephemeral port, as the kernel may
 * choose that very port for the socket: then its own handshake answers it (simultaneous open, RFC 9293, 3.5).
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
        result_fail(probe->result, "nothing listens there (the socket was connected to itself)", NULL);
    else
        result_ok(probe->result, "connected", NULL);
}
