/* Serves DNS on a thread for UDP and one for TCP. */
#include "support/nameserver.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIXED = 4 /* bytes of type and class */ };

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    exit(EXIT_FAILURE);
}

static void *serve_datagrams(void *server_)
{
    struct nameserver *server = server_;
    uint8_t message[NAMESERVER_MAX];
    struct sockaddr_storage from;

    for (;;) {
        socklen_t size = sizeof from;
        ssize_t n = recvfrom(server->udp, message, sizeof message, 0, (struct sockaddr *)&from, &size);
        if (n < NAMESERVER_HEAD + FIXED)
            return NULL;
        atomic_fetch_add(&server->datagrams, 1);
        size_t length = server->answer(message, (size_t)n, false);
        if (length > 0)
            sendto(server->udp, message, length, 0, (struct sockaddr *)&from, size);
    }
}

static bool read_whole(int fd, uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t n = read(fd, bytes + done, size - done);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* A question and its answer have their length in front (RFC 1035, 4.2.2). */
static void serve_client(const struct nameserver *server, int fd)
{
    uint8_t bytes[2 + NAMESERVER_MAX];
    size_t length, step;

    if (!read_whole(fd, bytes, 2))
        return;
    length = (size_t)bytes[0] << 8 | bytes[1];
    if (length < NAMESERVER_HEAD + FIXED || length > NAMESERVER_MAX || !read_whole(fd, bytes + 2, length) ||
        (length = server->answer(bytes + 2, length, true)) == 0)
        return;
    bytes[0] = (uint8_t)(length >> 8), bytes[1] = (uint8_t)length;
    step = server->drips ? 1 : 2 + length;
    for (size_t at = 0; at < 2 + length && send(fd, bytes + at, step, MSG_NOSIGNAL) > 0; at += step)
        ;
}

static void *serve_clients(void *server_)
{
    const struct nameserver *server = server_;
    int fd, one = 1;

    while ((fd = accept4(server->tcp, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        serve_client(server, fd);
        close(fd);
    }
    return NULL;
}

static socklen_t socket_address(const char *address, uint16_t port, struct sockaddr_storage *storage)
{
    struct sockaddr_in *v4 = (struct sockaddr_in *)storage;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)storage;

    memset(storage, 0, sizeof *storage);
    if (inet_pton(AF_INET, address, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        return sizeof *v4;
    }
    must(inet_pton(AF_INET6, address, &v6->sin6_addr) == 1, address);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    return sizeof *v6;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage storage;
    socklen_t size = sizeof storage;

    must(getsockname(fd, (struct sockaddr *)&storage, &size) == 0, "getsockname");
    return ntohs(storage.ss_family == AF_INET ? ((struct sockaddr_in *)&storage)->sin_port
                                              : ((struct sockaddr_in6 *)&storage)->sin6_port);
}

/* A socket of TYPE that is bound; -1 where another one has the port. */
static int bind_socket(int type, const char *address, uint16_t port)
{
    struct sockaddr_storage storage;
    socklen_t size = socket_address(address, port, &storage);
    int fd = socket(storage.ss_family, type | SOCK_CLOEXEC, 0), one = 1;

    must(fd >= 0 && (type != SOCK_STREAM || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0), "socket");
    if (bind(fd, (struct sockaddr *)&storage, size) == 0)
        return fd;
    close(fd);
    return -1;
}

void nameserver_start_udp(struct nameserver *server, const char *address, uint16_t port, nameserver_answer *answer)
{
    *server = (struct nameserver){ .answer = answer, .tcp = -1 };
    server->udp = bind_socket(SOCK_DGRAM, address, port);
    must(server->udp >= 0, "a UDP port");
    server->port = bound_port(server->udp);
    must(pthread_create(&server->threads[0], NULL, serve_datagrams, server) == 0, "a thread");
}

/* A port that is free of UDP need not be free of TCP. */
void nameserver_start(struct nameserver *server, const char *address, uint16_t port, nameserver_answer *answer)
{
    int tcp = bind_socket(SOCK_STREAM, address, port), udp = -1;

    for (int tries = 0; tcp >= 0 && (udp = bind_socket(SOCK_DGRAM, address, bound_port(tcp))) < 0 && tries < 100;
         tries++) {
        close(tcp);
        tcp = bind_socket(SOCK_STREAM, address, port);
    }
    must(tcp >= 0 && udp >= 0 && listen(tcp, 8) == 0, "a port of UDP and TCP");
    *server = (struct nameserver){ .answer = answer, .udp = udp, .tcp = tcp, .port = bound_port(udp) };
    must(pthread_create(&server->threads[0], NULL, serve_datagrams, server) == 0, "a thread");
    must(pthread_create(&server->threads[1], NULL, serve_clients, server) == 0, "a thread");
}

void nameserver_stop(struct nameserver *server)
{
    shutdown(server->udp, SHUT_RDWR);
    pthread_join(server->threads[0], NULL);
    close(server->udp);
    if (server->tcp < 0)
        return;
    shutdown(server->tcp, SHUT_RDWR);
    pthread_join(server->threads[1], NULL);
    close(server->tcp);
}

size_t nameserver_silence(uint8_t *message, size_t length, bool tcp)
{
    (void)message, (void)length, (void)tcp;
    return 0;
}

/* Where the name of the question ends. */
static size_t name_end(const uint8_t *message)
{
    size_t at = NAMESERVER_HEAD;

    while (message[at])
        at += 1U + message[at];
    return at + 1;
}

unsigned nameserver_type(const uint8_t *message)
{
    const uint8_t *type = message + name_end(message);

    return (unsigned)type[0] << 8 | type[1];
}

bool nameserver_asked(const uint8_t *message, const char *label)
{
    size_t length = strlen(label);

    return message[NAMESERVER_HEAD] == length && memcmp(message + NAMESERVER_HEAD + 1, label, length) == 0;
}

size_t nameserver_rcode(uint8_t *message, unsigned rcode)
{
    message[2] = (uint8_t)(0x80 | (message[2] & 1));
    message[3] = (uint8_t)(0x80 | rcode);
    memset(message + 6, 0, 6);
    return name_end(message) + FIXED;
}

size_t nameserver_truncated(uint8_t *message)
{
    size_t length = nameserver_rcode(message, 0);

    message[2] |= 2;
    return length;
}

size_t nameserver_add(uint8_t *message, size_t length, unsigned type, const void *data, size_t size)
{
    const uint8_t fixed[] = { 0xc0, NAMESERVER_HEAD,      (uint8_t)(type >> 8), (uint8_t)type, 0, 1, 0, 0, 0,
                              9,    (uint8_t)(size >> 8), (uint8_t)size };
    unsigned count = ((unsigned)message[6] << 8 | message[7]) + 1;

    must(length + sizeof fixed + size <= NAMESERVER_MAX, "a record");
    message[6] = (uint8_t)(count >> 8), message[7] = (uint8_t)count;
    memcpy(message + length, fixed, sizeof fixed);
    memcpy(message + length + sizeof fixed, data, size);
    return length + sizeof fixed + size;
}
