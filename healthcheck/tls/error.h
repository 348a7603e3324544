/* Says in words why a TLS handshake or connection failed, other than for the server's certificate (verify.h). */
#ifndef HEALTHCHECK_TLS_ERROR_H
#define HEALTHCHECK_TLS_ERROR_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>

enum { TLS_GREETING_SIZE = 5 };

/* What is known about a failure. */
struct tls_failure {
    int error;                        /* of the library, negative */
    int alert;                        /* the server's (RFC 8446, 6), with MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE */
    bool hello_done;                  /* ServerHello was there: the server can speak to us */
    bool certified;                   /* the client has a certificate */
    const char *phase;                /* as in conn.h */
    char greeting[TLS_GREETING_SIZE]; /* the first bytes from the server */
    size_t greeting_length;
};

/* Puts the reason, which ends in the phase or in the name of the alert. */
void tls_put_error(const struct tls_failure *failure, struct text *out);

#endif
