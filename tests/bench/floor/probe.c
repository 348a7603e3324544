/* The least probe: connects to the port or Unix socket argv[1]; with argv[2], asks GET argv[2] and wants "200". */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned short number(const char *digits)
{
    unsigned n = 0;

    while (*digits)
        n = n * 10 + (unsigned)(*digits++ - '0');
    return (unsigned short)n;
}

/* The request is built in one piece, as it is sent. */
static ssize_t ask(int fd, const char *path)
{
    static const char method[] = "GET ", rest[] = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    char request[512];
    size_t length = strlen(path);

    if (length > sizeof request - sizeof method - sizeof rest)
        return -1;
    memcpy(request, method, sizeof method - 1);
    memcpy(request + sizeof method - 1, path, length);
    memcpy(request + sizeof method - 1 + length, rest, sizeof rest - 1);
    return send(fd, request, sizeof method + length + sizeof rest - 2, MSG_NOSIGNAL);
}

static int dial(const char *where)
{
    union {
        struct sockaddr any;
        struct sockaddr_in tcp;
        struct sockaddr_un local;
    } address = { .tcp = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) } };
    socklen_t length = sizeof address.tcp;

    if (where[0] == '/') {
        address.local.sun_family = AF_UNIX;
        strncpy(address.local.sun_path, where, sizeof address.local.sun_path - 1);
        length = sizeof address.local;
    } else {
        address.tcp.sin_port = htons(number(where));
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM, 0);
    return connect(fd, &address.any, length) == 0 ? fd : -1;
}

int main(int argc, char *argv[])
{
    char answer[512];

    if (argc < 2)
        return 2;
    int fd = dial(argv[1]);
    if (fd < 0)
        return 1;
    if (argc > 2 &&
        (ask(fd, argv[2]) < 0 || recv(fd, answer, sizeof answer, 0) < 12 || memcmp(answer + 9, "200", 3) != 0))
        return 1;
    return write(STDOUT_FILENO, "ok\n", 3) == 3 ? 0 : 1;
}
