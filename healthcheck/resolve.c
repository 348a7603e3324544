/* Finds the addresses of a target's host. */
#include "healthcheck/resolve.h"

#include "healthcheck/address.h"

static bool is_localhost(struct span host)
{
    static const char suffix[] = ".localhost";

    if (host.length > 0 && host.at[host.length - 1] == '.')
        host.length--;
    if (span_is(host, "localhost"))
        return true;
    size_t n = sizeof suffix - 1;
    return host.length > n && span_is((struct span){ host.at + host.length - n, n }, suffix);
}

bool resolve_may_block(const struct target *target)
{
    struct address address;
    struct span zone;

    return target->host.at && !is_localhost(target->host) && !address_parse(target->host, &address, &zone);
}

bool resolve(struct conn *conn, const struct target *target, const struct check_conf *conf, struct result *result)
{
    struct address address;
    struct span zone;

    conn->peers.count = 0;
    if (is_localhost(target->host)) {
        if (conf->family != AF_INET6)
            address_add(&conn->peers, &address_loopback4);
        if (conf->family != AF_INET)
            address_add(&conn->peers, &address_loopback6);
        return true;
    }
    bool numeric = address_parse(target->host, &address, &zone);
    if (numeric)
        address_settle(&address);
    if (numeric && address_is_loopback(&address)) {
        address_add(&conn->peers, &address);
        return true;
    }
    return result_fail(result, "refused: not one of this container's addresses", NULL);
}
