/* The request of an HTTP probe: GET, HEAD or OPTIONS, never a body. Pure. */
#ifndef HEALTHCHECK_HTTP_REQUEST_H
#define HEALTHCHECK_HTTP_REQUEST_H

#include "healthcheck/target/span.h"
#include "healthcheck/target/target.h"
#include "pith/text.h"

#include <stdbool.h>

enum { HEADERS_MAX = 64 }; /* of the user */

/* What every request says, whatever its target: filled by options.c. */
struct request_conf {
    const char *method;   /* GET, HEAD or OPTIONS */
    const char *user;     /* NAME:PASSWORD for basic authentication, or NULL */
    const char **headers; /* header_count of `Name: value` */
    size_t header_count;
};

/* What of the user's goes along with a request: less, the further a server has led away by redirects. */
enum http_share {
    HTTP_SHARE_NOTHING, /* at another port than the first */
    HTTP_SHARE_HEADERS, /* at the first port: CONF's headers, without credentials (Authorization, Cookie) */
    HTTP_SHARE_ALL,     /* in the first request: these as well, of userinfo and --user, too */
};

/*
 * Puts the whole request for TARGET. Headers that are SHAREd replace those that are sent anyway (Host, User-Agent,
 * Accept, Connection), and one of these with an empty value leaves it out.
 */
void http_request_put(const struct request_conf *conf, const struct target *target, enum http_share share,
                      struct text *out);

/* Of a user's header, which is `Name: value`: its name; its value without blanks at its ends. */
struct span header_name(const char *header);
struct span header_value(const char *header);

/* The user's header of that name, or NULL. */
const char *header_find(const struct request_conf *conf, const char *name);

/* Puts what stands in a Host header: the name or address of TARGET, and its port unless it is the kind's own. */
void http_put_host(const struct target *target, struct text *out);

/* Puts `Basic ...` for the credentials of TARGET, else those of CONF; false where there are none. */
bool http_put_credentials(const struct request_conf *conf, const struct target *target, struct text *out);

/* Puts LENGTH bytes in base64 (RFC 4648, 4). */
void text_base64(struct text *out, const char *bytes, size_t length);

#endif
