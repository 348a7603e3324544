/* An epoll loop that answers every request alike. */
#include "bench/server.h"

#include "bench/spawn.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WAITING_MAX = 256 };

static int listen_tcp(uint16_t *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &length) != 0)
        spawn_die("listen on 127.0.0.1");
    *port = ntohs(address.sin_port);
    return fd;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    unlink(path);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 1024) != 0)
        spawn_die("listen on a Unix socket");
    return fd;
}

static void watch(int epoll, int fd)
{
    struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Connections that wait for their answer, in order. */
static struct {
    struct {
        int fd;
        int64_t due;
    } at[WAITING_MAX];
    size_t first, count;
} waiting;

static void answer(int fd)
{
    static const char response[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    send(fd, response, sizeof response - 1, MSG_NOSIGNAL);
    close(fd);
}

/* A request comes in one piece here. */
static void take_request(int fd, int delay)
{
    char request[4096];

    if (recv(fd, request, sizeof request, 0) <= 0 || waiting.count == WAITING_MAX) {
        close(fd);
    } else if (delay == 0) {
        answer(fd);
    } else {
        size_t last = (waiting.first + waiting.count++) % WAITING_MAX;
        waiting.at[last].fd = fd;
        waiting.at[last].due = spawn_now() + (int64_t)delay * 1000000;
    }
}

/* Answers what is due and returns how long, in ms, nothing will be. */
static int answer_due(void)
{
    while (waiting.count > 0) {
        int64_t left = waiting.at[waiting.first].due - spawn_now();
        if (left > 0)
            return (int)(left / 1000000) + 1;
        answer(waiting.at[waiting.first].fd);
        waiting.first = (waiting.first + 1) % WAITING_MAX;
        waiting.count--;
    }
    return -1;
}

static void serve(int listener, int delay)
{
    struct epoll_event events[64];
    int epoll = epoll_create1(EPOLL_CLOEXEC);

    watch(epoll, listener);
    for (;;) {
        int n = epoll_wait(epoll, events, 64, answer_due());
        for (int i = 0; i < n; i++) {
            int fd;
            if (events[i].data.fd != listener)
                take_request(events[i].data.fd, delay);
            else
                while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
                    watch(epoll, fd);
        }
    }
}

struct server server_start(const char *path, int delay)
{
    struct server server = { 0 };
    int listener = path ? listen_unix(path) : listen_tcp(&server.port);
    pid_t parent = getpid();

    server.pid = fork();
    if (server.pid < 0)
        spawn_die("fork");
    if (server.pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == parent)
            serve(listener, delay);
        _exit(0);
    }
    close(listener);
    return server;
}

void server_stop(const struct server *server)
{
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
}
