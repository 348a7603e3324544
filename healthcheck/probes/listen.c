/* listen: whether a TCP socket listens. /proc/net tells, so nobody is connected to, and no server sees the probe. */
#include "healthcheck/net/gate.h"
#include "healthcheck/net/resolve.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/sockets.h"
#include "pith/diag.h"

#include <errno.h>

/* What is looked for, and what was found. */
struct search {
    struct peers wanted; /* addresses, of which one is enough */
    uint16_t port;
    bool found;
    bool elsewhere;    /* something listens at that port, of whatever address, */
    struct address at; /* which is this one */
};

/* Looks at a socket; false when the search is over. */
static bool look_at(void *argument, const struct proc_socket *socket)
{
    struct search *search = argument;

    if (!socket->listening || socket->port != search->port)
        return true;
    search->elsewhere = true;
    search->at = socket->address;
    for (size_t i = 0; i < search->wanted.list.count; i++)
        search->found = search->found || proc_socket_serves(socket, &search->wanted.list.at[i], search->port);
    return !search->found;
}

static void tell_listener(const struct search *search, struct result *result)
{
    struct text reason = result_begin(result);

    text_string(&reason, search->found ? "listening on " : "nothing listens there");
    if (search->elsewhere) {
        text_string(&reason, search->found ? "" : ", only on ");
        address_show(&search->at, &reason);
    }
    result->cause = CAUSE_REFUSED;
    result_end(result, &reason, search->found);
}

static bool is_unspecified(const struct address *address)
{
    struct address settled = *address;

    address_settle(&settled);
    return !address_equal(address, &settled);
}

/* Fills *WANTED. 0.0.0.0 and [::] are searched for as they are. Every other address has to be this container's. */
static bool find_addresses(const struct probe *probe, struct peers *wanted)
{
    const struct target *target = probe->target;
    struct address address;
    struct span zone;

    if (address_parse(target->host, &address, &zone) && is_unspecified(&address)) {
        address_add(&wanted->list, &address);
        return true;
    }
    if (!resolve(target, probe->conf->family, probe->conf->dry_run, wanted, probe->result))
        return false;
    return gate_is_own(&wanted->list, target->port)
               ? true
               : result_refuse(probe->result, "not an address of this container", NULL);
}

void probe_listen(struct probe *probe)
{
    struct conn *conn = &probe->conn;
    struct search search = { .port = probe->target->port };

    conn_phase(conn, "reading /proc/net/tcp");
    if (!find_addresses(probe, &search.wanted) || probe->conf->dry_run)
        return;
    bool read = sockets_walk("/proc/net/tcp", conn->deadline, look_at, &search);
    if (read && !search.found && !sockets_walk("/proc/net/tcp6", conn->deadline, look_at, &search))
        read = errno == ENOENT; /* a kernel without IPv6 has no such table */
    if (read) {
        tell_listener(&search, probe->result);
    } else if (errno == ETIMEDOUT) {
        conn_broken(conn, CONN_DEADLINE);
        conn_explain(conn, probe->result);
    } else {
        result_fail(probe->result, "/proc/net/tcp cannot be read: ", DIAG_ERRNO, NULL);
    }
}
