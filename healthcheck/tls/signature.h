/* Signatures of certificates, checked by Mbed TLS. */
#ifndef HEALTHCHECK_TLS_SIGNATURE_H
#define HEALTHCHECK_TLS_SIGNATURE_H

#include "healthcheck/tls/certificate.h"

/* Whether the key of ISSUER made the signature of CHILD; both are of algorithms that algorithm.h knows. */
bool signature_is_good(const struct certificate *child, const struct certificate *issuer);

#endif
