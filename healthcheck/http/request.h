/* The request of an HTTP probe: GET, HEAD or OPTIONS, and never a body. Pure. */
#ifndef HEALTHCHECK_HTTP_REQUEST_H
#define HEALTHCHECK_HTTP_REQUEST_H

#include "healthcheck/target/span.h"
#include "healthcheck/target/target.h"
#include "pith/text.h"

#include <stdbool.h>

enum { HEADERS_MAX = 64 }; /* that a user may add */

/* What every request says, whatever its target is: filled by options.c, then constant. */
struct request_conf {
    const char *method;   /* GET, HEAD or OPTIONS */
    const char *user;     /* NAME:PASSWORD for basic authentication, or NULL */
    const char **headers; /* header_count C strings of the form `Name: value` */
    size_t header_count;
};

/*
 * How much of what the user has given is sent along. It becomes less the further a server has led the probe away by
 * redirects, as a redirect must not bring credentials to another server.
 */
enum http_share {
    HTTP_SHARE_NOTHING, /* nothing: a redirect has led to another port */
    HTTP_SHARE_HEADERS, /* the headers but for Authorization and Cookie: a redirect has led to the same port */
    HTTP_SHARE_ALL,     /* all headers, and the credentials of the URL or of --user: this is the first request */
};

/*
 * Appends the whole request for TARGET to OUT. By default it has the headers Host, User-Agent, Accept and Connection. A
 * header of CONF with one of these names replaces the default; with an empty value it leaves the default out.
 */
void http_request_put(const struct request_conf *conf, const struct target *target, enum http_share share,
                      struct text *out);

/* Parts of a user's header, `Name: value`: the name, and the value without the blanks around it. */
struct span header_name(const char *header);
struct span header_value(const char *header);

/* The first header of CONF with this NAME, or NULL. The case of letters does not matter. */
const char *header_find(const struct request_conf *conf, const char *name);

/* Appends the value of a Host header: the name or address of TARGET, and its port unless that is the kind's default. */
void http_put_host(const struct target *target, struct text *out);

/* Appends `Basic ...` (RFC 7617) for the credentials of TARGET, or else of CONF. False where neither has any. */
bool http_put_credentials(const struct request_conf *conf, const struct target *target, struct text *out);

/* Appends LENGTH bytes in base64 (RFC 4648, 4), with padding. */
void text_base64(struct text *out, const char *bytes, size_t length);

#endif
