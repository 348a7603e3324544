/* listen: whether a TCP socket listens, told by /proc/net, so that nobody is connected to. */
#include "healthcheck/net/gate.h"
#include "healthcheck/net/resolve.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/proc.h"
#include "pith/diag.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 4096 }; /* of a table: many times its longest line */

/* What is looked for, and what was found. */
struct search {
    struct conn *conn;   /* for the deadline */
    struct peers wanted; /* one of them is enough */
    uint16_t port;
    bool found;
    bool elsewhere; /* something listens at that port, but at another address */
    struct address at;
};

static void look_at(struct search *search, struct span line)
{
    struct proc_socket socket;

    if (!proc_socket_parse(line, &socket) || !socket.listening || socket.port != search->port)
        return;
    search->elsewhere = true;
    search->at = socket.address;
    for (size_t i = 0; i < search->wanted.list.count; i++)
        search->found = search->found || proc_socket_serves(&socket, &search->wanted.list.at[i], search->port);
}

/* Looks at the whole lines of BYTES. Returns how many bytes they are. */
static size_t look_through(struct search *search, const char *bytes, size_t length)
{
    size_t done = 0;
    const char *end;

    while (!search->found && (end = memchr(bytes + done, '\n', length - done))) {
        size_t next = (size_t)(end - bytes);
        look_at(search, (struct span){ bytes + done, next - done });
        done = next + 1;
    }
    return done;
}

/* The kernel lists those that listen first. False with errno, ETIMEDOUT at the deadline. */
static bool read_table(struct search *search, int fd)
{
    char window[WINDOW];
    size_t length = 0;
    ssize_t n;

    while ((n = read(fd, window + length, sizeof window - length)) > 0 && !search->found) {
        length += (size_t)n;
        size_t done = look_through(search, window, length);
        length -= done;
        memmove(window, window + done, length);
        if (conn_late(search->conn)) {
            errno = ETIMEDOUT;
            return false;
        }
    }
    return n >= 0;
}

static bool search_table(struct search *search, const char *path)
{
    int fd = file_open(path, O_RDONLY, 0);

    if (fd < 0)
        return false;
    bool read = read_table(search, fd);
    int error = errno;
    close(fd);
    errno = error;
    return read;
}

static void tell_listener(const struct search *search, struct result *result)
{
    struct text reason = result_begin(result);

    text_string(&reason, search->found ? "listening on " : "nothing listens there");
    if (search->elsewhere) {
        text_string(&reason, search->found ? "" : ", only on ");
        address_show(&search->at, &reason);
    }
    result_end(result, &reason, search->found);
}

static bool is_unspecified(const struct address *address)
{
    struct address settled = *address;

    address_settle(&settled);
    return !address_equal(address, &settled);
}

/* 0.0.0.0 and [::] are looked for as they are; all else has to be this container's. */
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
    struct search search = { .conn = &probe->conn, .port = probe->target->port };

    conn_phase(&probe->conn, "reading /proc/net/tcp");
    if (!find_addresses(probe, &search.wanted) || probe->conf->dry_run)
        return;
    bool read = search_table(&search, "/proc/net/tcp");
    if (read && !search.found && !search_table(&search, "/proc/net/tcp6"))
        read = errno == ENOENT; /* a kernel without IPv6 has no such table */
    if (read)
        tell_listener(&search, probe->result);
    else if (errno == ETIMEDOUT)
        conn_explain(&probe->conn, probe->result);
    else
        result_fail(probe->result, "/proc/net/tcp cannot be read: ", DIAG_ERRNO, NULL);
}
