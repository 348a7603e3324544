/*
 * The kinds of target: what the URL of each kind may hold, and which function probes it.
 *
 * The table itself is made of probes/kinds.def. It is declared in this room because parsing a URL needs it, and no
 * import may run up to probes/.
 */
#ifndef HEALTHCHECK_TARGET_KIND_H
#define HEALTHCHECK_TARGET_KIND_H

#include "healthcheck/target/span.h"

#include <stddef.h>
#include <stdint.h>

struct probe;

/* What stands behind `scheme://`. */
enum probe_shape {
    SHAPE_NETWORK, /* host:port/path?query */
    SHAPE_SOCKET,  /* %2Fsocket%2Fpath/path?query */
    SHAPE_UNIX,    /* /socket/path, and nothing else */
    SHAPE_FILE,    /* /path?query */
    SHAPE_NAME,    /* a name */
};

enum probe_flags {
    /* how it is probed */
    PROBE_TLS = 1,     /* TLS is opened before `talk` is called */
    PROBE_OFFLINE = 2, /* no connection is made: `talk` is called at once, and conn has only the deadline */
    PROBE_H2 = 4,      /* TLS offers the protocol h2 (ALPN) */
    PROBE_OPENS = 8,   /* `talk` is called at once, and connects by probe_reach itself */
    PROBE_HTTP = 16,   /* it is HTTP: matchers judge the answer, and path and query go to the server as they are */
    PROBE_SILENT = 32, /* to be connected is all that is asked: nothing is read */
    /* what else the URL may hold; anything more is a usage error, so that nobody believes that it is heeded */
    PROBE_USER = 64,
    PROBE_PASSWORD = 128,
    PROBE_LOGIN = PROBE_USER | PROBE_PASSWORD,
    PROBE_PATH = 256,
    PROBE_NAMED = 512,     /* a path that is one name, percent-encoded */
    PROBE_FIRST_DB = 1024, /* the path /0, which is the database that a connection of redis begins with */
    PROBE_AGE = 2048,      /* the query max-age=DURATION */
    PROBE_PROGRAM = 4096,  /* the query name=NAME */
};

/*
 * Probes: talks to the peer of probe->conn, and writes the verdict and its reason to *probe->result.
 *
 * probe->conn is connected, except with PROBE_OPENS and PROBE_OFFLINE. The function ends by the deadline of the
 * connection; the caller closes it. An unhealthy verdict is written by result_fail or conn_explain. The function may be
 * called on any thread, and on several at once.
 */
typedef void probe_talk(struct probe *probe);

struct probe_kind {
    char scheme[12];  /* in the row itself, so that a search for it touches no page of strings */
    uint16_t port;    /* that counts where the URL has none; 0: the URL must have one */
    uint8_t shape;    /* enum probe_shape */
    uint16_t flags;   /* enum probe_flags */
    const char *help; /* when such a target is healthy */
    probe_talk *talk;
    const char *lacks; /* why this build cannot probe it, `talk` then being NULL; NULL where it can */
};

/* All kinds, those that this build lacks among them. */
extern const struct probe_kind probe_kinds[];
extern const size_t probe_kinds_count;

/* The kind with this SCHEME, or NULL. The case of letters does not matter. */
const struct probe_kind *probe_find(struct span scheme);

#endif
