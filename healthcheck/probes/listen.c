/*
 * listen, listen+udp: whether a TCP socket listens, or a UDP socket is bound. /proc/net tells, so nobody is connected
 * to or sent a packet, and no server sees the probe.
 */
#include "healthcheck/net/gate.h"
#include "healthcheck/net/resolve.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/sockets.h"
#include "pith/diag.h"

#include <errno.h>

/* Where the sockets of a protocol are, and what is said of them. */
struct protocol {
    const char *ipv4, *ipv6; /* tables */
    const char *phase;
    const char *found, *missing;
    enum proc_socket_state wanted;
    enum result_cause cause; /* of a failure: hints name listeners of TCP only */
};

static const struct protocol
    tcp = { "/proc/net/tcp", "/proc/net/tcp6", "reading /proc/net/tcp", "listening on ", "nothing listens there",
            SOCKET_LISTENS,  CAUSE_REFUSED },
    udp = { "/proc/net/udp",    "/proc/net/udp6", "reading /proc/net/udp", "bound to ", "no UDP socket is bound there",
            SOCKET_UNCONNECTED, CAUSE_STALLED };

/* What is looked for, and what was found. */
struct search {
    const struct protocol *protocol;
    struct peers wanted; /* addresses, of which one is enough */
    uint16_t port;
    bool found;
    bool elsewhere;    /* a socket has that port, of whatever address, */
    struct address at; /* which is this one */
};

/* Looks at a socket; false when the search is over. */
static bool look_at(void *argument, const struct proc_socket *socket)
{
    struct search *search = argument;

    if (socket->state != search->protocol->wanted || socket->port != search->port)
        return true;
    search->elsewhere = true;
    search->at = socket->address;
    for (size_t i = 0; i < search->wanted.list.count; i++)
        search->found = search->found || proc_socket_serves(socket, &search->wanted.list.at[i], search->port);
    return !search->found;
}

static void tell_socket(const struct search *search, struct result *result)
{
    struct text reason = result_begin(result);

    text_string(&reason, search->found ? search->protocol->found : search->protocol->missing);
    if (search->elsewhere) {
        text_string(&reason, search->found ? "" : ", only on ");
        address_show(&search->at, &reason);
    }
    result->cause = search->found ? CAUSE_OTHER : search->protocol->cause;
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

static void search_sockets(struct probe *probe, const struct protocol *protocol)
{
    struct conn *conn = &probe->conn;
    struct search search = { .protocol = protocol, .port = probe->target->port };

    conn_phase(conn, "resolving");
    if (!find_addresses(probe, &search.wanted) || probe->conf->dry_run)
        return;
    conn_phase(conn, protocol->phase);
    bool read = sockets_walk(protocol->ipv4, conn->deadline, look_at, &search);
    if (read && !search.found && !sockets_walk(protocol->ipv6, conn->deadline, look_at, &search))
        read = errno == ENOENT; /* a kernel without IPv6 has no such table */
    if (read) {
        tell_socket(&search, probe->result);
    } else if (errno == ETIMEDOUT) {
        conn_broken(conn, CONN_DEADLINE);
        conn_explain(conn, probe->result);
    } else {
        result_fail(probe->result, protocol->ipv4, " cannot be read: ", DIAG_ERRNO, NULL);
    }
}

void probe_listen(struct probe *probe)
{
    search_sockets(probe, &tcp);
}

void probe_listen_udp(struct probe *probe)
{
    search_sockets(probe, &udp);
}
