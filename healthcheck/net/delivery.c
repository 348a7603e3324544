/* Asks the kernel for routes (rtnetlink(7)), and holds sockets to the loopback interface. */
#include "healthcheck/net/delivery.h"

#include "healthcheck/sys/descriptor.h"
#include "healthcheck/sys/file.h"
#include "pith/call.h"
#include "pith/layout.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOPBACK = 1 }; /* the index of lo, which is the first interface of every network namespace */

/* Numbers of netlink(7) and rtnetlink(7). The kernel's headers that have them are not part of a C library. */
enum {
    ROUTE_PROTOCOL = 0,      /* NETLINK_ROUTE */
    TYPE_QUESTION = 26,      /* RTM_GETROUTE */
    TYPE_ROUTE = 24,         /* RTM_NEWROUTE */
    FLAG_REQUEST = 1,        /* NLM_F_REQUEST */
    ROUTE_LOCAL = 2,         /* RTN_LOCAL */
    ATTRIBUTE_ADDRESS = 1,   /* RTA_DST */
    ATTRIBUTE_DEVICE = 4,    /* RTA_OIF */
    ATTRIBUTE_PROTOCOL = 27, /* RTA_IP_PROTO; a kernel before 4.18 ignores it */
    ATTRIBUTE_PORT = 29,     /* RTA_DPORT; the same */
};

/* struct nlmsghdr, and struct rtmsg behind it. */
struct message {
    uint32_t length;
    uint16_t type;
    uint16_t flags;
    uint32_t sequence;
    uint32_t sender;
    uint8_t family;
    uint8_t address_bits;
    uint8_t source_bits;
    uint8_t service;
    uint8_t table;
    uint8_t origin;
    uint8_t scope;
    uint8_t route_type;
    uint32_t route_flags;
};

/* struct rtattr, and a value of up to four bytes behind it. The length counts both. */
struct attribute {
    uint16_t length;
    uint16_t type;
    union {
        uint32_t number;
        uint16_t port;
        uint8_t byte;
    } value;
};

/* A question for a route. Its last attribute is the address, and so has no fixed length. */
struct question {
    struct message head;
    struct attribute device, protocol, port;
    uint16_t address_length;
    uint16_t address_type;
    uint8_t address[16];
};

enum { ATTRIBUTE_HEAD = offsetof(struct attribute, value) };

static bool ask_route(int fd, const struct address *address, uint16_t port, uint8_t protocol)
{
    size_t bytes = address->family == AF_INET ? 4 : 16, size = offsetof(struct question, address) + bytes;
    struct question question = {
        .head = { .length = (uint32_t)size,
                  .type = TYPE_QUESTION,
                  .flags = FLAG_REQUEST,
                  .family = (uint8_t)address->family,
                  .address_bits = (uint8_t)(bytes * 8) },
        .device = { ATTRIBUTE_HEAD + 4, ATTRIBUTE_DEVICE, { .number = address->scope } },
        .protocol = { ATTRIBUTE_HEAD + 1, ATTRIBUTE_PROTOCOL, { .byte = protocol } },
        .port = { ATTRIBUTE_HEAD + 2, ATTRIBUTE_PORT, { .port = htons(port) } },
        .address_length = (uint16_t)(ATTRIBUTE_HEAD + bytes),
        .address_type = ATTRIBUTE_ADDRESS,
    };

    memcpy(question.address, address->bytes, bytes);
    return send(fd, &question, size, 0) == (ssize_t)size;
}

/* The answer is there when send(2) returns. What follows the head of a route does not matter, and is cut off. */
static bool hear_local(int fd)
{
    struct message answer;

    return recv(fd, &answer, sizeof answer, MSG_DONTWAIT) == (ssize_t)sizeof answer && answer.type == TYPE_ROUTE &&
           answer.route_type == ROUTE_LOCAL;
}

COLD bool delivery_is_local(const struct address *address, uint16_t port, uint8_t protocol)
{
    int fd = descriptor_raise(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, ROUTE_PROTOCOL));

    if (fd < 0)
        return false;
    bool local = ask_route(fd, address, port, protocol) && hear_local(fd);
    close(fd);
    return local;
}

/* Whether the route is local, and lo delivers what belongs to it. False with errno. */
static COLD bool is_delivered(const struct address *address, uint16_t port, uint8_t protocol)
{
    if (delivery_is_local(address, port, protocol) && !delivery_is_lost(address, port, protocol))
        return true;
    errno = ENETUNREACH;
    return false;
}

HOT bool delivery_hold(int fd, const struct address *address, uint16_t port)
{
    const int loopback = LOOPBACK; /* on the stack, so that a plain run reads no further page for it */

    return (address_is_loopback(address) &&
            CALL_AS(setsockopt, fd, SOL_SOCKET, SO_BINDTOIFINDEX, &loopback, sizeof loopback) == 0) ||
           is_delivered(address, port, IPPROTO_TCP);
}

COLD bool delivery_hold_datagram(int fd, const struct address *address, uint16_t port)
{
    const int loopback = LOOPBACK;

    if (address_is_loopback(address))
        setsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &loopback, sizeof loopback);
    return is_delivered(address, port, IPPROTO_UDP);
}

COLD bool delivery_is_lost(const struct address *address, uint16_t port, uint8_t protocol)
{
    struct address at_loopback = *address;

    at_loopback.scope = LOOPBACK;
    return address_is_loopback(address) && !delivery_is_local(&at_loopback, port, protocol);
}
