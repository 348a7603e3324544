/* The least verified HTTPS probe on Mbed TLS: asks localhost, port argv[1], trusting the file argv[2], and wants "200".
 */
#include <fcntl.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <psa/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

static int send_bytes(void *fd, const unsigned char *bytes, size_t size)
{
    return (int)send(*(int *)fd, bytes, size, MSG_NOSIGNAL);
}

static int receive_bytes(void *fd, unsigned char *bytes, size_t size)
{
    return (int)recv(*(int *)fd, bytes, size, 0);
}

/* The cheapest first, as healthcheck has them. */
static const uint16_t groups[] = { MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
                                   MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1, MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1,
                                   MBEDTLS_SSL_IANA_TLS_GROUP_NONE };

/* A NUL behind PEM tells the library that it is PEM. */
static int load(mbedtls_x509_crt *trusted, const char *path)
{
    static unsigned char bytes[FILE_MAX];
    int fd = open(path, O_RDONLY);
    ssize_t n, length = 0;

    while ((n = read(fd, bytes + length, FILE_MAX - 1 - (size_t)length)) > 0)
        length += n;
    close(fd);
    return mbedtls_x509_crt_parse(trusted, bytes, (size_t)length + 1);
}

static int dial(unsigned port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                   .sin_port = htons((unsigned short)port) };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

/* Whoever is not verified fails the handshake. */
static int ask(mbedtls_ssl_context *ssl)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    unsigned char answer[4096];
    int n;

    if (mbedtls_ssl_write(ssl, (const unsigned char *)request, sizeof request - 1) != sizeof request - 1)
        return 1;
    do /* a ticket of TLS 1.3 comes first */
        n = mbedtls_ssl_read(ssl, answer, sizeof answer);
    while (n == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET || n == MBEDTLS_ERR_SSL_WANT_READ);
    return n < 12 || memcmp(answer + 9, "200", 3) != 0;
}

int main(int argc, char *argv[])
{
    static mbedtls_x509_crt trusted;
    static mbedtls_ssl_config conf;
    static mbedtls_ssl_context ssl;

    if (argc < 3 || psa_crypto_init() != PSA_SUCCESS || load(&trusted, argv[2]) < 0)
        return 2;
    int fd = dial((unsigned)atoi(argv[1]));
    mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&conf, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_groups(&conf, groups);
    mbedtls_ssl_conf_ca_chain(&conf, &trusted, NULL);
    if (mbedtls_ssl_setup(&ssl, &conf) != 0 || mbedtls_ssl_set_hostname(&ssl, "localhost") != 0)
        return 1;
    mbedtls_ssl_set_bio(&ssl, &fd, send_bytes, receive_bytes, NULL);
    if (mbedtls_ssl_handshake(&ssl) != 0 || ask(&ssl) != 0)
        return 1;
    return write(STDOUT_FILENO, "ok\n", 3) == 3 ? 0 : 1;
}
