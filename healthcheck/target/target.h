/*
 * Targets: takes the URL, or HOST:PORT, that names what is to be probed apart. Pure.
 *
 * The parts are spans of the text that was parsed, and are as they stand there: what is percent-encoded stays so until
 * it is used. The text has to live as long as the target. Nothing is resolved, opened or sent here.
 */
#ifndef HEALTHCHECK_TARGET_TARGET_H
#define HEALTHCHECK_TARGET_TARGET_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/kind.h"
#include "healthcheck/target/span.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TARGETS_MAX = 32,
    TARGET_LENGTH_MAX = 8192,   /* bytes of all of a target */
    HOST_NAME_MAX_LENGTH = 253, /* bytes of a host's name */
    PORT_MAX = 65535,
    TARGET_SOCKET_MAX = 107,    /* decoded bytes of a Unix socket's path or name: sun_path (unix(7)) without a NUL */
    TARGET_PATH_MAX = 4095,     /* decoded bytes of a file's path */
    TARGET_USERINFO_MAX = 2048, /* bytes of user and password */
};

/* A part that the text does not have is an empty span. */
struct target {
    const struct probe_kind *kind;
    struct span form;   /* what stands behind the kind's name: `://`, `s://`, `+unix://` or `s+unix://` */
    const char *string; /* the text that was parsed, a C string */
    struct span
        userinfo;       /* what stands in front of the `@`, which nobody may be shown; `at` is NULL where it is empty */
    struct span host;   /* a name, or an address without brackets; "localhost" where the URL leaves it out */
    struct span socket; /* path of a Unix socket; `@NAME` or `%40NAME` for an abstract one (unix(7)) */
    struct span path;   /* path of a URL or a file, name of a process; without query and fragment */
    struct span query;  /* what stands behind the `?`; `at` is NULL where there is no `?` */
    struct span shown;  /* what people may be shown: from behind the userinfo up to the fragment */
    bool numeric;       /* the host is an address, which is `address` */
    bool tls;           /* it is spoken to over TLS */
    bool on_socket;     /* it is spoken to over a Unix socket, as `form` says */
    bool local;         /* the host is localhost, or a name below it (RFC 6761): it needs no look-up */
    struct address address; /* its scope is not set */
    struct span zone;       /* of an IPv6 address: the name or number of its interface, which stands behind a `%` */
    uint16_t port;          /* 1-65535; 0 for kinds that have none */
};

/*
 * What is wrong with a target: `'WHAT' WHY` is the message. WHAT is a part of the text; where it is empty, all of it.
 */
struct target_error {
    struct span what;
    const char *why;
};

/*
 * Takes STRING apart. It is a URL (RFC 3986) whose scheme is in kinds.def; or `host:port/path`, `host/path` or
 * `:port/path`, which mean http. A kind that needs a port takes it alone, too: `scheme://port`.
 *
 * STRING is not copied and has to live as long as *TARGET. False with *ERROR.
 */
bool target_parse(const char *string, struct target *target, struct target_error *error);

/*
 * The value of KEY in the query of TARGET, `KEY=VALUE&KEY=VALUE`, still percent-encoded: the last one where there are
 * several. False where there is none.
 */
bool target_query(const struct target *target, const char *key, struct span *value);

/* Parts of the userinfo: the user, which stands in front of the first `:`, and the password, which stands behind it. */
struct span target_user(const struct target *target);
struct span target_password(const struct target *target);

/* The port that counts where the URL has none; 0 where it must have one, and for a Unix socket. */
uint16_t target_standard_port(const struct target *target);

/* Whether there is a user or a password, beside the `:`. */
bool target_has_login(const struct target *target);

/* What the path of a URL names, such as a database: all of it but the first slash. */
struct span target_path_name(const struct target *target);

/*
 * The target as people are shown it, in pieces that stand behind each other; some may be empty. Scheme and host are
 * there also where the text leaves them out. The userinfo is `***`, and there is no fragment. The pieces may hold
 * anything that was typed: who prints them for a terminal has to sanitise them, as report.c does.
 */
enum { TARGET_PIECES = 5 };
void target_pieces(const struct target *target, struct span pieces[TARGET_PIECES]);

/* Appends these pieces to OUT. */
void target_show(const struct target *target, struct text *out);

/*
 * Copies STRING, a target that could not be parsed, to SHOWN for a message. A password may stand anywhere in it, so
 * what stands in front of the last `@`, and the query, is left out.
 */
enum { TARGET_SHOWN_MAX = 256 };
void target_show_raw(const char *string, char shown[TARGET_SHOWN_MAX]);

/* How many bytes at the front of URL could be a scheme (RFC 3986, 3.1); a colon need not follow. */
size_t target_scheme(struct span url);

#endif
