/* Serves scripts. */
#include "support/script.h"

#include "support/scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK_MS = 20, REQUEST_MAX = 262144 };

const struct script_step script_ok[] = { { .verb = SCRIPT_READ },
                                         { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n" },
                                         { .verb = SCRIPT_END } };
const struct script_step script_sorry[] = { { .verb = SCRIPT_READ },
                                            { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 503 Sorry\r\n\r\n" },
                                            { .verb = SCRIPT_END } };

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* Waits at most MS (-1: for ever). True when the peer is gone or the server is to stop. */
static bool peer_gone(struct script_server *server, int fd, int ms)
{
    for (int waited = 0; ms < 0 || waited < ms; waited += LOOK_MS) {
        struct pollfd peer = { .fd = fd, .events = POLLRDHUP };
        if (atomic_load(&server->stopping))
            return true;
        if (poll(&peer, 1, ms >= 0 && ms < LOOK_MS ? ms : LOOK_MS) > 0)
            return true;
    }
    return false;
}

static bool send_all(struct script_server *server, int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN)
            return false;
        if (n < 0) {
            struct pollfd peer = { .fd = fd, .events = POLLOUT };
            if (atomic_load(&server->stopping))
                return false;
            (void)poll(&peer, 1, LOOK_MS);
            continue;
        }
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

static bool drip(struct script_server *server, int fd, const char *bytes, size_t length, int ms)
{
    for (size_t i = 0; i < length; i++)
        if (!send_all(server, fd, bytes + i, 1) || peer_gone(server, fd, ms))
            return false;
    return true;
}

/* In blocks of many copies, until the peer is gone. */
static void repeat(struct script_server *server, int fd, const char *bytes, size_t length)
{
    char block[16384];
    size_t used = 0;

    for (; used + length <= sizeof block; used += length)
        memcpy(block + used, bytes, length);
    while (send_all(server, fd, block, used))
        ;
}

static void note(struct script_server *server, const char *bytes, size_t length)
{
    pthread_mutex_lock(&server->lock);
    size_t used = strlen(server->log), room = sizeof server->log - 1 - used, n = length < room ? length : room;
    memcpy(server->log + used, bytes, n);
    server->log[used + n] = '\0';
    pthread_mutex_unlock(&server->lock);
}

static bool read_request(struct script_server *server, int fd)
{
    char bytes[4096 + 4] = "";
    size_t total = 0;

    while (total < REQUEST_MAX) {
        struct pollfd peer = { .fd = fd, .events = POLLIN };
        if (atomic_load(&server->stopping))
            return false;
        if (poll(&peer, 1, LOOK_MS) == 0)
            continue;
        /* The last three bytes stay in front, as the empty line may come in pieces. */
        ssize_t n = recv(fd, bytes + 3, 4096, 0);
        if (n <= 0)
            return false;
        note(server, bytes + 3, (size_t)n);
        total += (size_t)n;
        if (memmem(bytes, (size_t)n + 3, "\r\n\r\n", 4))
            break;
        memmove(bytes, bytes + n, 3);
    }
    return true;
}

static void reset(int fd)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* False when the script is over. */
static bool take_step(struct script_server *server, int fd, const struct script_step *step)
{
    size_t length = step->length > 0 || !step->bytes ? step->length : strlen(step->bytes);

    switch (step->verb) {
    case SCRIPT_READ:
        return read_request(server, fd);
    case SCRIPT_SEND:
        return send_all(server, fd, step->bytes, length);
    case SCRIPT_REPEAT:
        repeat(server, fd, step->bytes, length);
        return false;
    case SCRIPT_PAUSE:
        return !peer_gone(server, fd, step->ms);
    case SCRIPT_DRIP:
        return drip(server, fd, step->bytes, length, step->ms);
    case SCRIPT_HOLD:
        return !peer_gone(server, fd, -1);
    case SCRIPT_RESET:
        reset(fd);
        return false;
    default:
        return false;
    }
}

static void *serve(void *argument)
{
    struct script_server *server = argument;
    int fd;

    while ((fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0 && !atomic_load(&server->stopping)) {
        atomic_fetch_add(&server->connections, 1);
        for (size_t i = 0; i < SCRIPT_STEPS_MAX && take_step(server, fd, &server->steps[i]); i++)
            ;
        close(fd);
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

static void start(struct script_server *server, const struct script_step *steps)
{
    atomic_init(&server->connections, 0);
    atomic_init(&server->stopping, false);
    pthread_mutex_init(&server->lock, NULL);
    server->log[0] = '\0';
    memset(server->steps, 0, sizeof server->steps);
    for (size_t i = 0; i < SCRIPT_STEPS_MAX && steps[i].verb != SCRIPT_END; i++)
        server->steps[i] = steps[i];
    if (listen(server->fd, 64) != 0 || pthread_create(&server->thread, NULL, serve, server) != 0)
        die("script");
}

/* A socket that is bound to *PORT of ADDRESS, or a free one where that is 0. */
static int bound(const char *address, uint16_t *port)
{
    bool ipv6 = strchr(address, ':') != NULL;
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(*port) };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons(*port) };
    struct sockaddr *any = ipv6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    socklen_t length = ipv6 ? sizeof six : sizeof four;
    int fd = socket(any->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

    if (fd < 0 || inet_pton(any->sa_family, address, ipv6 ? (void *)&six.sin6_addr : (void *)&four.sin_addr) != 1)
        die(address);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (ipv6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, any, length) != 0 || getsockname(fd, any, &length) != 0)
        die(address);
    *port = ntohs(ipv6 ? six.sin6_port : four.sin_port);
    return fd;
}

void script_start(struct script_server *server, const char *address, const struct script_step *steps)
{
    script_start_port(server, address, 0, steps);
}

void script_start_port(struct script_server *server, const char *address, uint16_t port,
                       const struct script_step *steps)
{
    server->port = port;
    server->fd = bound(address, &server->port);
    server->path[0] = '\0';
    start(server, steps);
}

void script_start_unix(struct script_server *server, const struct script_step *steps)
{
    static unsigned number;
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(server->path, sizeof server->path, "/tmp/pith-script-%s-%u", scratch_word(), number++);
    memcpy(address.sun_path, server->path, sizeof address.sun_path);
    unlink(server->path);
    server->port = 0;
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->fd < 0 || bind(server->fd, (struct sockaddr *)&address, sizeof address) != 0)
        die(server->path);
    start(server, steps);
}

void script_stop(struct script_server *server)
{
    atomic_store(&server->stopping, true);
    shutdown(server->fd, SHUT_RDWR); /* wakes accept(2) */
    pthread_join(server->thread, NULL);
    close(server->fd);
    pthread_mutex_destroy(&server->lock);
    if (server->path[0])
        unlink(server->path);
}

const char *script_log(struct script_server *server)
{
    static char copy[SCRIPT_LOG_MAX];

    pthread_mutex_lock(&server->lock);
    strcpy(copy, server->log);
    pthread_mutex_unlock(&server->lock);
    return copy;
}

uint16_t script_free_port(const char *address)
{
    uint16_t port = 0;

    (void)bound(address, &port);
    return port;
}
