/* For which names a CA may issue certificates: nameConstraints (RFC 5280, 4.2.1.10). Pure. */
#ifndef HEALTHCHECK_TLS_CONSTRAINTS_H
#define HEALTHCHECK_TLS_CONSTRAINTS_H

#include "healthcheck/tls/certificate.h"

/*
 * Whether the constraints of CA allow every name of CERTIFICATE: its subject, those in subjectAltName, and, IS_SERVER
 * says of a server's own, a common name that looks like a host's. Domains, addresses and directory names are compared.
 * A name of another kind is refused where CA has a constraint on that kind, and so is a certificate with more names
 * than can be compared in time.
 */
bool constraints_allow(const struct certificate *ca, const struct certificate *certificate, bool is_server);

#endif
