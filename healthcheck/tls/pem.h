/* Finds certificates in PEM text (RFC 7468), and their subjects, at the cost of no more bytes than needed. Pure. */
#ifndef HEALTHCHECK_TLS_PEM_H
#define HEALTHCHECK_TLS_PEM_H

#include "healthcheck/target/span.h"
#include "healthcheck/tls/der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the next certificate out of *REST: *BASE64 is what stands between its BEGIN and END lines, and *REST begins
 * behind them. False where no whole one is left: *REST begins then where one may begin whose end is still to be read.
 */
bool pem_next(struct span *rest, struct span *base64);

/*
 * Decodes BASE64 (RFC 4648) to BYTES, at most SIZE, and returns how many there are. White space is skipped; any other
 * character ends it, padding too. BYTES may be where BASE64 is.
 */
size_t pem_decode(struct span base64, uint8_t *bytes, size_t size);

/* The subject, a whole Name, of CERTIFICATE, which may be cut off behind it. False where it cannot be made out. */
bool pem_subject(struct der certificate, struct der *subject);

/*
 * Whether two Names may be the same: false is certain, true is not. Equal bytes, but for the case of ASCII letters and
 * the tags of PrintableString and UTF8String.
 */
bool pem_names_alike(struct der a, struct der b);

#endif
