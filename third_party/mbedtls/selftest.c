/* Fetches a page over TLS from 127.0.0.1 through libmbedtls.a, to show what our build of it can and what it refuses. */
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <psa/crypto.h>

enum { THREADS_MAX = 16 };

struct visit {
    const mbedtls_ssl_config *conf;
    const char *host;
    in_port_t port;
    pthread_t thread;
    char outcome[128];
    int failed;
};

static void die(const char *what)
{
    fprintf(stderr, "selftest: %s\n", what);
    exit(2);
}

static const unsigned char *slurp(const char *path, size_t *size)
{
    static unsigned char buffer[65536];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, buffer, sizeof buffer - 1);

    if (got < 0)
        die(path);
    close(fd);
    buffer[got] = '\0';
    *size = (size_t)got + 1;
    return buffer;
}

static void read_certificates(mbedtls_x509_crt *chain, const char *path)
{
    size_t size;
    const unsigned char *text = slurp(path, &size);

    if (mbedtls_x509_crt_parse(chain, text, size) != 0)
        die(path);
}

static void read_key(mbedtls_pk_context *key, const char *path)
{
    size_t size;
    const unsigned char *text = slurp(path, &size);

    if (mbedtls_pk_parse_key(key, text, size, NULL, 0, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) != 0)
        die(path);
}

static int dial(in_port_t port)
{
    struct sockaddr_in peer = { .sin_family = AF_INET,
                                .sin_port = htons(port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&peer, sizeof peer) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        die("cannot connect");
    return fd;
}

static int send_bytes(void *fd, const unsigned char *bytes, size_t size)
{
    return (int)send(*(int *)fd, bytes, size, MSG_NOSIGNAL);
}

static int receive_bytes(void *fd, unsigned char *bytes, size_t size)
{
    return (int)recv(*(int *)fd, bytes, size, 0);
}

static long microseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000L + now.tv_nsec / 1000;
}

static const char *reason(uint32_t flags)
{
    static const struct {
        uint32_t flag;
        const char *word;
    } words[] = {
        { MBEDTLS_X509_BADCERT_EXPIRED, "expired" },        { MBEDTLS_X509_BADCERT_FUTURE, "not yet valid" },
        { MBEDTLS_X509_BADCERT_CN_MISMATCH, "wrong name" }, { MBEDTLS_X509_BADCERT_BAD_MD, "weak hash" },
        { MBEDTLS_X509_BADCERT_BAD_KEY, "weak key" },       { MBEDTLS_X509_BADCERT_NOT_TRUSTED, "unknown issuer" },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (flags & words[i].flag)
            return words[i].word;
    return "not verified";
}

/* The handshake, then one request and its answer: in TLS 1.3 a server refuses a client's certificate only after it. */
static int exchange(mbedtls_ssl_context *ssl, struct visit *visit)
{
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    unsigned char answer[16];
    long start = microseconds();
    int result = mbedtls_ssl_handshake(ssl);

    if (result == 0) {
        snprintf(visit->outcome, sizeof visit->outcome, "%s %s %ld us", mbedtls_ssl_get_version(ssl),
                 mbedtls_ssl_get_ciphersuite(ssl), microseconds() - start);
        result = mbedtls_ssl_write(ssl, (const unsigned char *)request, sizeof request - 1);
    }
    if (result > 0)
        result = mbedtls_ssl_read(ssl, answer, sizeof answer);
    return result > 8 && memcmp(answer, "HTTP/1.0", 8) == 0 ? 0 : result < 0 ? result : -1;
}

static void *visit_server(void *argument)
{
    struct visit *visit = argument;
    mbedtls_ssl_context ssl;
    int fd = dial(visit->port), result;

    mbedtls_ssl_init(&ssl);
    if (mbedtls_ssl_setup(&ssl, visit->conf) != 0 || mbedtls_ssl_set_hostname(&ssl, visit->host) != 0)
        die("cannot set up");
    mbedtls_ssl_set_bio(&ssl, &fd, send_bytes, receive_bytes, NULL);
    result = exchange(&ssl, visit);
    visit->failed = result != 0;
    if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED)
        snprintf(visit->outcome, sizeof visit->outcome, "%s", reason(mbedtls_ssl_get_verify_result(&ssl)));
    else if (result != 0)
        snprintf(visit->outcome, sizeof visit->outcome, "error -0x%04x", (unsigned)-result);
    mbedtls_ssl_free(&ssl);
    close(fd);
    return NULL;
}

static int visit_at_once(const struct visit *model, int count)
{
    struct visit visits[THREADS_MAX];
    int failed = 0;

    for (int i = 0; i < count; i++) {
        visits[i] = *model;
        if (pthread_create(&visits[i].thread, NULL, visit_server, &visits[i]) != 0)
            die("cannot start a thread");
    }
    for (int i = 0; i < count; i++) {
        pthread_join(visits[i].thread, NULL);
        puts(visits[i].outcome);
        failed |= visits[i].failed;
    }
    return failed;
}

int main(int argc, char **argv)
{
    static mbedtls_ssl_config conf;
    static mbedtls_x509_crt anchors, own;
    static mbedtls_pk_context key;
    struct visit visit = { .conf = &conf, .host = "localhost" };
    int option, threads = 1;

    if (psa_crypto_init() != PSA_SUCCESS)
        die("no random bytes");
    mbedtls_ssl_config_defaults(&conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&conf, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    while ((option = getopt(argc, argv, "c:k:n:t:")) != -1) {
        switch (option) {
        case 'c':
            read_certificates(&own, optarg);
            break;
        case 'k':
            read_key(&key, optarg);
            break;
        case 'n':
            visit.host = optarg;
            break;
        case 't':
            threads = atoi(optarg);
            break;
        default:
            die("usage: selftest [-c CERT -k KEY] [-n NAME] [-t THREADS] PORT CAFILE");
        }
    }
    if (argc - optind != 2 || threads < 1 || threads > THREADS_MAX)
        die("usage: selftest [-c CERT -k KEY] [-n NAME] [-t THREADS] PORT CAFILE");
    visit.port = (in_port_t)atoi(argv[optind]);
    read_certificates(&anchors, argv[optind + 1]);
    mbedtls_ssl_conf_ca_chain(&conf, &anchors, NULL);
    if (own.raw.len && mbedtls_ssl_conf_own_cert(&conf, &own, &key) != 0)
        die("certificate and key do not go together");
    return visit_at_once(&visit, threads);
}
