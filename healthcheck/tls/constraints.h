/* What a CA may have certificates for: nameConstraints (RFC 5280, 4.2.1.10). Pure. */
#ifndef HEALTHCHECK_TLS_CONSTRAINTS_H
#define HEALTHCHECK_TLS_CONSTRAINTS_H

#include "healthcheck/tls/certificate.h"

/*
 * Whether CA allows every name that CERTIFICATE, a server's own or not, has: its subject and those in subjectAltName.
 * Domains, addresses and names of directories are compared; any other kind of name is refused where CA constrains it.
 */
bool constraints_allow(const struct certificate *ca, const struct certificate *certificate, bool is_server);

#endif
