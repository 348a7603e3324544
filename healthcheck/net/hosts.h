/* /etc/hosts (hosts(5)). Pure. */
#ifndef HEALTHCHECK_NET_HOSTS_H
#define HEALTHCHECK_NET_HOSTS_H

#include "healthcheck/target/address.h"
#include "healthcheck/target/span.h"

/* Adds every address that the text of a hosts file gives NAME, case and a last dot aside. */
void hosts_look_up(struct span text, struct span name, struct address_list *list);

#endif
