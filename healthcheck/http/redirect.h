/* Where a redirect leads (RFC 3986, 5.2), and whether a probe may go there. Pure. */
#ifndef HEALTHCHECK_HTTP_REDIRECT_H
#define HEALTHCHECK_HTTP_REDIRECT_H

#include "healthcheck/target/target.h"

#include <stddef.h>

enum { REDIRECTS_MAX = 10 };

/*
 * Builds the URL that LOCATION means, coming from BASE, in URL (SIZE bytes), and takes it apart into *NEXT, whose spans
 * point into URL. Returns NULL, or why the redirect is not followed: to another host or scheme, from TLS to
 * plain text, malformed. User and password of LOCATION are dropped. BASE must not lie in URL.
 */
const char *redirect_resolve(const struct target *base, struct span location, char *url, size_t size,
                             struct target *next);

#endif
