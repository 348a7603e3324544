/* Finds certificates in PEM text and whose they are, without parsing the rest of them. Pure. */
#ifndef HEALTHCHECK_TLS_PEM_H
#define HEALTHCHECK_TLS_PEM_H

#include "healthcheck/target/span.h"
#include "healthcheck/tls/der.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes the next certificate (RFC 7468) out of *REST: *BASE64 is what stands between its two lines, and *REST begins
 * behind them. False: there is no complete one, and *REST begins where one may begin whose end is still to be read.
 */
bool pem_next(struct span *rest, struct span *base64);

/*
 * Decodes BASE64, line ends and spaces skipped, until it ends or SIZE bytes are there. Returns how many; anything else
 * than base64 (RFC 4648) ends it too.
 */
size_t pem_decode(struct span base64, uint8_t *bytes, size_t size);

/*
 * The subject (a Name, RFC 5280) of CERTIFICATE, which may be cut off behind it. False when it is not in there or not
 * to be made out.
 */
bool pem_subject(struct der certificate, struct der *subject);

/*
 * Whether two Names could be the same: equal, but for the case of ASCII letters and the kind of their strings
 * (PrintableString, UTF8String). May say yes to others, too.
 */
bool pem_names_alike(struct der a, struct der b);

#endif
