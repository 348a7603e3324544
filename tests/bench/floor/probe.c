/* The least probe: connects to 127.0.0.1 at the port argv[1]; with argv[2], asks GET argv[2] and wants "200". */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
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

int main(int argc, char *argv[])
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char answer[512];

    if (argc < 2)
        return 2;
    address.sin_port = htons(number(argv[1]));
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        return 1;
    if (argc > 2 &&
        (ask(fd, argv[2]) < 0 || recv(fd, answer, sizeof answer, 0) < 12 || memcmp(answer + 9, "200", 3) != 0))
        return 1;
    return write(STDOUT_FILENO, "ok\n", 3) == 3 ? 0 : 1;
}
