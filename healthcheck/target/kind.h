/* The kinds of target, as far as a URL is concerned: what it may say, and which probe it asks for. */
#ifndef HEALTHCHECK_TARGET_KIND_H
#define HEALTHCHECK_TARGET_KIND_H

#include "healthcheck/target/span.h"

#include <stddef.h>
#include <stdint.h>

struct probe;

/* What a kind's URL looks like behind `scheme://`. */
enum probe_shape {
    SHAPE_NETWORK, /* host:port/path?query */
    SHAPE_SOCKET,  /* %2Fsocket%2Fpath/path?query */
    SHAPE_UNIX,    /* /socket/path: nothing but the socket */
    SHAPE_FILE,    /* /path?query */
    SHAPE_NAME,    /* a name */
};

enum probe_flags {
    PROBE_TLS = 1,     /* TLS is opened before talk is called */
    PROBE_OFFLINE = 2, /* no connection is made: talk is called at once, conn has only the deadline */
    PROBE_H2 = 4,      /* TLS offers the protocol h2 (ALPN) */
    PROBE_OPENS = 8,   /* talk is called at once, and connects by probe_reach itself */
    PROBE_HTTP = 16, /* the answer is HTTP's: matchers judge it, and the URL's path and query are the server's affair */
    PROBE_SILENT = 32, /* to be connected is all: nothing is read */
    /* what the URL may say beside host and port; the rest is a usage error, so that nothing passes for honoured */
    PROBE_USER = 64,
    PROBE_PASSWORD = 128,
    PROBE_LOGIN = PROBE_USER | PROBE_PASSWORD,
    PROBE_PATH = 256,
    PROBE_NAMED = 512,     /* a path that is a name, percent-encoded */
    PROBE_FIRST_DB = 1024, /* the path /0: the database that a connection begins with */
    PROBE_AGE = 2048,      /* the query max-age=DURATION */
    PROBE_PROGRAM = 4096,  /* the query name=NAME */
};

/*
 * Talks to what probe->conn is connected to (or connects it first, with PROBE_OPENS) and says in *probe->result what
 * came of it, before the deadline of the connection, which the caller closes. What is unhealthy is told by result_fail
 * or conn_explain. Must run on any thread.
 */
typedef void probe_talk(struct probe *probe);

struct probe_kind {
    char scheme[12];  /* in the row itself: a look-up touches no page of texts */
    uint16_t port;    /* where the URL has none; 0: it must have one */
    uint8_t shape;    /* enum probe_shape */
    uint16_t flags;   /* enum probe_flags */
    const char *help; /* when it is healthy */
    probe_talk *talk;
    const char *lacks; /* why this build cannot, talk being NULL; or NULL */
};

extern const struct probe_kind probe_kinds[];
extern const size_t probe_kinds_count;

/* The kind of SCHEME (case aside), or NULL. */
const struct probe_kind *probe_find(struct span scheme);

#endif
