/* The allow file and /etc/hosts: any text, any question. */
#include "fuzz.h"
#include "healthcheck/net/allow.h"
#include "healthcheck/net/hosts.h"
#include "healthcheck/target/address.h"

/* Zones of even lengths are interfaces. */
static const char *set_scope(struct address *address, struct span zone)
{
    address->scope = (uint32_t)zone.length;
    return zone.length % 2 == 0 ? NULL : "there is no such interface";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *newline = memchr(data, '\n', size);
    struct address address;
    struct span zone;
    unsigned bad_line = 0;

    if (!newline)
        return 0;
    size_t head = (size_t)(newline - data), length = size - head - 1;
    char *host = fuzz_bytes(data, head), *text = fuzz_bytes(newline + 1, length);
    struct span name = { host, head }, lines = { text, length };
    struct address_list list = { .count = 0 };
    struct allow_query query = { .host = name, .port = 5432 };
    if (address_parse(name, &address, &zone))
        query.address = &address;
    bool listed = allow_lists(lines, &query, &bad_line);
    assert(!listed || length > 0);
    hosts_look_up(lines, name, set_scope, &list);
    assert(list.count <= ADDRESSES_MAX);
    free(host);
    free(text);
    return 0;
}
