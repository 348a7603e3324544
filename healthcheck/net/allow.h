/* The lines of /etc/healthcheck/allow: which targets beyond this container may be probed. Pure. */
#ifndef HEALTHCHECK_NET_ALLOW_H
#define HEALTHCHECK_NET_ALLOW_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stdint.h>

/* What is asked. */
struct allow_query {
    struct span host;              /* as in the target */
    const struct address *address; /* what HOST is where it is numeric, else NULL: network lines are for these */
    uint16_t port;
};

/*
 * Whether a line of TEXT lists it: `host:port`, `*` for either, `*.suffix:port`, `10.0.0.0/8:port`, `[v6]:port`,
 * `[v6/64]:port`; `#` comments and blank lines aside. *BAD_LINE is the number of the first line that is none of these,
 * or 0.
 */
bool allow_lists(struct span text, const struct allow_query *query, unsigned *bad_line);

#endif
