/* TLS under a connection: from here on conn_read and conn_write carry plain text. */
#ifndef HEALTHCHECK_TLS_TLS_H
#define HEALTHCHECK_TLS_TLS_H

#include "healthcheck/conf.h"
#include "healthcheck/net/conn.h"
#include "healthcheck/result.h"
#include "healthcheck/target/target.h"

/*
 * Shakes hands over the connected CONN before its deadline, verifies as CONF says (name or address of TARGET, or
 * --servername), checks --tls-min-days, and puts its layer into CONN. ALPN is h2 for kinds with PROBE_H2. False with
 * the reason in *RESULT; conn_close frees whatever was made.
 */
bool tls_open(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result);

#endif
