/* A target's text, taken apart. Pure: no system calls, no allocation. */
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
    TARGET_LENGTH_MAX = 8192,   /* bytes of one target */
    HOST_NAME_MAX_LENGTH = 253, /* of its host */
    PORT_MAX = 65535,
    TARGET_SOCKET_MAX = 107, /* bytes of a Unix socket's path or abstract name, decoded: sockaddr_un without its NUL */
    TARGET_PATH_MAX = 4095,  /* bytes of a file's path, decoded */
    TARGET_USERINFO_MAX = 2048,
};

/* All spans point into the string that was parsed and are as they stand there, %XX included. */
struct target {
    const struct probe_kind *kind;
    const char *string;     /* all of it; NUL-terminated */
    struct span userinfo;   /* in front of the `@`: never shown; at is NULL where it is empty */
    struct span host;       /* a name, or an address without its brackets; "localhost" where it is left out */
    struct span socket;     /* a Unix socket's path, or `@NAME` (or `%40NAME`) for an abstract one */
    struct span path;       /* of a URL, a file or a process; may be empty; no query, no fragment */
    struct span query;      /* behind the `?`; at is NULL where there is no `?` */
    struct span shown;      /* what people may see: from behind the userinfo up to the fragment */
    bool numeric;           /* the host is an address */
    bool local;             /* or localhost, or a name under it: neither needs a look-up */
    struct address address; /* that one; without a scope */
    struct span zone;       /* the name or number of an interface behind the `%` of an IPv6 address; at may be NULL */
    uint16_t port;          /* 1-65535; 0 for kinds without */
};

/* What is wrong with a target: `'what' why`. WHAT points into the string (or is empty: then it is all of it). */
struct target_error {
    struct span what;
    const char *why;
};

/*
 * Takes STRING apart: `scheme://...` of a kind in kinds.def, or `host:port/path`, `host/path`, `:port/path`
 * for http (RFC 3986 for the general form). The kinds that need a port take it alone, `scheme://port`. STRING is kept,
 * not copied. False with *ERROR.
 */
bool target_parse(const char *string, struct target *target, struct target_error *error);

/* The age of `max-age=60s` in ns, TIME_NEVER for an empty QUERY: NULL; or why it is wrong. */
const char *target_age(struct span query, int64_t *ns);

/* The name of `name=NAME`, percent-encoded as it stands, nothing where there is no QUERY: NULL; or why it is wrong. */
const char *target_program(struct span query, struct span *name);

/* Parts of the userinfo, as they stand there: the user, in front of its first `:`, and the password behind that. */
struct span target_user(const struct target *target);
struct span target_password(const struct target *target);

/* What the path of a URL names: all of it but its first slash. */
struct span target_path_name(const struct target *target);

/*
 * The target as it is shown to people, in pieces, some of them empty: scheme and host written out, userinfo as `***`,
 * no fragment. Not sanitised: report.c does that.
 */
enum { TARGET_PIECES = 5 };
void target_pieces(const struct target *target, struct span pieces[TARGET_PIECES]);

/* Puts the pieces. */
void target_show(const struct target *target, struct text *out);

/* For messages about a target that could not be taken apart: neither what is in front of its last `@` nor its query. */
enum { TARGET_SHOWN_MAX = 256 };
void target_show_raw(const char *string, char shown[TARGET_SHOWN_MAX]);

/* How many bytes at the front of URL could be a scheme (RFC 3986, 3.1). */
size_t target_scheme(struct span url);

#endif
