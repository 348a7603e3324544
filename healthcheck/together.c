/*
 * Begins several probes and ends each when its answer is there.
 *
 * A thread for each target takes more time than all of a plain probe: to start it, for a stack, and for the code that
 * is needed. Servers in the same container most often take a connection at once and send the head of an answer as a
 * whole. Then nobody has to wait for anybody: all requests are sent before the first answer is read.
 */
#include "healthcheck/together.h"

#include "healthcheck/http/response.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <poll.h>
#include <sys/socket.h>

enum { HEAD_USUAL = 2048 };

struct together {
    const struct check_conf *conf;
    struct conn pace;   /* is never connected: waits for all of them, as one of them would */
    size_t count, left; /* targets, and those without a result */
    bool any_healthy;
    struct start *starts;
};

static bool is_settled(const struct together *together)
{
    return together->left == 0 || (together->conf->any && together->any_healthy);
}

static void settle(struct together *together, struct start *start)
{
    conn_close(&start->probe.conn); /* at once: a server may take one connection after the other */
    start->done = true;
    together->left--;
    together->any_healthy = together->any_healthy || start->probe.result->healthy;
}

/* Begins with a deadline that is over, so that nothing waits. False where something would have to. */
static bool begin(struct together *together, struct start *start, int64_t now, int64_t deadline)
{
    struct probe *probe = &start->probe;
    bool http = probe->target->kind->flags & PROBE_HTTP;
    bool begun = false;

    start->done = false;
    conn_init(&probe->conn, now, now, false);
    result_init(probe->result);
    if (http)
        begun = probe_http_begin(probe);
    else
        probe_run(probe);
    if (!begun && probe->conn.error == CONN_DEADLINE) {
        conn_close(&probe->conn);
        conn_init(&probe->conn, now, deadline, false);
        return false;
    }
    conn_until(&probe->conn, deadline);
    if (!begun)
        settle(together, start);
    return true;
}

/* Whether the head of the answer can be read to its end without waiting, or there is none to wait for. */
static bool is_whole(const struct pollfd *fd)
{
    char head[HEAD_USUAL];
    struct http_response response;
    size_t used;

    if (fd->revents & (POLLERR | POLLHUP)) /* to look would take the error away */
        return true;
    ssize_t n = recv(fd->fd, head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
    http_response_init(&response, NULL, 0);
    return n <= 0 || http_response_feed(&response, head, (size_t)n, &used) != HTTP_PARTIAL;
}

static void end(struct together *together, struct start *start)
{
    probe_run(&start->probe);
    settle(together, start);
}

/* Ends those whose answers are there, but not the last one. False where one comes in pieces. */
static bool end_answered(struct together *together, struct pollfd *fds)
{
    for (size_t i = 0; i < together->count && together->left > 1 && !is_settled(together); i++) {
        struct start *start = &together->starts[i];
        if (start->done || !fds[i].revents)
            continue;
        if (!is_whole(&fds[i]))
            return false;
        end(together, start);
    }
    return true;
}

/* The last one keeps nobody waiting. */
static void end_last(struct together *together)
{
    for (size_t i = 0; i < together->count && !is_settled(together); i++)
        if (!together->starts[i].done)
            end(together, &together->starts[i]);
}

/* Waits for answers until the deadline: how many there are. What was waited for one was waited for all. */
static int await_answers(struct together *together, struct pollfd *fds)
{
    for (size_t i = 0; i < together->count; i++) {
        const struct start *start = &together->starts[i];
        fds[i] = (struct pollfd){ .fd = start->done ? -1 : start->probe.conn.fd, .events = POLLIN };
    }
    int n = conn_poll(&together->pace, fds, together->count, together->pace.deadline);
    for (size_t i = 0; i < together->count; i++)
        conn_waited(&together->starts[i].probe.conn, together->pace.waits, fds[i].revents != 0);
    return n;
}

/* What is left is late, or not needed any more. */
static void end_unanswered(struct together *together)
{
    bool spared = is_settled(together);

    for (size_t i = 0; i < together->count; i++) {
        struct start *start = &together->starts[i];
        if (start->done)
            continue;
        result_init(start->probe.result);
        conn_broken(&start->probe.conn, CONN_DEADLINE);
        if (spared)
            result_spare(start->probe.result);
        else
            conn_explain(&start->probe.conn, start->probe.result);
        start->probe.result->times[TIME_TOTAL] = time_now() - together->pace.start;
        settle(together, start);
    }
}

COLD bool together_run(const struct check_conf *conf, const struct target *targets, struct result *results,
                       size_t count, int64_t start, int64_t deadline, struct start starts[])
{
    struct together together = { .conf = conf, .count = count, .left = count, .starts = starts };
    struct pollfd fds[TARGETS_MAX];
    bool begun = true;

    conn_init(&together.pace, start, deadline, false);
    for (size_t i = 0; i < count; i++) {
        starts[i].probe.target = &targets[i];
        starts[i].probe.conf = &conf->probe;
        starts[i].probe.result = &results[i];
        begun = begin(&together, &starts[i], start, deadline) && begun;
    }
    while (begun && together.left > 1 && !is_settled(&together) && await_answers(&together, fds) > 0)
        begun = end_answered(&together, fds);
    if (begun && together.left == 1)
        end_last(&together);
    begun = begun || is_settled(&together); /* what would have to wait is not needed any more */
    if (begun)
        end_unanswered(&together);
    return begun;
}
