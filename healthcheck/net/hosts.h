/* The file /etc/hosts (hosts(5)). Pure: resolve.c reads it. */
#ifndef HEALTHCHECK_NET_HOSTS_H
#define HEALTHCHECK_NET_HOSTS_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

/* Sets the scope of ADDRESS by ZONE, as address_parse gives it. NULL, or why ADDRESS cannot be connected to. */
typedef const char *hosts_set_scope(struct address *address, struct span zone);

/*
 * Adds to LIST every address that TEXT, the contents of the file, has for NAME, but those that cannot be connected to.
 * The case of letters and a dot at the end of NAME do not matter.
 */
void hosts_look_up(struct span text, struct span name, hosts_set_scope *set_scope, struct address_list *list);

#endif
