/*
 * Connects to a Unix socket, or to one of several addresses.
 *
 * Addresses race, as RFC 8305 describes it. They are tried in turn, and one that is silent for 250 ms does not hold up
 * the next one any longer, which is then tried beside it. The first that accepts wins, and the others are closed. The
 * race ends at the deadline of the connection.
 */
#include "healthcheck/net/conn.h"

#include "healthcheck/features.h"
#include "healthcheck/net/delivery.h"
#include "healthcheck/sys/descriptor.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/signals.h"
#include "pith/call.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* How long an address may be silent before the next one is tried (RFC 8305, 5). */
static const int64_t stagger = 250 * NS_PER_MS;

/* The state of a race. The arrays have an entry for each of conn->peers. */
struct race {
    struct conn *conn;
    uint16_t port;
    size_t started;                   /* how many of them were tried, */
    size_t open;                      /* and how many of these have not failed */
    struct pollfd fds[ADDRESSES_MAX]; /* fd -1: it has failed */
    int errors[ADDRESSES_MAX];        /* by which they have failed */
};

/* Takes address I out of the race, which has failed by ERROR. */
static void race_drop(struct race *race, size_t i, int error)
{
    race->errors[i] = error;
    race->open--;
    if (race->fds[i].fd >= 0)
        close(race->fds[i].fd);
    race->fds[i].fd = -1;
}

/* Calls connect(2) for address I. True when it is connected. */
static HOT bool race_connect(struct race *race, size_t i)
{
    struct sockaddr_storage storage;
    socklen_t length = address_to_socket(&race->conn->peers.list.at[i], race->port, &storage);

    if (CALL_AS(connect, race->fds[i].fd, (struct sockaddr *)&storage, length) == 0 || errno == EISCONN)
        return true;
    if (errno != EINPROGRESS && errno != EALREADY && errno != EINTR)
        race_drop(race, i, errno);
    return false;
}

/*
 * Asks how connect(2) went for address I. True when it is connected. One call tells: connect(2) itself once more, or
 * send(2), where there is something to send.
 */
static HOT bool race_ask(struct race *race, size_t i)
{
    struct conn *conn = race->conn;

    if (conn->opening.length == 0)
        return race_connect(race, i);
    ssize_t n = CALL_AS(sendto, race->fds[i].fd, conn->opening.at, conn->opening.length, MSG_NOSIGNAL, NULL, 0);
    if (n >= 0)
        conn->opened = (size_t)n;
    if (n >= 0 || errno == EPIPE || errno == ECONNRESET) /* it was connected, and the answer may be there already */
        return true;
    if (errno != EAGAIN && errno != EINTR)
        race_drop(race, i, errno);
    return false;
}

/*
 * Keeps packets for address I in this container, unless the allow file lists it. The gate has asked, but that may be
 * long ago. False with errno.
 */
static bool race_hold(const struct race *race, size_t i)
{
    return race->conn->peers.listed || delivery_hold(race->fds[i].fd, &race->conn->peers.list.at[i], race->port);
}

/*
 * Tries the next address. True when it is connected. Over loopback the handshake is over when connect(2) returns, also
 * where that says EINPROGRESS: so the answer is asked for at once.
 */
static bool race_start(struct race *race)
{
    size_t i = race->started++;

    race->open++;
    race->errors[i] = 0;
    race->fds[i] = (struct pollfd){ .fd = descriptor_socket(race->conn->peers.list.at[i].family, SOCK_STREAM, 0),
                                    .events = POLLOUT };
    if (race->fds[i].fd < 0 || !race_hold(race, i)) {
        race_drop(race, i, errno);
        return false;
    }
    return race_connect(race, i) || (race->fds[i].fd >= 0 && race_ask(race, i));
}

/* The first of the addresses with an event that is connected now, or -1. */
static COLD int race_look(struct race *race)
{
    for (size_t i = 0; i < race->started; i++)
        if (race->fds[i].fd >= 0 && race->fds[i].revents && race_ask(race, i))
            return (int)i;
    return -1;
}

/* When to try the next address, although no other has failed. The time that is left is shared out among all. */
static COLD int64_t race_next(const struct race *race)
{
    size_t left = race->conn->peers.list.count - race->started;

    if (left == 0)
        return race->conn->deadline;
    int64_t now = time_now(), share = (race->conn->deadline - now) / (int64_t)(left + 1);
    return now + (share < stagger ? share : stagger);
}

/*
 * Ends the race at the deadline. An address that was held to lo, but is none of lo's, was silent for that reason: it is
 * said to be unreachable, as it would be without that. Nothing was waited for where the deadline was over from the
 * beginning (conn_until), and so nothing was silent.
 */
static COLD void race_expire(struct race *race)
{
    bool waited = race->conn->deadline > race->conn->start;

    for (size_t i = 0; waited && i < race->started && !race->conn->peers.listed; i++)
        if (race->fds[i].fd >= 0 && delivery_is_lost(&race->conn->peers.list.at[i], race->port, IPPROTO_TCP))
            race_drop(race, i, ENETUNREACH);
    if (race->open > 0)
        race->conn->error = CONN_DEADLINE;
}

/* Runs the race. The address that has won, or -1: the deadline has come, or all have failed, conn->error being 0. */
static int race_run(struct race *race)
{
    struct conn *conn = race->conn;
    int winner = -1;

    while (race->open > 0 || race->started < conn->peers.list.count) {
        if (race->started < conn->peers.list.count && race_start(race))
            return (int)race->started - 1;
        if (race->open == 0)
            continue;
        int64_t until = race_next(race);
        if (conn_poll(conn, race->fds, race->started, until) > 0)
            winner = race_look(race);
        else if (until >= conn->deadline)
            race_expire(race);
        if (winner >= 0 || conn->error == CONN_DEADLINE)
            return winner;
    }
    return -1;
}

/* Whether ERROR only says that this container has no addresses of that family. */
static bool is_no_family(int error)
{
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == ENETUNREACH;
}

COLD void conn_blame(struct conn *conn, const int errors[])
{
    size_t count = conn->peers.list.count, kept = 0, first = 0;

    while (first + 1 < count && is_no_family(errors[first]))
        first++;
    /* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): a connection has one peer at least */
    if (is_no_family(errors[first]))
        first = 0;
    conn->error = errors[first];
    for (size_t i = 0; i < count; i++)
        if (errors[i] == conn->error)
            conn->peers.list.at[kept++] = conn->peers.list.at[i];
    conn->peers.list.count = kept;
}

static HOT void race_close(struct race *race)
{
    for (size_t i = 0; i < race->started; i++)
        if (race->fds[i].fd >= 0)
            close(race->fds[i].fd);
}

COLD void conn_tell_peer(const struct conn *conn, uint16_t port, struct result *result)
{
    struct text out = { result->address, sizeof result->address, 0 };
    bool brackets = conn->peers.list.at[0].family == AF_INET6;

    if (brackets)
        text_char(&out, '[');
    address_show(&conn->peers.list.at[0], &out);
    if (brackets)
        text_char(&out, ']');
    text_char(&out, ':');
    text_number(&out, port);
    result->address_length = text_kept(&out);
}

HOT bool conn_connect(struct conn *conn, uint16_t port, struct result *result)
{
    struct race race;

    race.conn = conn;
    race.port = port;
    race.started = race.open = 0;
    conn->error = 0;
    conn_phase(conn, "connecting");
    int winner = race_run(&race);
    if (winner < 0 && conn->error == 0)
        conn_blame(conn, race.errors);
    else if (winner < 0)
        conn->peers.list.count = race.started;
    if (winner < 0) {
        race_close(&race);
        return conn_explain(conn, result);
    }
    conn->fd = race.fds[winner].fd;
    race.fds[winner].fd = -1;
    race_close(&race);
    conn->peers.list.at[0] = conn->peers.list.at[winner];
    conn->peers.list.count = 1;
    conn_time(conn, result, TIME_CONNECT);
    if (conn->timed)
        conn_tell_peer(conn, port, result);
    return true;
}

/*
 * Connects to a Unix socket whose backlog is full. poll(2) does not tell when there is room. So connect(2) has to
 * block, up to SO_SNDTIMEO. It also returns when the process was stopped and goes on (signal(7)), and is then called
 * again.
 */
static COLD bool connect_waiting(struct conn *conn, const struct sockaddr_un *address, socklen_t length)
{
    int64_t left;

    conn->error = EINTR;
    signals_listen();
    syscall(SYS_fcntl, conn->fd, F_SETFL, 0);
    while (conn->error == EINTR && (left = conn->deadline - time_now()) >= 1000) {
        const struct timeval timeout = { .tv_sec = (time_t)(left / NS_PER_S),
                                         .tv_usec = (suseconds_t)(left % NS_PER_S / 1000) };
        setsockopt(conn->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
        conn->error = connect(conn->fd, (const struct sockaddr *)address, length) == 0 ? 0 : errno;
    }
    syscall(SYS_fcntl, conn->fd, F_SETFL, O_NONBLOCK);
    conn_waited(conn, CONN_NO_SHORT_WAITS, false);
    if (conn->error == EINTR || conn->error == EAGAIN)
        conn->error = CONN_DEADLINE;
    return conn->error == 0;
}

/* The kernel refuses a connection to a file that is no socket as it does to one that nobody listens to. */
static COLD int error_of_socket(const struct sockaddr_un *address, int error)
{
    struct stat file;

    return PITH_EXTRAS && error == ECONNREFUSED && stat(address->sun_path, &file) == 0 && !S_ISSOCK(file.st_mode)
               ? ENOTSOCK
               : error;
}

HOT __attribute__((noinline)) bool conn_connect_socket(struct conn *conn, struct span socket, struct result *result)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    struct text path = { address.sun_path, sizeof address.sun_path - 1, 0 };
    bool abstract;

    conn_phase(conn, "connecting");
    span_decode(socket, &path);
    abstract = address.sun_path[0] == '@';
    if (abstract)
        address.sun_path[0] = '\0';
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + text_kept(&path) + !abstract);
    conn->peers.list.count = 0;
    conn->fd = descriptor_socket(AF_UNIX, SOCK_STREAM, 0);
    bool connected = conn->fd >= 0 && connect(conn->fd, (const struct sockaddr *)&address, length) == 0;
    conn->error = errno;
    if (!connected && conn->error == EAGAIN)
        connected = connect_waiting(conn, &address, length);
    if (!connected) {
        conn->error = error_of_socket(&address, conn->error);
        return conn_explain(conn, result);
    }
    conn_time(conn, result, TIME_CONNECT);
    struct text shown = { result->address, sizeof result->address, 0 };
    span_decode(socket, &shown);
    result->address_length = text_kept(&shown);
    return true;
}
