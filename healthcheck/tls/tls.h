/* TLS under a connection: from here on conn_read and conn_write carry plain text. */
#ifndef HEALTHCHECK_TLS_TLS_H
#define HEALTHCHECK_TLS_TLS_H

#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>
#include <stdint.h>

/* How servers are verified and who the probe is: filled by options.c. Paths of files; NULL: not given. */
struct tls_conf {
    bool insecure;          /* nothing is verified */
    const char *cacert;     /* PEM: these certificates alone are trusted */
    const char *cert;       /* PEM: the client's certificate */
    const char *key;        /* PEM: its private key */
    const char *servername; /* to ask for and to verify, in place of the target's host */
    int64_t min_days;       /* that the certificate must still be valid; -1: not asked for */
};

/*
 * Shakes hands over the connected CONN before its deadline, verifies as CONF says (name or address of TARGET, or
 * --servername), checks --tls-min-days, and puts its layer into CONN. ALPN is h2 for kinds with PROBE_H2. False with
 * the reason in *RESULT; conn_close frees whatever was made.
 */
bool tls_open(struct conn *conn, const struct target *target, const struct tls_conf *conf, struct result *result);

#endif
