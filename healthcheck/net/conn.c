/*
 * Reads and writes against one absolute deadline.
 *
 * Sockets do not block. What cannot be done at once is tried again after poll(2), which waits up to the deadline. A
 * layer, which is TLS, stands between the caller and the socket; without one, `plain` does.
 */
#include "healthcheck/net/conn.h"

#include "healthcheck/sys/descriptor.h"
#include "healthcheck/sys/sandbox.h"
#include "healthcheck/sys/signals.h"
#include "pith/call.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * An answer most often comes at once. So the first waits of a probe are short ones, which need neither the clock nor
 * signals. Only after them does the probe listen to signals, and wait by the clock.
 */
enum { SHORT_WAITS = 3, SHORT_WAIT_MS = 20 };

static HOT ssize_t plain_read(struct conn *conn, void *bytes, size_t size)
{
    ssize_t n = CALL_AS(recvfrom, conn->fd, bytes, size, 0, NULL, NULL);

    conn->error = errno;
    conn->events = POLLIN;
    return n;
}

static HOT ssize_t plain_write(struct conn *conn, const void *bytes, size_t size)
{
    ssize_t n = CALL_AS(sendto, conn->fd, bytes, size, MSG_NOSIGNAL, NULL, 0);

    conn->error = errno;
    conn->events = POLLOUT;
    return n;
}

static HOT_TABLE const struct conn_layer plain = { .read = plain_read, .write = plain_write };

/* Not inlined, as it has several callers. */
HOT __attribute__((noinline)) void conn_init(struct conn *conn, int64_t start, int64_t deadline, bool timed)
{
    conn->fd = -1;
    conn->error = 0;
    conn->events = 0;
    conn->ready = false;
    conn->timed = timed;
    conn->last = false;
    conn->waits = 0;
    conn->start = conn->mark = start;
    conn->deadline = deadline;
    conn->peers.list.count = 0;
    conn->opening.length = conn->opened = 0;
    conn->layer = &plain;
    conn->state = NULL;
    conn_phase(conn, "starting");
}

void conn_last(struct conn *conn, bool last)
{
    conn->last = last;
}

HOT void conn_open_with(struct conn *conn, struct span opening)
{
    conn->opening = opening;
    conn->opened = 0;
}

void conn_waited(struct conn *conn, uint8_t waits, bool ready)
{
    conn->waits = waits;
    conn->ready = ready;
}

void conn_until(struct conn *conn, int64_t deadline)
{
    conn->deadline = deadline;
}

void conn_put_layer(struct conn *conn, const struct conn_layer *layer, void *state)
{
    conn->layer = layer;
    conn->state = state;
}

int conn_again(struct conn *conn, short events)
{
    conn->events = events;
    return conn_broken(conn, EAGAIN);
}

int conn_broken(struct conn *conn, int error)
{
    conn->error = error;
    return -1;
}

void conn_hurry(struct conn *conn, int64_t span)
{
    int64_t soon = time_add(time_now(), span);

    conn->deadline = soon < conn->deadline ? soon : conn->deadline;
}

bool conn_late(struct conn *conn)
{
    if (time_now() <= conn->deadline)
        return false;
    conn->error = CONN_DEADLINE;
    return true;
}

HOT void conn_phase(struct conn *conn, const char *phase)
{
    atomic_store_explicit(&conn->phase, phase, memory_order_relaxed);
}

HOT void conn_time(struct conn *conn, struct result *result, enum result_time which)
{
    if (!conn->timed)
        return;
    int64_t now = time_now();
    result->times[which] = now - conn->mark;
    conn->mark = now;
}

HOT int conn_poll(struct conn *conn, struct pollfd *fds, size_t count, int64_t until)
{
    if (conn->waits < SHORT_WAITS && until - conn->start >= SHORT_WAITS * SHORT_WAIT_MS * NS_PER_MS) {
        int n = (int)CALL_AS(poll, fds, count, SHORT_WAIT_MS);
        conn->waits = n > 0 ? (uint8_t)(conn->waits + 1) : SHORT_WAITS;
        if (n > 0)
            return n;
    }
    return descriptor_wait(fds, count, until);
}

HOT bool conn_wait(struct conn *conn, short events)
{
    struct pollfd fd = { .fd = conn->fd, .events = events };

    if (conn_poll(conn, &fd, 1, conn->deadline) > 0)
        return true;
    conn->error = CONN_DEADLINE;
    return false;
}

void conn_seal(struct conn *conn)
{
    if (conn->last)
        sandbox_seal();
    conn->last = false;
}

HOT ssize_t conn_read(struct conn *conn, void *bytes, size_t size)
{
    /*
     * An answer is never there right after its request. So a plain read waits first, which saves the call that fails.
     */
    bool wait = conn->layer == &plain && !conn->ready;

    conn->ready = false;
    conn_seal(conn);
    conn->events = POLLIN;
    for (;;) {
        if (wait && !conn_wait(conn, conn->events))
            return -1;
        ssize_t n = conn->layer->read(conn, bytes, size);
        if (n >= 0)
            return n;
        if (conn->error != EAGAIN && conn->error != EINTR)
            return -1;
        wait = true; /* conn_wait holds the deadline, also for a call that is interrupted again and again */
    }
}

/*
 * Writes what can be written now, and returns how much. Where that is not all, conn->error says why: EAGAIN, or worse.
 */
static HOT size_t write_now(struct conn *conn, const char *bytes, size_t size)
{
    size_t done = 0;

    conn->error = 0;
    while (done < size) {
        ssize_t n = conn->layer->write(conn, bytes + done, size - done);
        if (n >= 0) {
            done += (size_t)n;
            continue;
        }
        if (conn->error == EINTR)
            conn->error = EAGAIN; /* so that the caller waits, which holds the deadline */
        break;
    }
    return done;
}

bool conn_write_all(struct conn *conn, const void *bytes, size_t size)
{
    for (const char *at = bytes;;) {
        size_t n = write_now(conn, at, size);
        at += n;
        size -= n;
        if (size == 0)
            return true;
        if (conn->error != EAGAIN || !conn_wait(conn, conn->events))
            return false;
    }
}

bool conn_send_opening(struct conn *conn)
{
    if (!conn_write_all(conn, conn->opening.at + conn->opened, conn->opening.length - conn->opened))
        return false;
    conn->opened = conn->opening.length;
    return true;
}

HOT ssize_t conn_write_early(struct conn *conn, const void *bytes, size_t size)
{
    size_t done = 0;

    for (;;) {
        done += write_now(conn, (const char *)bytes + done, size - done);
        if (done == size || conn->error == EPIPE || conn->error == ECONNRESET)
            return (ssize_t)done;
        if (conn->error != EAGAIN || !conn_wait(conn, (short)(conn->events | POLLIN)))
            return -1;
        struct pollfd answer = { .fd = conn->fd, .events = POLLIN };
        if (poll(&answer, 1, 0) > 0)
            return (ssize_t)done;
    }
}

bool conn_is_inside(const struct conn *conn)
{
    return conn->peers.list.count == 0 || address_is_loopback(&conn->peers.list.at[0]);
}

void conn_leave(struct conn *conn)
{
    if (conn->layer->leave)
        conn->layer->leave(conn);
}

void conn_close(struct conn *conn)
{
    if (conn->layer->close)
        conn->layer->close(conn);
    conn->layer = &plain;
    conn->state = NULL;
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
}
