/*
 * A connection, held to one absolute deadline: connecting, reading, writing, and saying why it failed.
 *
 * Its life: conn_init once. Then, for each connection (redirects lead to several): conn_connect or conn_connect_socket;
 * perhaps conn_put_layer, for TLS; reads and writes; conn_close. The caller owns the struct, and all that it points to.
 *
 * After a call that has failed, conn_explain tells why. Nothing but conn_close, or the end of the process, may follow.
 *
 * Everybody may read the fields. Only the functions declared here write them, and resolve(), which fills `peers`.
 * Another thread may read `phase` at any time.
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
 * A layer stands between the caller and the socket, as TLS does.
 *
 * `read` and `write` behave like recv(2) and send(2) on a non-blocking socket. They return how many bytes were moved,
 * and `read` returns 0 at the end of the stream. On failure they return what conn_again or conn_broken returns, -1.
 */
struct conn_layer {
    ssize_t (*read)(struct conn *conn, void *bytes, size_t size);
    ssize_t (*write)(struct conn *conn, const void *bytes, size_t size);
    void (*explain)(struct conn *conn, struct text *reason); /* appends why a call failed with CONN_LAYER; or NULL */
    void (*leave)(struct conn *conn);                        /* tells the peer that nothing more is sent; or NULL */
    void (*close)(struct conn *conn); /* frees the layer's state; need not say good-bye to the peer; or NULL */
};

/* Values of conn->error that are no errno. */
enum {
    CONN_DEADLINE = -1, /* the deadline has passed */
    CONN_EOF = -2,      /* the peer has closed the connection, although more was to come */
    CONN_LAYER = -3,    /* the layer knows why */
};

enum { CONN_NO_SHORT_WAITS = 255 };

struct conn {
    /* set by conn_init */
    int64_t start;    /* when this try began: CLOCK_MONOTONIC, ns */
    int64_t deadline; /* when it has to be over: CLOCK_MONOTONIC, ns; conn_hurry moves it */
    bool timed;       /* take the time of each phase, which is one more system call for each */
    /* before it is connected */
    struct peers peers;  /* whom to connect to; then whom it is connected to; after a failure, who has failed */
    struct span opening; /* what to send as soon as possible (conn_open_with); empty: nothing */
    size_t opened;       /* how many bytes of it were sent */
    bool last;           /* nothing has to be opened any more once the first byte was read (conn_last) */
    /* while it is connected */
    int fd; /* -1: none; non-blocking, close-on-exec, above 2 */
    const struct conn_layer *layer;
    void *state; /* the layer's own */
    /* after a call that has failed */
    int error;    /* an errno, or one of the above */
    short events; /* with EAGAIN: what to wait for, as poll(2) has it */
    /* at any time */
    uint8_t waits;               /* how many short waits there were (conn_poll) */
    bool ready;                  /* something can be read (conn_waited) */
    int64_t mark;                /* when the last phase whose time was taken ended */
    _Atomic(const char *) phase; /* what goes on now, for messages: "connecting" */
};

/* Makes *CONN a connection that is not connected. START is the time now; both times are CLOCK_MONOTONIC, in ns. */
void conn_init(struct conn *conn, int64_t start, int64_t deadline, bool timed);

/* Says what goes on from here on. PHASE is a static string that reads well behind "timed out after 2s ". */
void conn_phase(struct conn *conn, const char *phase);

/* Ends a phase: with conn->timed, stores its time in RESULT under WHICH. The next phase begins now. */
void conn_time(struct conn *conn, struct result *result, enum result_time which);

/* Says whether this process opens nothing more once a byte was read. If so, conn_seal gives up the right to. */
void conn_last(struct conn *conn, bool last);

/*
 * Has conn_connect send OPENING as soon as it can. The bytes stay the caller's. conn->opened tells how many of them
 * were sent: the caller sends the rest.
 */
void conn_open_with(struct conn *conn, struct span opening);

/* Sends what is left of the opening. False with conn->error. */
bool conn_send_opening(struct conn *conn);

/*
 * Says that waits before this connection had already used up WAITS of its short ones (conn_poll): without them it would
 * wait beyond the deadline. CONN_NO_SHORT_WAITS: time has passed, and nobody knows how much. READY: the wait has shown
 * that there is something to read, so that the next read takes it, also where the deadline has come since.
 */
void conn_waited(struct conn *conn, uint8_t waits, bool ready);

/* Moves the deadline to DEADLINE. With one that is over nothing waits: what would have to fails with CONN_DEADLINE. */
void conn_until(struct conn *conn, int64_t deadline);

/* Puts LAYER between the caller and the socket, which is connected. STATE is the layer's own. conn_close closes it. */
void conn_put_layer(struct conn *conn, const struct conn_layer *layer, void *state);

/*
 * For a layer's read and write, which return the result, -1: EVENTS (poll(2)) have to be awaited; ERROR has occurred.
 */
int conn_again(struct conn *conn, short events);
int conn_broken(struct conn *conn, int error);

/* Shortens the deadline to SPAN ns from now, for a good-bye to the server that must not hold up the verdict. */
void conn_hurry(struct conn *conn, int64_t span);

/* Whether the deadline has passed, for work that does not wait. conn->error is then CONN_DEADLINE. */
bool conn_late(struct conn *conn);

/*
 * Connects to PORT of one of conn->peers by TCP. They are tried in their order, and one that is silent does not hold up
 * the next: the first that accepts wins (RFC 8305). conn->peers is then that one alone.
 *
 * Where there is an opening, the peer that wins is sent as much of it as it takes at once. To send tells whether a
 * socket is connected, and so saves the call that would ask. No packet leaves this container for a peer that the allow
 * file does not list. False with the reason in *RESULT.
 */
bool conn_connect(struct conn *conn, uint16_t port, struct result *result);

/*
 * What conn_connect ends with, for others that reach one of conn->peers: after each has failed by one of ERRORS, the
 * first error that tells something becomes the connection's, and the peers that had it stay; the first peer was reached
 * at PORT, and *RESULT says so.
 */
void conn_blame(struct conn *conn, const int errors[]);
void conn_tell_peer(const struct conn *conn, uint16_t port, struct result *result);

/* Connects to a Unix socket. SOCKET is that of a struct target. False with the reason in *RESULT. */
bool conn_connect_socket(struct conn *conn, struct span socket, struct result *result);

/*
 * poll(2) up to the time UNTIL (CLOCK_MONOTONIC, ns). Returns how many of FDS are ready; 0 when that time has come. The
 * first waits of a connection are short and read no clock, as most answers come at once. What has come while the
 * machine woke the process late counts: that is not the service's fault.
 */
int conn_poll(struct conn *conn, struct pollfd *fds, size_t count, int64_t until);

/* Waits until the socket is ready for EVENTS (poll(2)). False at the deadline, with conn->error. */
bool conn_wait(struct conn *conn, short events);

/*
 * Seals the process (sandbox_seal), if conn->last says that nothing is opened any more. conn_read does so first;
 * whoever reads from the socket in another way has to call this before.
 */
void conn_seal(struct conn *conn);

/*
 * Reads up to SIZE bytes as soon as there are any. Returns how many, 0 at the end of the stream, -1 with conn->error.
 */
ssize_t conn_read(struct conn *conn, void *bytes, size_t size);

/* Writes all SIZE bytes. False with conn->error. Never raises SIGPIPE. */
bool conn_write_all(struct conn *conn, const void *bytes, size_t size);

/*
 * Writes SIZE bytes, but returns early when the peer sends something, or takes no more: it may have answered already,
 * without reading all. Returns how many bytes were written, or -1 with conn->error.
 */
ssize_t conn_write_early(struct conn *conn, const void *bytes, size_t size);

/*
 * Writes to *RESULT why the last call failed, such as `timed out after 2s connecting (127.0.0.1)`, or `connection reset
 * while waiting for the answer`. Always false.
 */
bool conn_explain(struct conn *conn, struct result *result);

/* The same, where conn_read or conn_write_early has returned N, which is 0 or -1. */
bool conn_explain_end(struct conn *conn, ssize_t n, struct result *result);

/* Appends `timed out after 2s connecting`; LIMIT is in ns. Another thread may be at work on CONN. */
void conn_put_timeout(const struct conn *conn, int64_t limit, struct text *reason);

/* Whether the peer that CONN is connected to is reached over loopback, or by a Unix socket. */
bool conn_is_inside(const struct conn *conn);

/*
 * Tells the peer that nothing more is sent, where the layer has a word for that, as TLS has: some servers log a client
 * that leaves without it. Never waits, and cannot fail.
 */
void conn_leave(struct conn *conn);

/* Closes the layer and the descriptor. The connection may then be connected again. */
void conn_close(struct conn *conn);

#endif
