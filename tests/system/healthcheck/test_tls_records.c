/* Records of TLS 1.3 that no library sends: a server of OpenSSL's until its answer, which it encrypts by itself. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/ssl.h>

#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

enum { HASH = 32, KEY = 16, IV = 12, TAG = 16, HEAD = 5, TYPE_DATA = 23 };

static int listener, port;
static SSL_CTX *context;
static unsigned char secret[HASH]; /* that the keys of what the server sends are made of */
static size_t empty_records;

static void keep_secret(const SSL *ssl, const char *line)
{
    static const char name[] = "SERVER_TRAFFIC_SECRET_0 ";
    long length;

    (void)ssl;
    if (strncmp(line, name, sizeof name - 1) != 0)
        return;
    unsigned char *bytes = OPENSSL_hexstr2buf(strrchr(line, ' ') + 1, &length);
    assert_int_equal(length, HASH);
    memcpy(secret, bytes, HASH);
    OPENSSL_free(bytes);
}

/* HKDF-Expand-Label (RFC 8446, 7.1) of the secret. */
static void expand(const char *label, unsigned char *out, size_t length)
{
    unsigned char info[32];
    size_t n =
        (size_t)snprintf((char *)info, sizeof info, "%c%c%ctls13 %s", 0, (int)length, (int)strlen(label) + 6, label);
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM parameters[] = { OSSL_PARAM_utf8_string("digest", (char *)"SHA256", 6),
                                      OSSL_PARAM_int("mode", &mode), OSSL_PARAM_octet_string("key", secret, HASH),
                                      OSSL_PARAM_octet_string("info", info, n + 1) /* an empty context */,
                                      OSSL_PARAM_END };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *made = EVP_KDF_CTX_new(kdf);

    assert_int_equal(EVP_KDF_derive(made, out, length, parameters), 1);
    EVP_KDF_CTX_free(made);
    EVP_KDF_free(kdf);
}

/* Puts the record NUMBER, of application data, to OUT: its length. */
static size_t put_record(unsigned char *out, unsigned char number, const char *text)
{
    unsigned char key[KEY], iv[IV], inner[128];
    size_t length = strlen(text), size = length + 1 + TAG;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int n;

    expand("key", key, KEY);
    expand("iv", iv, IV);
    iv[IV - 1] ^= number;
    memcpy(inner, text, length);
    inner[length] = TYPE_DATA;
    memcpy(out, (unsigned char[HEAD]){ TYPE_DATA, 3, 3, (unsigned char)(size >> 8), (unsigned char)size }, HEAD);
    assert_int_equal(EVP_EncryptInit_ex(cipher, EVP_aes_128_gcm(), NULL, key, iv), 1);
    assert_int_equal(EVP_EncryptUpdate(cipher, NULL, &n, out, HEAD), 1);
    assert_int_equal(EVP_EncryptUpdate(cipher, out + HEAD, &n, inner, (int)length + 1), 1);
    assert_int_equal(EVP_EncryptFinal_ex(cipher, out + HEAD + n, &n), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG, out + HEAD + length + 1), 1);
    EVP_CIPHER_CTX_free(cipher);
    return HEAD + size;
}

/* Serves one connection, and keeps it until the client closes it. */
static void *serve(void *unused)
{
    int fd = accept(listener, NULL, NULL);
    SSL *ssl = SSL_new(context);
    unsigned char records[1024];
    char request[1024];
    size_t length = 0;

    (void)unused;
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) > 0 && SSL_read(ssl, request, sizeof request) > 0) {
        for (size_t i = 0; i <= empty_records; i++)
            length += put_record(records + length, (unsigned char)i, i < empty_records ? "" : ANSWER);
        if (write(fd, records, length) == (ssize_t)length)
            while (read(fd, request, sizeof request) > 0)
                ;
    }
    SSL_free(ssl);
    close(fd);
    return NULL;
}

static const struct run_result *probe_behind(size_t count)
{
    pthread_t server;

    empty_records = count;
    assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
    const struct run_result *result = probe("-t2s", "--no-hints", "--cacert", tls_file("ca.pem"), "--body-contains=ok",
                                            peer_text("https://localhost:%d/", port), NULL);
    pthread_join(server, NULL);
    return result;
}

/* They may come at any time (RFC 8446, 5.1), and here in one segment with the answer. */
static void an_answer_behind_empty_records_is_read_at_once(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 3; count++)
        assert_says(probe_behind(count), "  200 in ");
}

/* Mbed TLS takes three in a row, and calls more a wrong code. */
static void too_many_empty_records_are_not_called_spoilt_alone(void **state)
{
    (void)state;
    assert_says(probe_behind(4), "server sent a record that was tampered with, or too many empty ones");
}

static int start(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;

    if (tls_make_certificates(state) != 0)
        return -1;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        return -1;
    port = ntohs(address.sin_port);
    context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_keylog_callback(context, keep_secret);
    return SSL_CTX_use_certificate_chain_file(context, tls_file("good.pem")) > 0 &&
                   SSL_CTX_use_PrivateKey_file(context, tls_file("good.key"), SSL_FILETYPE_PEM) > 0
               ? 0
               : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_behind_empty_records_is_read_at_once),
        cmocka_unit_test(too_many_empty_records_are_not_called_spoilt_alone),
    };

    subject_isolate();
    unsetenv("SSL_CERT_FILE");
    return cmocka_run_group_tests(tests, start, peer_clean);
}
