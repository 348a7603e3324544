/* Finds the addresses of a target's host, and passes the gate with them. */
#include "healthcheck/net/resolve.h"

#include "healthcheck/features.h"
#include "healthcheck/net/gate.h"
#include "healthcheck/net/hosts.h"
#include "healthcheck/net/lookup.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "healthcheck/target/address.h"
#include "pith/layout.h"

#include <net/if.h>
#include <string.h>

enum { HOSTS_SIZE = 1048576 };

static bool is_in_family(const struct address *address, int family)
{
    return family == AF_UNSPEC || address->family == family;
}

/* Passes the gate by the allow file, for what is not this container's. */
static COLD bool pass_by_list(struct peers *peers, const struct allow_query *query, struct result *result)
{
    peers->listed = gate_is_allowed(query);
    return peers->listed ? true
                         : result_refuse(result,
                                         IF(PITH_EXTRAS)("refused: not an address of this container, and not listed in "
                                                         "/etc/healthcheck/allow",
                                                         "refused: not an address of this container"),
                                         NULL);
}

/* Passes the gate with the peers that are known by now. With none, only the allow file can let the name through. */
static HOT bool pass(struct peers *peers, const struct allow_query *query, struct result *result)
{
    return gate_is_own(&peers->list, query->port) || pass_by_list(peers, query, result);
}

/* Keeps the addresses of FAMILY. False with the reason where there are none. */
static bool filter(struct address_list *list, int family, struct result *result)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (is_in_family(&list->at[i], family))
            list->at[kept++] = list->at[i];
    list->count = kept;
    return kept > 0 ? true : result_refuse(result, "no ", family == AF_INET ? "IPv4" : "IPv6", " address", NULL);
}

/* The index of the interface that a zone is: the zone is its name or its number. 0: there is none. */
static COLD unsigned zone_index(struct span zone)
{
    char name[IF_NAMESIZE];

    if (zone.length >= sizeof name)
        return 0;
    int64_t number = number_parse(text_copy(name, sizeof name, zone.at, zone.length), UINT32_MAX);
    return number >= 0 ? (unsigned)number : if_nametoindex(name);
}

/*
 * Sets the scope of ADDRESS, where it is link-local, to the interface that ZONE says (RFC 4007, 11). connect(2) pays no
 * heed to that of other addresses, so the gate may not ask with it. NULL, or why ADDRESS cannot be connected to.
 */
static HOT const char *set_scope(struct address *address, struct span zone)
{
    unsigned index = zone.at ? zone_index(zone) : 0;

    if (zone.at && index == 0)
        return "there is no such interface";
    if (!address_is_link_local(address))
        return NULL;
    address->scope = index;
    return index > 0 ? NULL : "a link-local address needs its interface, as in fe80::1%eth0";
}

/* For a host that is an address. */
static bool resolve_address(const struct target *target, struct peers *peers, struct result *result)
{
    struct address address = target->address;
    const struct allow_query query = { target->host, &address, target->port };
    const char *why = set_scope(&address, target->zone);

    if (why)
        return target->zone.at ? result_fail(result, why, NULL) : result_refuse(result, why, NULL);
    address_settle(&address);
    address_add(&peers->list, &address);
    return pass(peers, &query, result);
}

static void read_hosts(struct span name, struct address_list *list)
{
    struct text text = { memory_get(HOSTS_SIZE), HOSTS_SIZE, 0 };

    if (!text.start)
        return;
    if (file_read("/etc/hosts", &text))
        hosts_look_up((struct span){ text.start, text_kept(&text) }, name, set_scope, list);
    memory_free(text.start, HOSTS_SIZE);
}

static COLD bool resolve_name(const struct target *target, int family, bool offline, struct peers *peers,
                              struct result *result)
{
    const struct allow_query query = { target->host, NULL, target->port };

    read_hosts(target->host, &peers->list);
    if (!pass(peers, &query, result))
        return false;
    return peers->list.count > 0 || offline || lookup_name(target->host, family, &peers->list, result);
}

HOT bool resolve(const struct target *target, int family, bool offline, struct peers *peers, struct result *result)
{
    bool passed = true;

    peers->list.count = 0;
    peers->listed = false;
    if (target->numeric) {
        passed = resolve_address(target, peers, result);
    } else if (target->local) {
        address_add(&peers->list, &address_loopback4);
        address_add(&peers->list, &address_loopback6);
    } else {
        passed = resolve_name(target, family, offline, peers, result);
    }
    bool unknown = offline && peers->list.count == 0; /* only DNS could tell */
    return passed && (unknown || filter(&peers->list, family, result));
}
