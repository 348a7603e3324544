/* Asks the kernel for the addresses of the interfaces. */
#include "healthcheck/net/interfaces.h"

#include "healthcheck/net/conn.h"
#include "pith/cold.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's interface, netlink(7) and rtnetlink(7): its headers are not part of a C library. */
enum {
    ROUTE_PROTOCOL = 0,    /* NETLINK_ROUTE */
    TYPE_ERROR = 2,        /* NLMSG_ERROR */
    TYPE_DONE = 3,         /* NLMSG_DONE */
    TYPE_ADDRESS = 20,     /* RTM_NEWADDR */
    TYPE_QUESTION = 22,    /* RTM_GETADDR */
    FLAGS_DUMP = 0x301,    /* NLM_F_REQUEST | NLM_F_DUMP */
    ATTRIBUTE_ADDRESS = 1, /* IFA_ADDRESS */
    ATTRIBUTE_LOCAL = 2,   /* IFA_LOCAL */
    REPLY_SIZE = 16384,
};

/* struct nlmsghdr and struct ifaddrmsg behind it. */
struct message {
    uint32_t length;
    uint16_t type;
    uint16_t flags;
    uint32_t sequence;
    uint32_t sender;
    uint8_t family;
    uint8_t prefix_length;
    uint8_t address_flags;
    uint8_t scope;
    uint32_t interface;
};

/* struct rtattr; its value follows, padded to four bytes. */
struct attribute {
    uint16_t length;
    uint16_t type;
};

/* Sends the question for all addresses of FAMILY. */
static bool ask(int fd, sa_family_t family)
{
    const struct message question = {
        .length = sizeof question,
        .type = TYPE_QUESTION,
        .flags = FLAGS_DUMP,
        .family = (uint8_t)family,
    };

    return send(fd, &question, sizeof question, 0) == (ssize_t)sizeof question;
}

static size_t padded(size_t length)
{
    return (length + 3) & ~(size_t)3;
}

/* The interface's own address: the local one, as the other may be that of the peer of a point-to-point link. */
static const char *local_address(const char *message, size_t length, size_t address_length)
{
    const char *found = NULL;

    for (size_t at = sizeof(struct message); at + sizeof(struct attribute) <= length;) {
        struct attribute attribute;
        memcpy(&attribute, message + at, sizeof attribute);
        if (attribute.length < sizeof attribute || attribute.length > length - at)
            break;
        bool fits = attribute.length == sizeof attribute + address_length;
        if (fits && (attribute.type == ATTRIBUTE_LOCAL || (attribute.type == ATTRIBUTE_ADDRESS && !found)))
            found = message + at + sizeof attribute;
        if (fits && attribute.type == ATTRIBUTE_LOCAL)
            break;
        at += padded(attribute.length);
    }
    return found;
}

static bool is_it(const char *message, const struct message *head, const struct address *address)
{
    size_t length = address->family == AF_INET ? 4 : 16;
    const char *local = local_address(message, head->length, length);

    return local && head->family == address->family && memcmp(local, address->bytes, length) == 0 &&
           (address->scope == 0 || address->scope == head->interface);
}

/* Looks through one datagram of the kernel, which holds several messages. False when it was the last. */
static bool look(const char *bytes, size_t length, const struct address *address, bool *found)
{
    struct message head = { .length = 0 };
    enum { HEADER = 16 };

    for (size_t at = 0; at + HEADER <= length; at += padded(head.length)) {
        memcpy(&head, bytes + at, length - at < sizeof head ? HEADER : sizeof head);
        if (head.type == TYPE_DONE || head.type == TYPE_ERROR || head.length < HEADER || head.length > length - at)
            return false;
        if (head.type == TYPE_ADDRESS && head.length >= sizeof head && is_it(bytes + at, &head, address))
            *found = true;
    }
    return true;
}

static COLD bool search(int fd, const struct address *address)
{
    char reply[REPLY_SIZE];
    bool found = false;
    ssize_t n;

    /* The kernel has its answer ready when send(2) is back: this never blocks. */
    while ((n = recv(fd, reply, sizeof reply, 0)) > 0 && look(reply, (size_t)n, address, &found))
        ;
    return found;
}

bool own_address(const struct address *address)
{
    if (address_is_loopback(address))
        return true;
    int fd = conn_socket(AF_NETLINK, SOCK_RAW, ROUTE_PROTOCOL);
    if (fd < 0)
        return false;
    bool found = ask(fd, address->family) && search(fd, address);
    close(fd);
    return found;
}
