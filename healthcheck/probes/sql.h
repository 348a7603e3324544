/*
 * What the probes of PostgreSQL and MySQL share: the keys of a URL's query that both have, and TLS, which both
 * negotiate in their own protocols.
 */
#ifndef HEALTHCHECK_PROBES_SQL_H
#define HEALTHCHECK_PROBES_SQL_H

#include "healthcheck/probes/dialogue.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/target/target.h"

#include <stdbool.h>

/* How much TLS is asked for, as libpq's sslmode has it. */
enum sql_mode {
    SQL_PLAIN,
    SQL_PREFERRED, /* TLS if the server offers it */
    SQL_REQUIRED,  /* TLS, with any certificate unless --cacert is given */
    SQL_CA,        /* and one of a trusted CA, for whatever name */
    SQL_FULL,      /* and for the right name */
    SQL_MODES
};

/* A query's key for that, and what its values are called. */
struct sql_dialect {
    const char *key;
    const char *modes[SQL_MODES];
    const char *complaint; /* about any other value */
};

/* The mode of TARGET: what its query says, or else SQL_FULL with an `s` in the scheme and SQL_PLAIN without. */
enum sql_mode sql_mode(const struct target *target, const struct sql_dialect *dialect);

/* For the check of a kind (probe_check): the mode, of which it sets `tls`; the password; connect_timeout. */
const char *sql_check(struct target *target, const struct sql_dialect *dialect, struct span *what);

/*
 * For such a check, too: makes the Unix socket whose path, or whose folder's, is the value of KEY the one to connect
 * to, in place of a host. SUFFIX is how many bytes will be put behind it.
 */
const char *sql_check_socket(struct target *target, const char *key, size_t suffix, struct span *what);

/* What a check returns about a KEY of the query: that is then *WHAT. No value is ever shown. */
const char *sql_refuse_key(const struct target *target, const char *key, struct span *what, const char *why);

/* probe_reach, with connect_timeout counting. */
bool sql_reach(struct probe *probe, const struct target *target);

/* dialogue_ask, where TLS may follow. What is then read does not seal the process, which has to open files for TLS. */
bool sql_ask_openly(struct dialogue *dialogue, const void *request, size_t size, reply_judge *judge);

/* Opens TLS as MODE says. False with the reason in the result. */
bool sql_secure(struct probe *probe, enum sql_mode mode);

#endif
