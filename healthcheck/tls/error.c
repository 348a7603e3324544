/* Puts failures of TLS into words: alerts, errors of the library, servers that do not speak TLS. */
#include "healthcheck/tls/error.h"

#include <mbedtls/ssl.h>
#include <string.h>

/* By their names in the TLS Alerts registry (RFC 8446, 11). */
static const struct {
    unsigned char code;
    const char *name;
} alerts[] = {
    { 0, "close_notify" },
    { 10, "unexpected_message" },
    { 20, "bad_record_mac" },
    { 22, "record_overflow" },
    { 40, "handshake_failure" },
    { 42, "bad_certificate" },
    { 43, "unsupported_certificate" },
    { 44, "certificate_revoked" },
    { 45, "certificate_expired" },
    { 46, "certificate_unknown" },
    { 47, "illegal_parameter" },
    { 48, "unknown_ca" },
    { 49, "access_denied" },
    { 50, "decode_error" },
    { 51, "decrypt_error" },
    { 70, "protocol_version" },
    { 71, "insufficient_security" },
    { 80, "internal_error" },
    { 86, "inappropriate_fallback" },
    { 90, "user_canceled" },
    { 109, "missing_extension" },
    { 110, "unsupported_extension" },
    { 112, "unrecognized_name" },
    { 113, "bad_certificate_status_response" },
    { 115, "unknown_psk_identity" },
    { 116, "certificate_required" },
    { 120, "no_application_protocol" },
};

static void put_alert_name(struct text *out, int alert)
{
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
        if (alerts[i].code == alert) {
            text_string(out, alerts[i].name);
            return;
        }
    text_string(out, "alert ");
    text_number(out, (uint64_t)alert);
}

/* Alerts with which servers refuse a client's certificate, or its absence. */
static bool is_about_certificate(int alert)
{
    return alert == MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE || alert == MBEDTLS_SSL_ALERT_MSG_CERT_REQUIRED ||
           (alert >= MBEDTLS_SSL_ALERT_MSG_BAD_CERT && alert <= MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED &&
            alert != MBEDTLS_SSL_ALERT_MSG_ILLEGAL_PARAMETER);
}

static const char *alert_meaning(const struct tls_failure *failure)
{
    if (failure->alert == MBEDTLS_SSL_ALERT_MSG_PROTOCOL_VERSION)
        return "server speaks neither TLS 1.2 nor 1.3";
    if (failure->alert == MBEDTLS_SSL_ALERT_MSG_UNRECOGNIZED_NAME)
        return "server does not know that name (--servername)";
    if (failure->alert == MBEDTLS_SSL_ALERT_MSG_NO_APPLICATION_PROTOCOL)
        return "server does not speak our protocol (ALPN)";
    if (failure->hello_done && is_about_certificate(failure->alert))
        return failure->certified ? "server refused the client certificate"
                                  : "server wants a client certificate (--cert, --key)";
    if (failure->alert == MBEDTLS_SSL_ALERT_MSG_HANDSHAKE_FAILURE && !failure->hello_done)
        return "no certificate type, cipher or curve in common";
    return "server refused the TLS handshake";
}

static const char *meaning(const struct tls_failure *failure)
{
    switch (failure->error) {
    case MBEDTLS_ERR_SSL_CONN_EOF:
        return "connection closed without close_notify";
    case MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION:
        return "server speaks neither TLS 1.2 nor 1.3";
    case MBEDTLS_ERR_SSL_HANDSHAKE_FAILURE:
        return "no cipher or key exchange in common";
    case MBEDTLS_ERR_SSL_BAD_CERTIFICATE:
        return "server's certificate cannot be used";
    case MBEDTLS_ERR_SSL_INVALID_MAC:
        return "server sent a record that was tampered with, or too many empty ones";
    case MBEDTLS_ERR_X509_INVALID_FORMAT:
        return "server's certificate is malformed";
    case MBEDTLS_ERR_PK_UNKNOWN_PK_ALG:
        return "server's certificate has a key of a type that is not supported";
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
        return "out of memory";
    default:
        return NULL;
    }
}

/* Any other error, which is rare: its number in the library's ssl.h. */
static void put_code(struct text *out, int error)
{
    text_string(out, "server broke the rules of TLS (0x");
    for (int shift = 12; shift >= 0; shift -= 4)
        text_char(out, "0123456789abcdef"[(unsigned)-error >> shift & 15]);
    text_char(out, ')');
}

/* A record begins with its type, 20 to 24, and with version 3 (RFC 8446, 5.1). */
static bool is_tls(const struct tls_failure *failure)
{
    return failure->greeting_length < 2 ||
           (failure->greeting[0] >= 20 && failure->greeting[0] <= 24 && failure->greeting[1] == 3);
}

void tls_put_error(const struct tls_failure *failure, struct text *out)
{
    const char *words = meaning(failure);

    if (failure->error == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) {
        text_string(out, alert_meaning(failure));
        text_string(out, ": ");
        put_alert_name(out, failure->alert);
        return;
    }
    if (!is_tls(failure)) {
        text_string(out, "server does not speak TLS");
        if (failure->greeting_length >= strlen("HTTP") && memcmp(failure->greeting, LITERAL("HTTP")) == 0)
            text_string(out, ": is it plain HTTP? (http://)");
        return;
    }
    if (words)
        text_string(out, words);
    else
        put_code(out, failure->error);
    text_string(out, " while ");
    text_string(out, failure->phase);
}
