/* TLS under a connection, by Mbed TLS: its callbacks, a layer for conn.h, the configuration and the handshake. */
/* The library has no function that tells an alert's number or the handshake's state. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include "healthcheck/tls/tls.h"

#include "healthcheck/sys/file.h"
#include "healthcheck/target/kind.h"
#include "healthcheck/tls/error.h"
#include "healthcheck/tls/pem.h"
#include "healthcheck/tls/verify.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/layout.h"

#include <errno.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>
#include <mbedtls/ssl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <psa/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_AHEAD = 4096 }; /* most often all that a server sends at once; the library asks for small pieces of it */

/* Of one connection. Connections share nothing but the library's key store, which has locks. */
struct tls {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config conf;
    mbedtls_x509_crt certificate; /* the client's */
    mbedtls_pk_context key;
    struct tls_verification verification;
    struct tls_failure failure;
    int socket_error;  /* of the socket below: an errno, CONN_DEADLINE, or 0 */
    bool ended;        /* the peer closed the connection */
    size_t at, length; /* the library has taken the first `at` bytes of the `length` in `ahead` */
    unsigned char ahead[READ_AHEAD];
};

/* What the callbacks below return where the error is in socket_error. */
enum { SOCKET_FAILED = -1 };

static int send_bytes(void *conn_, const unsigned char *bytes, size_t size)
{
    struct conn *conn = conn_;
    struct tls *tls = conn->state;
    ssize_t n = send(conn->fd, bytes, size, MSG_NOSIGNAL);

    if (n >= 0)
        return (int)n;
    if (errno == EAGAIN || errno == EINTR)
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    tls->socket_error = errno;
    return SOCKET_FAILED;
}

/* Keeps the first bytes of the connection: they tell what a server speaks that does not speak TLS. */
static void greet(struct tls_failure *failure, const unsigned char *bytes, size_t size)
{
    for (; size > 0 && failure->greeting_length < TLS_GREETING_SIZE; size--)
        failure->greeting[failure->greeting_length++] = (char)*bytes++;
}

/* Fills `ahead`. Looks at the deadline, since the library reads on over what it ignores, warnings among it. */
static int read_ahead(struct conn *conn)
{
    struct tls *tls = conn->state;
    ssize_t n = recv(conn->fd, tls->ahead, sizeof tls->ahead, 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return MBEDTLS_ERR_SSL_WANT_READ;
    if (n < 0 || time_now() >= conn->deadline) {
        tls->socket_error = n < 0 ? errno : CONN_DEADLINE;
        return SOCKET_FAILED;
    }
    tls->ended = n == 0;
    tls->at = 0;
    tls->length = (size_t)n;
    greet(&tls->failure, tls->ahead, tls->length);
    return 0;
}

static int receive_bytes(void *conn_, unsigned char *bytes, size_t size)
{
    struct conn *conn = conn_;
    struct tls *tls = conn->state;

    if (tls->at == tls->length) {
        int error = read_ahead(conn);
        if (error != 0)
            return error;
    }
    size_t rest = tls->length - tls->at, n = size < rest ? size : rest;
    memcpy(bytes, tls->ahead + tls->at, n);
    tls->at += n;
    return (int)n;
}

/* Tells the connection what an ERROR of the library means: to wait, or why it is broken. Always -1. */
static int fail(struct conn *conn, int error)
{
    struct tls *tls = conn->state;

    if (error == MBEDTLS_ERR_SSL_WANT_READ)
        return conn_again(conn, POLLIN);
    if (error == MBEDTLS_ERR_SSL_WANT_WRITE)
        return conn_again(conn, POLLOUT);
    tls->failure.error = error;
    if (error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE)
        tls->failure.alert = tls->ssl.in_msg[1];
    if (tls->verification.late)
        return conn_broken(conn, CONN_DEADLINE);
    return conn_broken(conn, tls->socket_error != 0 ? tls->socket_error : CONN_LAYER);
}

static ssize_t tls_read(struct conn *conn, void *bytes, size_t size)
{
    struct tls *tls = conn->state;
    int n;

    do /* what is behind an empty record is here already: nothing would wake us */
        n = mbedtls_ssl_read(&tls->ssl, bytes, size);
    while (n == 0 && !tls->ended && tls->at < tls->length);
    if (n > 0)
        return n;
    if (n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        return 0;
    if (n == 0) /* the end without close_notify, or an empty record */
        n = tls->ended ? MBEDTLS_ERR_SSL_CONN_EOF : MBEDTLS_ERR_SSL_WANT_READ;
    return fail(conn, n);
}

static ssize_t tls_write(struct conn *conn, const void *bytes, size_t size)
{
    struct tls *tls = conn->state;
    int n = mbedtls_ssl_write(&tls->ssl, bytes, size);

    return n >= 0 ? n : fail(conn, n);
}

static void tls_explain(struct conn *conn, struct text *reason)
{
    struct tls *tls = conn->state;

    if (tls->verification.reason_length > 0) {
        text_bytes(reason, tls->verification.reason, tls->verification.reason_length);
        return;
    }
    tls->failure.phase = atomic_load_explicit(&conn->phase, memory_order_relaxed);
    tls_put_error(&tls->failure, reason);
}

static void tls_leave(struct conn *conn)
{
    struct tls *tls = conn->state;

    mbedtls_ssl_close_notify(&tls->ssl);
}

static void tls_close(struct conn *conn)
{
    struct tls *tls = conn->state;

    mbedtls_ssl_free(&tls->ssl);
    mbedtls_ssl_config_free(&tls->conf);
    mbedtls_x509_crt_free(&tls->certificate);
    mbedtls_pk_free(&tls->key);
    trust_close(&tls->verification.trust);
    free(tls);
}

static const struct conn_layer layer = {
    .read = tls_read, .write = tls_write, .explain = tls_explain, .leave = tls_leave, .close = tls_close
};

static struct tls *tls_new(struct conn *conn)
{
    struct tls *tls = malloc(sizeof *tls);

    if (!tls || psa_crypto_init() != PSA_SUCCESS) {
        free(tls);
        return NULL;
    }
    mbedtls_ssl_init(&tls->ssl);
    mbedtls_ssl_config_init(&tls->conf);
    mbedtls_x509_crt_init(&tls->certificate);
    mbedtls_pk_init(&tls->key);
    trust_init(&tls->verification.trust);
    tls->verification.late = false;
    tls->verification.reason_length = 0;
    tls->failure = (struct tls_failure){ 0 };
    tls->socket_error = 0;
    tls->ended = false;
    tls->at = tls->length = 0;
    conn_put_layer(conn, &layer, tls);
    return tls;
}

enum { FILE_SIZE = 65536 };

/* Adds each certificate of a PEM file, decoded in place, or the one of a DER file. 0, or an error of x509_crt.c. */
static int add_certificates(mbedtls_x509_crt *chain, char *bytes, size_t length)
{
    struct span rest = { bytes, length }, base64;
    int error = 0;

    while (error == 0 && pem_next(&rest, &base64)) {
        unsigned char *der = (unsigned char *)bytes + (base64.at - bytes);
        error = mbedtls_x509_crt_parse_der(chain, der, pem_decode(base64, der, base64.length));
    }
    if (!chain->raw.p)
        error = mbedtls_x509_crt_parse_der(chain, (unsigned char *)bytes, length);
    return error;
}

static bool load_file(const char *path, struct text *file, struct result *result)
{
    return file_read(path, file) || result_fail(result, "cannot read ", path, ": ", DIAG_ERRNO, NULL);
}

static bool load_certificate(struct tls *tls, const char *path, struct result *result)
{
    char bytes[FILE_SIZE];
    struct text file = { bytes, sizeof bytes, 0 };

    if (!load_file(path, &file, result))
        return false;
    switch (add_certificates(&tls->certificate, bytes, text_kept(&file))) {
    case 0:
        return true;
    case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
        return result_fail(result, path, " has a key of a type that is not supported", NULL);
    default:
        return result_fail(result, path, " holds no certificate that can be used", NULL);
    }
}

static bool load_key(struct tls *tls, const char *path, struct result *result)
{
    char bytes[FILE_SIZE];
    struct text file = { bytes, sizeof bytes, 0 };

    if (!load_file(path, &file, result))
        return false;
    text_char(&file, '\0'); /* part of the length that is passed: the library takes only that for PEM */
    text_end(&file);
    /* The library cannot decrypt a key here, and does not tell that it is encrypted; both forms of PEM do. */
    bool encrypted = strstr(bytes, "ENCRYPTED");
    int error = mbedtls_pk_parse_key(&tls->key, (unsigned char *)bytes, text_kept(&file), NULL, 0,
                                     mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_platform_zeroize(bytes, sizeof bytes);
    if (error != 0 && encrypted)
        return result_fail(result, path, " holds an encrypted key, which cannot be used", NULL);
    if (error != 0)
        return result_fail(result, path, " holds no private key that can be used", NULL);
    return true;
}

/* --cert and --key. */
static bool load_identity(struct tls *tls, const struct tls_conf *conf, struct result *result)
{
    if (!load_certificate(tls, conf->cert, result) || !load_key(tls, conf->key, result))
        return false;
    if (mbedtls_pk_check_pair(&tls->certificate.pk, &tls->key, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE) != 0)
        return result_fail(result, "the key in ", conf->key, " is not that of the certificate in ", conf->cert, NULL);
    tls->failure.certified = true;
    return mbedtls_ssl_conf_own_cert(&tls->conf, &tls->certificate, &tls->key) == 0 ||
           result_fail(result, "out of memory", NULL);
}

/* The name to ask for (SNI) and to verify: --servername, or else the target's host; of a Unix socket, localhost. */
static bool set_name(struct tls *tls, const struct target *target, const struct tls_conf *conf, struct result *result)
{
    struct tls_verification *verification = &tls->verification;
    struct span name = target->host.at ? target->host : (struct span){ LITERAL("localhost") }, zone;

    if (conf->servername && conf->servername[0])
        name = span_of(conf->servername);
    if (name.length > 1 && name.at[name.length - 1] == '.')
        name.length--;
    if (name.length >= sizeof verification->name)
        return result_fail(result, "the server's name is too long for TLS", NULL);
    text_copy(verification->name, sizeof verification->name, name.at, name.length);
    verification->is_address = address_parse(name, &verification->address, &zone);
    if (mbedtls_ssl_set_hostname(&tls->ssl, verification->is_address ? NULL : verification->name) != 0)
        return result_fail(result, "out of memory", NULL);
    if (conf->any_name)
        verification->name[0] = '\0';
    return true;
}

/*
 * ALPN (RFC 7301): h2 for HTTP/2; http/1.1 for HTTP/1, which most servers do not need, but some proxies choose the
 * protocol by; nothing for targets that may speak any protocol.
 */
static const char **protocols(const struct probe_kind *kind, bool offers_http2)
{
    static const char *h2[] = { "h2", NULL }, *any[] = { "h2", "http/1.1", NULL };

    if (kind->flags & PROBE_HTTP)
        return offers_http2 ? any : any + 1;
    return kind->flags & PROBE_H2 ? h2 : NULL;
}

/* First the one that every server supports (RFC 8446, 9.1), which also takes the library less time than x25519. */
static const uint16_t groups[] = {
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1, MBEDTLS_SSL_IANA_TLS_GROUP_X25519, MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
    MBEDTLS_SSL_IANA_TLS_GROUP_SECP521R1, MBEDTLS_SSL_IANA_TLS_GROUP_NONE,
};

static bool configure(struct tls *tls, const struct target *target, const struct tls_conf *conf, struct result *result)
{
    struct tls_verification *verification = &tls->verification;
    const char **alpn = protocols(target->kind, conf->offers_http2);

    mbedtls_ssl_config_defaults(&tls->conf, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                MBEDTLS_SSL_PRESET_DEFAULT);
    mbedtls_ssl_conf_rng(&tls->conf, mbedtls_psa_get_random, MBEDTLS_PSA_RANDOM_STATE);
    mbedtls_ssl_conf_groups(&tls->conf, groups);
    if (alpn)
        mbedtls_ssl_conf_alpn_protocols(&tls->conf, alpn);
    if (conf->insecure)
        mbedtls_ssl_conf_authmode(&tls->conf, MBEDTLS_SSL_VERIFY_NONE);
    else if (!trust_open(&verification->trust, conf->cacert, result))
        return false;
    mbedtls_ssl_conf_ca_chain(&tls->conf, &tls->certificate, NULL); /* the library wants one; x509_crt.c reads none */
    mbedtls_ssl_conf_verify(&tls->conf, NULL, verification);
    if (conf->cert && !load_identity(tls, conf, result))
        return false;
    if (mbedtls_ssl_setup(&tls->ssl, &tls->conf) != 0)
        return result_fail(result, "out of memory", NULL);
    return set_name(tls, target, conf, result);
}

static bool shake_hands(struct conn *conn, struct result *result)
{
    struct tls *tls = conn->state;
    int error, on = 1;

    conn_seal(conn);
    tls->verification.deadline = conn->deadline;
    /* Without this the request waits until the server acknowledges the end of the handshake (Nagle). */
    setsockopt(conn->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    mbedtls_ssl_set_bio(&tls->ssl, conn, send_bytes, receive_bytes, NULL);
    while ((error = mbedtls_ssl_handshake(&tls->ssl)) != 0) {
        tls->failure.hello_done = tls->ssl.state > MBEDTLS_SSL_SERVER_HELLO;
        if (fail(conn, error), conn->error != EAGAIN)
            break;
        if (!conn_wait(conn, conn->events))
            return conn_explain(conn, result);
    }
    if (error == MBEDTLS_ERR_SSL_CONN_EOF)
        conn_broken(conn, CONN_EOF);
    tls->failure.hello_done = tls->ssl.state > MBEDTLS_SSL_SERVER_HELLO;
    return error == 0 || conn_explain(conn, result);
}

COLD bool tls_open(struct conn *conn, const struct target *target, const struct tls_conf *conf, struct result *result)
{
    struct tls *tls = tls_new(conn);

    if (!tls)
        return result_fail(result, "out of memory or random bytes", NULL);
    if (!configure(tls, target, conf, result) || !shake_hands(conn, result))
        return false;
    const char *protocol = mbedtls_ssl_get_alpn_protocol(&tls->ssl);
    if ((target->kind->flags & PROBE_H2) && !protocol)
        return result_fail(result, "server does not offer HTTP/2 (ALPN h2): is it gRPC?", NULL);
    return conf->min_days < 0 || tls_verify_days(mbedtls_ssl_get_peer_cert(&tls->ssl), conf->min_days, result);
}

bool tls_speaks_http2(const struct conn *conn)
{
    const struct tls *tls = conn->state;
    const char *protocol = mbedtls_ssl_get_alpn_protocol(&tls->ssl);

    return protocol && strcmp(protocol, "h2") == 0;
}
