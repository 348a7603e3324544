/* TLS under a connection: from here on conn_read and conn_write carry plain text. */
#ifndef HEALTHCHECK_TLS_TLS_H
#define HEALTHCHECK_TLS_TLS_H

#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>
#include <stdint.h>

/* How to verify servers, and the client's own certificate. Filled by options.c; NULL: not given. */
struct tls_conf {
    bool insecure;          /* verify nothing */
    bool offers_http2;      /* to targets of HTTP, beside HTTP/1.1 */
    const char *cacert;     /* a file or folder (trust.h): trust these certificates alone */
    const char *cert;       /* a file, PEM or DER: the client's certificate, and those of its issuers */
    const char *key;        /* a file, PEM: its private key */
    const char *servername; /* ask for (SNI) and verify this name, not the target's host */
    bool any_name;          /* verify everything but the name */
    int64_t min_days;       /* days that the certificate has to be valid yet; -1: not asked for */
};

/*
 * Makes CONN, which is connected, one of TLS: shakes hands before its deadline and verifies the server as CONF says,
 * for its servername or else the host of TARGET. A kind with PROBE_H2 insists on HTTP/2 (ALPN). conn_close frees all of
 * it, after a failure too. False with the reason in *RESULT.
 */
bool tls_open(struct conn *conn, const struct target *target, const struct tls_conf *conf, struct result *result);

/* Whether the server has chosen HTTP/2 (ALPN). CONN is one of tls_open. */
bool tls_speaks_http2(const struct conn *conn);

#endif
