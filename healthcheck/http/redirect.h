/*
 * Redirects: where one leads, and whether a probe follows it. Pure.
 *
 * A probe stays at the host that it was given. Otherwise whoever controls a server could have healthcheck send requests
 * to others.
 */
#ifndef HEALTHCHECK_HTTP_REDIRECT_H
#define HEALTHCHECK_HTTP_REDIRECT_H

#include "healthcheck/target/target.h"

#include <stddef.h>

enum { REDIRECTS_MAX = 10 }; /* that are followed for one probe */

/*
 * Resolves LOCATION, the value of a Location header in an answer from BASE. Writes the URL to URL, which has SIZE
 * bytes, and takes it apart into *NEXT, whose spans point into URL. User and password of LOCATION are dropped. The text
 * of BASE must not be in URL.
 *
 * Returns NULL, or why the redirect is not followed: it leads to another host or scheme, leads from TLS to plain text,
 * or is malformed.
 */
const char *redirect_resolve(const struct target *base, struct span location, char *url, size_t size,
                             struct target *next);

#endif
