/* Starts servers of TLS for tests. */
#include "support/tls_peer.h"

#include "support/listener.h"
#include "support/peer.h"
#include "support/test.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 32 };

static pid_t server;

const char *tls_file(const char *name)
{
    return peer_path(peer_text("certificates/%s", name));
}

/* Servers run as nobody: keys have to be readable for them. */
int tls_make_certificates(void **state)
{
    static const struct run_options slowly = { .bound_ms = 300000 }; /* a hundred runs of openssl on a loaded machine */
    char *script = realpath("tests/support/make-certificates", NULL), *folder = strdup(peer_path("certificates"));

    (void)state;
    int status = script && folder && mkdir(folder, 0755) == 0
                     ? run(&slowly, (char *[]){ script, folder, NULL })->status |
                           run(NULL, (char *[]){ (char *)"chmod", (char *)"-R", (char *)"a+r", folder, NULL })->status
                     : -1;
    free(script);
    free(folder);
    return status;
}

int tls_serve(const char *name, ...)
{
    int port = peer_port();
    char *argv[ARGUMENTS_MAX] = { (char *)"openssl",
                                  (char *)"s_server",
                                  (char *)"-www",
                                  (char *)"-accept",
                                  (char *)peer_text("127.0.0.1:%d", port),
                                  (char *)"-cert",
                                  (char *)tls_file(peer_text("%s.pem", name)),
                                  (char *)"-key",
                                  (char *)tls_file(peer_text("%s.key", name)) };
    va_list options;
    size_t n = 9;

    va_start(options, name);
    while (n < ARGUMENTS_MAX - 1 && (argv[n] = va_arg(options, char *)))
        n++;
    va_end(options);
    server = peer_start("s_server.log", argv);
    peer_await(peer_text("tcp://127.0.0.1:%d", port));
    return port;
}

int tls_stop(void **state)
{
    (void)state;
    if (server > 0)
        peer_stop(server, SIGKILL);
    server = 0;
    return 0;
}

static int connect_to(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Sends warnings, user_canceled each (RFC 8446, 6.1), until nobody takes them: more at once than are read at once. */
static bool flood(int client)
{
    static const char warning[] = { 0x15, 3, 3, 0, 2, 1, 0x5a };
    char warnings[sizeof warning * 4096];

    for (size_t i = 0; i < sizeof warnings; i += sizeof warning)
        memcpy(warnings + i, warning, sizeof warning);
    while (send(client, warnings, sizeof warnings, MSG_NOSIGNAL) > 0)
        ;
    return false;
}

/* Passes some of the answer on; false where that is all that is passed on. */
static bool answer(const struct relay *relay, int client, int peer, size_t *passed)
{
    char bytes[4096];
    size_t room = relay->bytes - *passed;
    ssize_t n = recv(peer, bytes, *passed < relay->bytes && room < sizeof bytes ? room : sizeof bytes, 0);

    if (n <= 0)
        return false;
    if (*passed == relay->bytes && relay->end == RELAY_FLOOD)
        return flood(client);
    if (*passed == relay->bytes && relay->end != RELAY_SPOIL)
        return relay->end == RELAY_HOLD;
    if (*passed == relay->bytes)
        bytes[0] ^= 0x55;
    *passed += (size_t)n;
    return send(client, bytes, (size_t)n, MSG_NOSIGNAL) == n;
}

static void *pass_on(void *relay_)
{
    const struct relay *relay = relay_;
    int client = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC), peer = connect_to(relay->port);
    struct pollfd fds[] = { { .fd = client, .events = POLLIN }, { .fd = peer, .events = POLLIN } };
    size_t passed = 0;
    char bytes[4096];
    bool up = true;

    while (up && poll(fds, 2, 10000) > 0) {
        if (fds[0].revents) {
            ssize_t n = recv(client, bytes, sizeof bytes, 0);
            up = n > 0 && send(peer, bytes, (size_t)n, MSG_NOSIGNAL) == n;
        }
        if (up && fds[1].revents && !answer(relay, client, peer, &passed)) {
            up = relay->end == RELAY_HOLD;
            fds[1].fd = -1;
        }
    }
    close(client);
    close(peer);
    return NULL;
}

int relay_start(struct relay *relay)
{
    int port;

    relay->listener = listener_open(1, &port);
    assert_int_equal(pthread_create(&relay->thread, NULL, pass_on, relay), 0);
    return port;
}

void relay_stop(struct relay *relay)
{
    pthread_join(relay->thread, NULL);
    close(relay->listener);
}
