/* Says in words why TLS failed, where it was no certificate's fault. */
#ifndef HEALTHCHECK_TLS_ERROR_H
#define HEALTHCHECK_TLS_ERROR_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>

enum { TLS_GREETING_SIZE = 5 };

/* What is known about a failure. */
struct tls_failure {
    int error;                        /* the library's, negative */
    int alert;                        /* with MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE: which (RFC 8446, 6) */
    bool hello_done;                  /* the server has said hello, so it has found nothing wrong with ours */
    bool certified;                   /* we have shown a certificate */
    const char *phase;                /* as in conn.h */
    char greeting[TLS_GREETING_SIZE]; /* the first bytes the server sent */
    size_t greeting_length;
};

void tls_put_error(const struct tls_failure *failure, struct text *out);

#endif
