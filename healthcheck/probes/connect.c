/*
 * tcp, tls, unix: a connection is all that is asked; with ?expect=TEXT also that the server speaks first, as those of
 * SMTP, FTP and SSH do, and begins with TEXT. Nothing is sent.
 */
#include "healthcheck/probes/probe.h"

#include "pith/layout.h"

#include <string.h>

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

enum {
    EXPECT_MAX = 256,    /* decoded bytes of TEXT */
    GREETING_MAX = 1024, /* of a greeting: all of most, so that nothing unread makes the kernel reset the connection */
};

/* Decodes what the URL expects. It has EXPECT_MAX bytes at most. */
static struct text decode_expected(struct span encoded, char bytes[EXPECT_MAX])
{
    struct text expected = { bytes, EXPECT_MAX, 0 };

    span_decode(encoded, &expected);
    return expected;
}

const char *connect_check(struct target *target, struct span *what)
{
    char bytes[EXPECT_MAX];

    if (!target_query(target, "expect", what))
        return NULL;
    if (what->length == 0)
        return "needs a TEXT behind expect=";
    return decode_expected(*what, bytes).length <= EXPECT_MAX ? NULL : "is longer than 256 bytes";
}

/* Reads what the server begins with, until it is or is not what is expected. */
static COLD void hear_greeting(struct probe *probe)
{
    char bytes[EXPECT_MAX], heard[GREETING_MAX];
    struct span encoded = { NULL, 0 };
    size_t length = 0;

    target_query(probe->target, "expect", &encoded);
    struct text expected = decode_expected(encoded, bytes);
    conn_phase(&probe->conn, "waiting for the greeting");
    while (length < expected.length) {
        ssize_t n = conn_read(&probe->conn, heard + length, sizeof heard - length);
        if (n <= 0) {
            conn_explain_end(&probe->conn, n, probe->result);
            return;
        }
        if (length == 0)
            conn_time(&probe->conn, probe->result, TIME_FIRST_BYTE);
        length += (size_t)n;
        if (memcmp(heard, bytes, length < expected.length ? length : expected.length) != 0) {
            result_fail(probe->result, "the greeting does not begin with what is expected", NULL);
            return;
        }
    }
    result_ok(probe->result, "greeted as expected", NULL);
}

static COLD void tell_self_connect(struct result *result)
{
    result_fail(result, "nothing listens there (the socket was connected to itself)", NULL);
}

HOT void probe_connect(struct probe *probe)
{
    if (probe->target->port > 0 && is_self_connect(probe->conn.fd, probe->target->port))
        tell_self_connect(probe->result);
    else if (PITH_EXTRAS && probe->target->query.length > 0)
        hear_greeting(probe);
    else
        result_ok(probe->result, "connected", NULL);
}
