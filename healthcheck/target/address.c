/* Parses, shows and classifies IP addresses. */
#include "healthcheck/target/address.h"

#include "pith/layout.h"

#include <netinet/in.h>
#include <string.h>

static size_t address_length(const struct address *address)
{
    return address->family == AF_INET ? 4 : 16;
}

/* Reads a number up to 255, without leading zeros, which some programs take for octal. Returns its length, or 0. */
static size_t parse_octet(struct span text, uint8_t *octet)
{
    unsigned value = 0;
    size_t n = 0;

    for (; n < text.length && is_digit(text.at[n]); n++) {
        value = value * 10 + (unsigned)(text.at[n] - '0');
        if (value > 255 || (n > 0 && text.at[0] == '0'))
            return 0;
    }
    *octet = (uint8_t)value;
    return n;
}

static HOT bool parse_ipv4(struct span text, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        size_t n = parse_octet(text, &bytes[i]);
        bool dot = n < text.length && text.at[n] == '.';
        if (n == 0 || dot != (i < 3))
            return false;
        span_drop(&text, n + dot);
    }
    return text.length == 0;
}

/* Reads a group of an IPv6 address, one to four hexadecimal digits. Returns how many bytes it has, or 0. */
static size_t parse_group(struct span text, uint8_t group[2])
{
    unsigned value = 0;
    size_t n = 0;

    for (; n < text.length; n++) {
        int digit = hex_digit(text.at[n]);
        if (digit < 0)
            break;
        value = value * 16 + (unsigned)digit;
    }
    group[0] = (uint8_t)(value >> 8);
    group[1] = (uint8_t)value;
    return n <= 4 ? n : 0;
}

/* The state of reading an IPv6 address. */
struct ipv6 {
    uint8_t bytes[16];
    int used; /* bytes that are filled */
    int gap;  /* how many were when `::` came; -1: it has not come */
};

/* Reads a group, or the IPv4 address that the text may end with. Returns how many bytes it has, or 0. */
static size_t parse_piece(struct ipv6 *ipv6, struct span text)
{
    size_t n = ipv6->used <= 14 ? parse_group(text, ipv6->bytes + ipv6->used) : 0;

    if (n > 0 && n < text.length && text.at[n] == '.') {
        if (ipv6->used > 12 || !parse_ipv4(text, ipv6->bytes + ipv6->used))
            return 0;
        ipv6->used += 4;
        return text.length;
    }
    ipv6->used += 2;
    return n;
}

/* Takes PREFIX off the front; false where it is not there. */
static HOT bool skip_text(struct span *text, const char *prefix)
{
    if (!span_begins(*text, prefix))
        return false;
    span_drop(text, strlen(prefix));
    return true;
}

static bool parse_groups(struct ipv6 *ipv6, struct span text)
{
    if (skip_text(&text, HOT_STRING("::")))
        ipv6->gap = 0;
    while (text.length > 0) {
        size_t n = parse_piece(ipv6, text);
        if (n == 0)
            return false;
        span_drop(&text, n);
        if (text.length == 0)
            break;
        if (ipv6->gap < 0 && skip_text(&text, HOT_STRING("::")))
            ipv6->gap = ipv6->used;
        else if (!skip_text(&text, HOT_STRING(":")) || text.length == 0)
            return false;
    }
    return ipv6->gap < 0 ? ipv6->used == 16 : ipv6->used < 16;
}

static HOT __attribute__((noinline)) bool parse_ipv6(struct span text, uint8_t bytes[16])
{
    struct ipv6 ipv6 = { .gap = -1 };

    if (!parse_groups(&ipv6, text))
        return false;
    size_t before = ipv6.gap < 0 ? 16 : (size_t)ipv6.gap, after = (size_t)ipv6.used - (ipv6.gap < 0 ? 16 : before);
    memset(bytes, 0, 16);
    memcpy(bytes, ipv6.bytes, before);
    memcpy(bytes + 16 - after, ipv6.bytes + before, after);
    return true;
}

void address_unmap(struct address *address)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    if (address->family != AF_INET6 || memcmp(address->bytes, mapped, sizeof mapped) != 0)
        return;
    address->family = AF_INET;
    memcpy(address->bytes, address->bytes + sizeof mapped, 4);
}

HOT bool address_parse(struct span text, struct address *address, struct span *zone)
{
    *address = (struct address){ .family = AF_INET };
    *zone = (struct span){ NULL, 0 };
    if (text.length > 0 && parse_ipv4(text, address->bytes))
        return true;
    const char *percent = text.length > 0 ? memchr(text.at, '%', text.length) : NULL;
    if (percent) {
        size_t before = (size_t)(percent - text.at);
        *zone = (struct span){ percent + 1, text.length - before - 1 };
        text.length = before;
        if (zone->length > 2)
            (void)skip_text(zone, "25"); /* `%25eth0`: in a URL the `%` itself is encoded (RFC 6874) */
        if (zone->length == 0)
            return false;
    }
    address->family = AF_INET6;
    if (text.length == 0 || !parse_ipv6(text, address->bytes))
        return false;
    address_unmap(address);
    return true;
}

HOT_TABLE const struct address address_loopback4 = { .family = AF_INET, .bytes = { 127, 0, 0, 1 } };
HOT_TABLE const struct address address_loopback6 = { .family = AF_INET6, .bytes = { [15] = 1 } };

HOT void address_settle(struct address *address)
{
    static HOT_TABLE const uint8_t unspecified[16];

    if (memcmp(address->bytes, unspecified, address_length(address)) == 0)
        *address = address->family == AF_INET ? address_loopback4 : address_loopback6;
}

HOT bool address_is_loopback(const struct address *address)
{
    if (address->family == AF_INET)
        return address->bytes[0] == 127;
    return memcmp(address->bytes, address_loopback6.bytes, 16) == 0;
}

HOT bool address_is_link_local(const struct address *address)
{
    return address->family == AF_INET6 && address->bytes[0] == 0xfe && (address->bytes[1] & 0xc0) == 0x80;
}

HOT bool address_equal(const struct address *a, const struct address *b)
{
    return a->family == b->family && a->scope == b->scope && memcmp(a->bytes, b->bytes, address_length(a)) == 0;
}

bool address_in_network(const struct address *address, const struct address *network, unsigned bits)
{
    size_t whole = bits / 8;
    unsigned mask = 0xffu << (8 - bits % 8) & 0xff;

    if (address->family != network->family || bits > address_length(address) * 8)
        return false;
    if (memcmp(address->bytes, network->bytes, whole) != 0)
        return false;
    return mask == 0 || ((address->bytes[whole] ^ network->bytes[whole]) & mask) == 0;
}

static void show_ipv4(const uint8_t bytes[4], struct text *out)
{
    for (int i = 0; i < 4; i++) {
        if (i > 0)
            text_char(out, '.');
        text_number(out, bytes[i]);
    }
}

static unsigned group_at(const uint8_t bytes[16], int i)
{
    return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

static void show_group(unsigned group, struct text *out)
{
    bool started = false;

    for (int shift = 12; shift >= 0; shift -= 4) {
        unsigned digit = group >> shift & 15;
        started = started || digit > 0 || shift == 0;
        if (started)
            text_char(out, "0123456789abcdef"[digit]);
    }
}

/* Finds the longest run of zero groups, the first of equals: where it begins. -1 where none has two or more. */
static int longest_gap(const uint8_t bytes[16], int *length)
{
    int best = -1, run = 0;

    *length = 1;
    for (int i = 0; i < 8; i++) {
        run = group_at(bytes, i) == 0 ? run + 1 : 0;
        if (run > *length) {
            *length = run;
            best = i + 1 - run;
        }
    }
    return best;
}

void address_show(const struct address *address, struct text *out)
{
    int length, gap;

    if (address->family == AF_INET) {
        show_ipv4(address->bytes, out);
        return;
    }
    gap = longest_gap(address->bytes, &length);
    for (int i = 0; i < 8; i++) {
        if (i == gap) {
            text_string(out, "::");
            i += length - 1;
            continue;
        }
        if (i > 0 && i != gap + length)
            text_char(out, ':');
        show_group(group_at(address->bytes, i), out);
    }
}

HOT void address_add(struct address_list *list, const struct address *address)
{
    for (size_t i = 0; i < list->count; i++)
        if (address_equal(&list->at[i], address))
            return;
    if (list->count < ADDRESSES_MAX)
        list->at[list->count++] = *address;
}

HOT socklen_t address_to_socket(const struct address *address, uint16_t port, struct sockaddr_storage *storage)
{
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)storage;

    if (address->family == AF_INET) {
        *ipv4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
        memcpy(&ipv4->sin_addr, address->bytes, 4);
        return sizeof *ipv4;
    }
    *ipv6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = address->scope };
    memcpy(&ipv6->sin6_addr, address->bytes, 16);
    return sizeof *ipv6;
}
