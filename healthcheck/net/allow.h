/*
 * The allow file, /etc/healthcheck/allow: it lists the targets outside this container that may be probed.
 * healthcheck(1) describes it. Pure: gate.c reads the file.
 */
#ifndef HEALTHCHECK_NET_ALLOW_H
#define HEALTHCHECK_NET_ALLOW_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

#include <stdbool.h>
#include <stdint.h>

/* What is asked: may this be probed? */
struct allow_query {
    struct span host;              /* as it stands in the target */
    const struct address *address; /* where the host is an address, that one; NULL for a name */
    uint16_t port;
};

/*
 * Whether a line of TEXT, the contents of the file, lists what is asked. A line is `HOST:PORT`, where HOST is a name,
 * `*.SUFFIX`, an address, a network as `10.0.0.0/8`, or `*`; an IPv6 address or network stands in brackets. PORT is a
 * number or `*`. A dot at the end of a name does not count, nor do a byte order mark at the beginning, blank lines, and
 * comments, which begin with `#`.
 *
 * *BAD_LINE is the number of the first line that has another form, which lists nothing; 0 where there is none.
 */
bool allow_lists(struct span text, const struct allow_query *query, unsigned *bad_line);

#endif
