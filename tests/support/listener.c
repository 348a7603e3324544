/* A TCP server's first three calls, and a backlog that is full. */
#include "support/listener.h"

#include "support/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int listener_open(int backlog, int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

struct full_port listener_fill(void)
{
    struct full_port full;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    full.fd = listener_open(0, &full.port);
    address.sin_port = htons((uint16_t)full.port);
    for (size_t i = 0; i < COUNT(full.fillers); i++) {
        full.fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(full.fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    return full;
}

void listener_drain(struct full_port *full)
{
    for (size_t i = 0; i < COUNT(full->fillers); i++)
        close(full->fillers[i]);
    close(full->fd);
}
