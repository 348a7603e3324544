/* Asks several addresses by UDP in turn, and listens to all of them. */
#include "healthcheck/net/datagram.h"

#include "healthcheck/net/delivery.h"
#include "healthcheck/sys/descriptor.h"
#include "pith/duration.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long a peer is waited for before the next one is asked, at the most; after a round it is twice as long. */
static const int64_t first_pause = 250 * NS_PER_MS;

/* So many first pauses of all peers have room until the deadline: each is asked twice at least. */
enum { ROUNDS = 4 };

/* The arrays have an entry for each of conn->peers. */
struct asking {
    struct conn *conn;
    uint16_t port;
    struct span question;
    datagram_judge *judge;
    void *argument;
    size_t turn;                      /* which peer is the next one */
    size_t opened;                    /* how many have a socket, or had one */
    size_t open;                      /* how many of these have not failed */
    int64_t pause;                    /* until the next turn */
    struct pollfd fds[ADDRESSES_MAX]; /* fd -1: it has failed */
    int errors[ADDRESSES_MAX];        /* by which they have failed */
};

/* Takes peer I out, which has failed by ERROR. */
static void drop(struct asking *asking, size_t i, int error)
{
    asking->errors[i] = error;
    asking->open--;
    if (asking->fds[i].fd >= 0)
        close(asking->fds[i].fd);
    asking->fds[i].fd = -1;
}

/* Whether ERROR only says that the datagram was not sent now, or nothing is there to be read. */
static bool is_passing(int error)
{
    return error == EAGAIN || error == EINTR || error == ENOBUFS;
}

/* Keeps what is sent to peer I in this container, unless the allow file lists it. False with errno. */
static bool hold(const struct asking *asking, size_t i)
{
    const struct peers *peers = &asking->conn->peers;

    return peers->listed || delivery_hold_datagram(asking->fds[i].fd, &peers->list.at[i], asking->port);
}

/* Makes the socket of peer I. False with errno. */
static bool open_socket(struct asking *asking, size_t i)
{
    const struct address *address = &asking->conn->peers.list.at[i];
    struct sockaddr_storage storage;
    socklen_t length = address_to_socket(address, asking->port, &storage);

    asking->opened++;
    asking->open++;
    asking->fds[i] =
        (struct pollfd){ .fd = descriptor_raise(socket(address->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
                         .events = POLLIN };
    return asking->fds[i].fd >= 0 && hold(asking, i) &&
           connect(asking->fds[i].fd, (struct sockaddr *)&storage, length) == 0;
}

/* Asks peer I. The route may have changed since the last time. False where it has failed. */
static bool ask(struct asking *asking, size_t i)
{
    bool good = i < asking->opened ? hold(asking, i) : open_socket(asking, i);

    if (good && (send(asking->fds[i].fd, asking->question.at, asking->question.length, 0) >= 0 || is_passing(errno)))
        return true;
    drop(asking, i, errno);
    return false;
}

/* Asks the next peer that has not failed. False where all have. */
static bool ask_next(struct asking *asking)
{
    size_t count = asking->conn->peers.list.count;

    while (asking->open > 0 || asking->opened < count) {
        size_t i = asking->turn;
        asking->turn = (i + 1) % count;
        if ((i >= asking->opened || asking->fds[i].fd >= 0) && ask(asking, i))
            return true;
    }
    return false;
}

/* Reads what peer I has sent. True when that is the answer. */
static bool hear(struct asking *asking, size_t i)
{
    uint8_t bytes[DATAGRAM_MAX];
    ssize_t n = recv(asking->fds[i].fd, bytes, sizeof bytes, 0);

    if (n >= 0)
        return asking->judge(asking->argument, bytes, (size_t)n);
    if (!is_passing(errno))
        drop(asking, i, errno);
    return false;
}

/* Listens to all up to UNTIL, or until nobody is left. The peer that has answered, or -1. */
static int listen_until(struct asking *asking, int64_t until)
{
    while (asking->open > 0 && conn_poll(asking->conn, asking->fds, asking->opened, until) > 0)
        for (size_t i = 0; i < asking->opened; i++)
            if (asking->fds[i].fd >= 0 && asking->fds[i].revents && hear(asking, i))
                return (int)i;
    return -1;
}

/* The peer that has answered; or -1: the deadline has come, or all have failed, conn->error being 0. */
static int ask_all(struct asking *asking)
{
    struct conn *conn = asking->conn;

    while (ask_next(asking)) {
        int64_t turn = time_add(time_now(), asking->pause);
        int winner = listen_until(asking, turn < conn->deadline ? turn : conn->deadline);
        if (winner >= 0)
            return winner;
        if (turn >= conn->deadline && asking->open > 0)
            return conn_broken(conn, CONN_DEADLINE);
        if (asking->turn == 0)
            asking->pause *= 2;
    }
    return -1;
}

static void close_all(struct asking *asking)
{
    for (size_t i = 0; i < asking->opened; i++)
        if (asking->fds[i].fd >= 0)
            close(asking->fds[i].fd);
}

bool datagram_ask(struct conn *conn, uint16_t port, struct span question, datagram_judge *judge, void *argument,
                  struct result *result)
{
    struct asking asking;
    size_t count = conn->peers.list.count;
    int64_t share = (conn->deadline - time_now()) / (int64_t)(ROUNDS * count);

    asking.conn = conn;
    asking.port = port;
    asking.question = question;
    asking.judge = judge;
    asking.argument = argument;
    asking.turn = asking.opened = asking.open = 0;
    asking.pause = share < first_pause ? share : first_pause;
    int winner = ask_all(&asking);
    close_all(&asking);
    if (winner < 0) {
        conn->peers.list.count = asking.opened;
        if (conn->error == 0)
            conn_blame(conn, asking.errors);
        return conn_explain(conn, result);
    }
    conn->peers.list.at[0] = conn->peers.list.at[winner];
    conn->peers.list.count = 1;
    conn_time(conn, result, TIME_FIRST_BYTE);
    if (conn->timed)
        conn_tell_peer(conn, port, result);
    return true;
}
