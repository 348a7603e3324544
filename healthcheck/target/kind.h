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
struct target;

/* What stands behind `scheme://`. */
enum probe_shape {
    SHAPE_NETWORK, /* host:port/path?query; with +unix in the scheme: %2Fsocket%2Fpath/path?query */
    SHAPE_UNIX,    /* /socket/path?query */
    SHAPE_FILE,    /* /path?query */
    SHAPE_NAME,    /* a name */
};

enum probe_flags {
    /* how it is probed */
    PROBE_TLS = 1,        /* it is always TLS, whatever the scheme's letters say */
    PROBE_OFFLINE = 2,    /* no connection is made: `talk` is called at once, and conn has only the deadline */
    PROBE_H2 = 4,         /* over TLS it is h2 that is offered (ALPN) */
    PROBE_OPENS = 8,      /* `talk` is called at once, and connects by probe_reach itself */
    PROBE_HTTP = 16,      /* it is HTTP: matchers judge the answer, and path and query go to the server as they are */
    PROBE_SILENT = 32,    /* to be connected is all that is asked: nothing is read, but for what a query wants */
    PROBE_STARTTLS = 64,  /* its protocol negotiates TLS: `talk` opens it, by probe_secure */
    PROBE_DATAGRAM = 128, /* it is asked by UDP first: no connection that anything could stand in front of */
    /* where it is probed */
    PROBE_ANYWHERE = 256, /* over TLS (SCHEMEs), a Unix socket (SCHEME+unix) and both (SCHEMEs+unix), too */
    /* what else the URL may hold; anything more is a usage error, so that nobody believes that it is heeded */
    PROBE_LOGIN = 512,
    PROBE_PATH = 1024,
    PROBE_NAMED = 2048, /* a path that is one name, percent-encoded */
    PROBE_PAGE = 4096,  /* a page: matchers judge it, too, and the keys of its query stand without a value */
};

/*
 * Probes: talks to the peer of probe->conn, and writes the verdict and its reason to *probe->result.
 *
 * probe->conn is connected, except with PROBE_OPENS and PROBE_OFFLINE. The function ends by the deadline of the
 * connection; the caller closes it. An unhealthy verdict is written by result_fail or conn_explain. The function may be
 * called on any thread, and on several at once.
 */
typedef void probe_talk(struct probe *probe);

/*
 * Checks what only this kind knows of its URL, such as the values of a query, when TARGET was taken apart. Returns
 * NULL; or what is wrong with *WHAT, a part of the text, or with all of it where that stays empty. Where a query
 * decides about them, it sets the fields of TARGET that say where it is: `tls`, `port`, or a Unix socket in place of a
 * host. Pure.
 */
typedef const char *probe_check(struct target *target, struct span *what);

/* What a plain run does not read of a kind. */
struct probe_kind_more {
    const char *help;    /* when such a target is healthy; NULL with `lacks` */
    const char *queries; /* the keys that its query may have, with a space between; with PROBE_HTTP it may have any */
    probe_check *check;  /* for a URL with a user, a path or a query; or NULL */
    const char *lacks;   /* why this build cannot probe it, `talk` then being NULL; NULL where it can */
};

struct probe_kind {
    char scheme[12];   /* in the row itself, so that a search for it touches no page of strings */
    uint16_t port;     /* that counts where the URL has none; 0: the URL must have one */
    uint16_t tls_port; /* the same over TLS */
    uint16_t flags;    /* enum probe_flags */
    uint8_t shape;     /* enum probe_shape */
    probe_talk *talk;
    const struct probe_kind_more *more;
};

/* All kinds, those that this build lacks among them. */
extern const struct probe_kind probe_kinds[];
extern const size_t probe_kinds_count;

/* The kind with this SCHEME, which has no letters for TLS or a Unix socket; or NULL. Case does not matter. */
const struct probe_kind *probe_find(struct span scheme);

#endif
