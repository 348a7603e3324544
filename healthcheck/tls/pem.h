/* Finds certificates in PEM text (RFC 7468), and their subjects, at the cost of no more bytes than needed. Pure. */
#ifndef HEALTHCHECK_TLS_PEM_H
#define HEALTHCHECK_TLS_PEM_H

#include "healthcheck/target/span.h"
#include "healthcheck/tls/der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the next certificate out of *REST, which begins a line: *BASE64 is what stands between its BEGIN and END lines,
 * and *REST begins behind them. These are lines of their own, as for OpenSSL, so that one behind a # does not count.
 * What is begun and not ended is passed over. False where no whole one is left: *REST begins then at the line where one
 * may begin whose end is still to be read.
 */
bool pem_next(struct span *rest, struct span *base64);

/*
 * Decodes BASE64 (RFC 4648, 4) to BYTES, at most SIZE, and returns how many there are. White space is skipped. 0 where
 * any other character is in what was looked at, or its padding is not as it has to be. BYTES may be where BASE64 is.
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
