/*
 * One connection against one absolute deadline: connect, read, write, and what to say when it fails.
 *
 * Its life: conn_init; once or more (redirects) conn_connect or conn_connect_socket, perhaps a layer by conn_put_layer
 * (TLS), any number of reads and writes, conn_close. After a call that failed, conn_explain tells why, and nothing but
 * conn_close or the end of the process is left to do. Only the functions declared here, and resolve() for the peers,
 * write a field; everybody may read them. The phase may be read by another thread at any time.
 */
#ifndef HEALTHCHECK_NET_CONN_H
#define HEALTHCHECK_NET_CONN_H

#include "healthcheck/net/resolve.h"
#include "healthcheck/result.h"
#include "healthcheck/target/span.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct conn;

/*
 * What stands between the socket and the probe: nothing, or TLS. `read` and `write` work as recv(2) and send(2) do on a
 * non-blocking socket: bytes moved, 0 at the end of the stream (read), or -1, which is what conn_again and conn_broken
 * return. `explain` says why a call ended with CONN_LAYER. `close` frees the layer's state; it need not be polite.
 */
struct conn_layer {
    ssize_t (*read)(struct conn *conn, void *bytes, size_t size);
    ssize_t (*write)(struct conn *conn, const void *bytes, size_t size);
    void (*explain)(struct conn *conn, struct text *reason); /* for CONN_LAYER; may be NULL */
    void (*close)(struct conn *conn);                        /* may be NULL */
};

/* conn->error beside errno values. */
enum {
    CONN_DEADLINE = -1, /* the deadline passed */
    CONN_EOF = -2,      /* the peer closed the connection where more was due */
    CONN_LAYER = -3,    /* the layer knows why */
};

struct conn {
    /* conn_init sets these once for all */
    int64_t start;    /* of this try, CLOCK_MONOTONIC in ns */
    int64_t deadline; /* absolute, CLOCK_MONOTONIC in ns; conn_hurry moves it */
    bool timed;       /* the time of each phase is taken (one more system call each) */
    /* before it is connected */
    struct peers peers; /* who is to be reached; once connected, the one that was; after a failure, those that failed */
    struct span opening; /* what is to be sent as soon as it can be (conn_open_with); empty: nothing */
    size_t opened;       /* bytes of it that were sent */
    bool last;           /* from its first byte on nothing else is opened: conn_seal */
    /* while it is connected */
    int fd; /* -1: none; non-blocking, close-on-exec, never 0-2 */
    const struct conn_layer *layer;
    void *state; /* the layer's */
    /* after a call that failed */
    int error;    /* an errno, or one of the above */
    short events; /* beside EAGAIN: what to wait for (poll(2)) */
    /* at any time */
    uint8_t waits;               /* short ones so far, which read no clock */
    int64_t mark;                /* when the last phase that was timed ended */
    _Atomic(const char *) phase; /* what goes on, for the message at the deadline: "connecting" */
};

/* No descriptor yet. START is now. */
void conn_init(struct conn *conn, int64_t start, int64_t deadline, bool timed);

/* Names what is going on: a static string that reads well behind "timed out after 2s ". */
void conn_phase(struct conn *conn, const char *phase);

/* With conn->timed: stores the time since the last phase ended under WHICH and starts the next one. */
void conn_time(struct conn *conn, struct result *result, enum result_time which);

/* Once bytes are read, nothing else is opened by this process: conn_seal may give up the right to. */
void conn_last(struct conn *conn);

/*
 * What conn_connect is to send as soon as it can: OPENING, which stays the caller's; conn->opened tells how much went.
 */
void conn_open_with(struct conn *conn, struct span opening);

/* Puts LAYER between the probe and the connected socket; conn_close closes it. STATE is the layer's own. */
void conn_put_layer(struct conn *conn, const struct conn_layer *layer, void *state);

/* What a layer's read or write returns, -1: it has to wait for EVENTS (poll(2)) first; it failed by ERROR. */
int conn_again(struct conn *conn, short events);
int conn_broken(struct conn *conn, int error);

/* Moves the deadline to SPAN ns from now where it is later: for a good-bye that must not put off the verdict. */
void conn_hurry(struct conn *conn, int64_t span);

/* Whether the deadline has passed, for work that waits for nobody; conn->error is CONN_DEADLINE then. */
bool conn_late(struct conn *conn);

/*
 * Connects to the first of conn->peers that accepts, which is then the only one in there; a later one is tried beside
 * an earlier one that stays silent (RFC 8305). That one alone gets what there is of conn->opening, as far as it goes:
 * sending saves a plain probe the call that asks whether it is connected. No packet leaves this container for a peer
 * that is not listed. False with the reason in *RESULT.
 */
bool conn_connect(struct conn *conn, uint16_t port, struct result *result);

/* Connects to the Unix socket of a target: SOCKET as in struct target. */
bool conn_connect_socket(struct conn *conn, struct span socket, struct result *result);

/*
 * poll(2) until UNTIL: how many are ready, 0 when that time has come. The first waits of a connection are short ones
 * that spare the clock and the signals, as most answers come at once.
 */
int conn_poll(struct conn *conn, struct pollfd *fds, size_t count, int64_t until);

/* Waits for EVENTS (poll(2)). False at the deadline. */
bool conn_wait(struct conn *conn, short events);

/* Gives up, where conn->last says so, what is not needed any more once bytes are read: what conn_read does first. */
void conn_seal(struct conn *conn);

/* Up to SIZE bytes as soon as there are any; 0 at the end of the stream; -1 with conn->error. */
ssize_t conn_read(struct conn *conn, void *bytes, size_t size);

/* All of it; false with conn->error. Never raises SIGPIPE. */
bool conn_write_all(struct conn *conn, const void *bytes, size_t size);

/*
 * As conn_write_all, but comes back early, with what was written so far, when the peer sends something or
 * takes no more: it may have answered already. -1 with conn->error.
 */
ssize_t conn_write_early(struct conn *conn, const void *bytes, size_t size);

/*
 * Writes the reason why the last call failed: `timed out after 2s connecting (127.0.0.1)`, `connection reset
 * while waiting for the answer`. Always false.
 */
bool conn_explain(struct conn *conn, struct result *result);

/* The same where conn_read or conn_write_early returned N, which is 0 or -1. */
bool conn_explain_end(struct conn *conn, ssize_t n, struct result *result);

/* Puts `timed out after 2s connecting`, LIMIT being in ns. Another thread may be at work on CONN. */
void conn_put_timeout(const struct conn *conn, int64_t limit, struct text *reason);

/* Closes the layer and the descriptor; the conn can connect again. */
void conn_close(struct conn *conn);

#endif
