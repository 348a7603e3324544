/* The file /etc/hosts (hosts(5)). Pure: resolve.c reads it. */
#ifndef HEALTHCHECK_NET_HOSTS_H
#define HEALTHCHECK_NET_HOSTS_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

/*
 * Adds to LIST every address that TEXT, the contents of the file, has for NAME. The case of letters and a dot at the
 * end of NAME do not matter.
 */
void hosts_look_up(struct span text, struct span name, struct address_list *list);

#endif
