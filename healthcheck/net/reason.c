/* Says why a connection has failed: what the kernel or the layer said, what was going on, and with whom. */
#include "healthcheck/net/conn.h"

#include "pith/diag.h"
#include "pith/duration.h"

#include <errno.h>
#include <string.h>

/* Errors of networks. text_errno does not know them, as init, which shares it, never meets them. */
static const struct {
    int error;
    const char *string;
} network_errors[] = {
    { ECONNREFUSED, "connection refused" },
    { ECONNRESET, "connection reset" },
    { EPIPE, "connection reset" },
    { ECONNABORTED, "connection aborted" },
    { ENETUNREACH, "network unreachable" },
    { ENETDOWN, "network is down" },
    { EHOSTUNREACH, "host unreachable" },
    { ETIMEDOUT, "connection timed out" },
    { EADDRNOTAVAIL, "address not available" },
    { EAFNOSUPPORT, "address family not supported" },
    { EPROTOTYPE, "not a stream socket" },
    { ENOTSOCK, "not a socket" },
};

/* Appends the text of ERROR as it reads inside a line: its first letter is small. */
static void put_errno(struct text *out, int error)
{
    for (size_t i = 0; i < sizeof network_errors / sizeof network_errors[0]; i++)
        if (network_errors[i].error == error) {
            text_string(out, network_errors[i].string);
            return;
        }
    size_t at = out->length;

    text_errno(out, error);
    if (at + 1 < out->size && out->start[at + 1] >= 'a') /* "I/O error" keeps its capital */
        out->start[at] = lower(out->start[at]);
}

static void put_peers(const struct conn *conn, struct text *out)
{
    for (size_t i = 0; i < conn->peers.list.count; i++) {
        text_string(out, i == 0 ? " (" : ", ");
        address_show(&conn->peers.list.at[i], out);
    }
    if (conn->peers.list.count > 0)
        text_char(out, ')');
}

void conn_put_timeout(const struct conn *conn, int64_t limit, struct text *reason)
{
    text_string(reason, "timed out after ");
    text_duration(reason, limit);
    text_char(reason, ' ');
    text_string(reason, atomic_load_explicit(&conn->phase, memory_order_relaxed));
}

/* What a listed peer does is not this container's affair. */
static enum result_cause cause_of(const struct conn *conn)
{
    if (conn->peers.list.count > 0 && conn->peers.listed)
        return CAUSE_OTHER;
    switch (conn->error) {
    case ECONNREFUSED:
        return conn->peers.list.count > 0 ? CAUSE_REFUSED : CAUSE_STALLED;
    case ENOENT: /* a Unix socket */
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ETIMEDOUT:
    case CONN_DEADLINE:
    case CONN_EOF:
        return CAUSE_STALLED;
    default:
        return CAUSE_OTHER;
    }
}

bool conn_explain(struct conn *conn, struct result *result)
{
    struct text reason = result_begin(result);
    const char *phase = atomic_load_explicit(&conn->phase, memory_order_relaxed);
    bool connecting = conn->fd < 0 || strcmp(phase, "connecting") == 0;

    result->cause = cause_of(conn);
    if (conn->error == CONN_DEADLINE) {
        conn_put_timeout(conn, conn->deadline - conn->start, &reason);
    } else if (conn->error == CONN_LAYER) {
        conn->layer->explain(conn, &reason);
    } else {
        if (conn->error == CONN_EOF)
            text_string(&reason, "connection closed");
        else
            put_errno(&reason, conn->error);
        if (!connecting) {
            text_string(&reason, " while ");
            text_string(&reason, phase);
        }
    }
    if (connecting)
        put_peers(conn, &reason);
    return result_end(result, &reason, false);
}

bool conn_explain_end(struct conn *conn, ssize_t n, struct result *result)
{
    if (n == 0)
        conn->error = CONN_EOF;
    return conn_explain(conn, result);
}
