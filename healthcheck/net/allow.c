/* Parses the lines of the allow file, and matches them with what is asked. */
#include "healthcheck/net/allow.h"

#include "healthcheck/target/lines.h"
#include "healthcheck/target/target.h"

#include <string.h>

/* A line of the file. */
struct entry {
    struct span host;       /* as it stands there, without brackets */
    bool numeric;           /* the host is an address or a network: */
    struct address network; /* this one, */
    unsigned bits;          /* of which so many bits count */
    unsigned port;          /* 0: any */
};

/* Parses the host of *ENTRY as ADDRESS or ADDRESS/BITS. A name is neither. False for a network that is malformed. */
static bool parse_block(struct entry *entry)
{
    struct span address = entry->host, bits, zone;
    const char *slash = memchr(address.at, '/', address.length);

    if (slash) {
        bits = (struct span){ slash + 1, address.length - (size_t)(slash + 1 - address.at) };
        address.length = (size_t)(slash - address.at);
    }
    entry->numeric = address_parse(address, &entry->network, &zone);
    unsigned whole = entry->network.family == AF_INET ? 32 : 128;
    entry->bits = whole;
    return !slash || (entry->numeric && span_number(bits, whole, &entry->bits));
}

/* Parses `HOST:PORT`. False where WORD is not of that form. */
static bool parse_entry(struct span word, struct entry *entry)
{
    const char *colon = memrchr(word.at, ':', word.length);

    if (!colon || colon == word.at)
        return false;
    struct span port = { colon + 1, word.length - (size_t)(colon + 1 - word.at) };
    entry->host = (struct span){ word.at, (size_t)(colon - word.at) };
    entry->port = 0;
    if (!span_is(port, "*") && (!span_number(port, PORT_MAX, &entry->port) || entry->port == 0))
        return false;
    if (entry->host.at[0] == '[') {
        if (entry->host.at[entry->host.length - 1] != ']')
            return false;
        entry->host = (struct span){ entry->host.at + 1, entry->host.length - 2 };
        return parse_block(entry) && entry->numeric;
    }
    return !memchr(entry->host.at, ':', entry->host.length) && parse_block(entry);
}

/*
 * Whether the host of *ENTRY, which is no address, can be a target's: `*`, or a name, perhaps behind `*.`. A `*` or a
 * quotation mark elsewhere would never match. Takes the dot at the end away, as host_matches does from what is asked.
 */
static bool settle_name(struct entry *entry)
{
    struct span name = entry->host;

    if (span_is(name, "*"))
        return true;
    if (span_begins(name, "*."))
        span_drop(&name, 2);
    name = span_undot(name);
    entry->host.length = (size_t)(name.at + name.length - entry->host.at);
    for (size_t i = 0; i < name.length; i++)
        if (!is_host_char(name.at[i]))
            return false;
    return name.length > 0;
}

/* A network matches addresses only, and a name matches names only: nothing is resolved here. */
static bool host_matches(const struct entry *entry, const struct allow_query *query)
{
    struct span name = span_undot(query->host), wanted = entry->host;

    if (span_is(wanted, "*"))
        return true;
    if (entry->numeric || query->address)
        return entry->numeric && query->address && address_in_network(query->address, &entry->network, entry->bits);
    if (wanted.at[0] == '*' && wanted.at[1] == '.') /* two bytes at least, as `*` alone has been seen */
        return span_ends(name, (struct span){ wanted.at + 1, wanted.length - 1 });
    return span_same(name, wanted);
}

bool allow_lists(struct span text, const struct allow_query *query, unsigned *bad_line)
{
    struct span line, word, more;
    bool listed = false;
    unsigned number = 0;

    *bad_line = 0;
    if (span_begins(text, "\xef\xbb\xbf")) /* a byte order mark, as some editors write it */
        span_drop(&text, 3);
    while (take_line(&text, &line)) {
        struct entry entry;
        number++;
        if (!take_word(&line, &word))
            continue;
        if (take_word(&line, &more) || !parse_entry(word, &entry) || !(entry.numeric || settle_name(&entry)))
            *bad_line = *bad_line ? *bad_line : number;
        else if ((entry.port == 0 || entry.port == query->port) && host_matches(&entry, query))
            listed = true;
    }
    return listed;
}
