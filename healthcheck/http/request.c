/* Builds the request of an HTTP probe. */
#include "healthcheck/http/request.h"

#include "pith/layout.h"
#include "pith/version.h"

#include <string.h>

static HOT_TABLE const char line_end[] = "\r\n";

void text_base64(struct text *out, const char *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < length; i += 3) {
        size_t n = length - i < 3 ? length - i : 3;
        unsigned group = 0;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < n ? (unsigned char)bytes[i + j] : 0u);
        for (size_t j = 0; j < 4; j++)
            text_char(out, j <= n ? digits[group >> (18 - 6 * j) & 63] : '=');
    }
}

struct span header_name(const char *header)
{
    return (struct span){ header, text_until(header, ':') };
}

struct span header_value(const char *header)
{
    const char *at = header + header_name(header).length + 1;
    struct span value = span_of(at);

    while (value.length > 0 && is_blank(value.at[0]))
        span_drop(&value, 1);
    while (value.length > 0 && is_blank(value.at[value.length - 1]))
        value.length--;
    return value;
}

HOT const char *header_find(const struct request_conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->header_count; i++)
        if (span_is(header_name(conf->headers[i]), name))
            return conf->headers[i];
    return NULL;
}

HOT void http_put_host(const struct target *target, struct text *out)
{
    struct span host = target->host;
    bool brackets = host.at && memchr(host.at, ':', host.length);
    const char *zone = brackets ? memchr(host.at, '%', host.length) : NULL;

    if (!host.at)
        host = (struct span){ HOT_STRING("localhost"), strlen("localhost") };
    if (zone)
        host.length = (size_t)(zone - host.at);
    if (brackets)
        text_char(out, '[');
    text_bytes(out, host.at, host.length);
    if (brackets)
        text_char(out, ']');
    if (target->port == target_standard_port(target))
        return;
    text_char(out, ':');
    text_number(out, target->port);
}

bool http_put_credentials(const struct request_conf *conf, const struct target *target, struct text *out)
{
    char decoded[TARGET_USERINFO_MAX];
    struct text userinfo = { decoded, sizeof decoded, 0 };

    if (!target->userinfo.at && !conf->user)
        return false;
    text_literal(out, "Basic ");
    if (target->userinfo.at) {
        span_decode(target->userinfo, &userinfo);
        if (!memchr(target->userinfo.at, ':', target->userinfo.length))
            text_char(&userinfo, ':');
        text_base64(out, decoded, text_kept(&userinfo));
    } else {
        text_base64(out, conf->user, strlen(conf->user));
    }
    return true;
}

static void put_authorization(const struct request_conf *conf, const struct target *target, struct text *out)
{
    if (!target->userinfo.at && !conf->user)
        return;
    text_literal(out, "Authorization: ");
    http_put_credentials(conf, target, out);
    text_literal(out, line_end);
}

/* Whether a header holds credentials. */
static bool is_secret(struct span name)
{
    return span_is(name, "Authorization") || span_is(name, "Cookie");
}

/* Whether a header is one of those that are sent by default. */
static bool is_default(struct span name)
{
    return span_is(name, "Host") || span_is(name, "User-Agent") || span_is(name, "Accept") ||
           span_is(name, "Connection");
}

/* Appends the user's headers. A default header with an empty value was left out at the user's wish. */
static COLD void put_headers(const struct request_conf *conf, enum http_share share, struct text *out)
{
    for (size_t i = 0; i < conf->header_count; i++) {
        const char *header = conf->headers[i];
        struct span name = header_name(header);
        if ((share < HTTP_SHARE_ALL && is_secret(name)) || (is_default(name) && header_value(header).length == 0))
            continue;
        text_string(out, header);
        text_literal(out, line_end);
    }
}

HOT void http_request_put(const struct request_conf *conf, const struct target *target, enum http_share share,
                          struct text *out)
{
    const struct request_conf bare = { .method = conf->method };

    if (share == HTTP_SHARE_NOTHING)
        conf = &bare;
    text_string(out, conf->method);
    text_char(out, ' ');
    if (target->path.length == 0)
        text_char(out, '/');
    text_bytes(out, target->path.at, target->path.length);
    if (target->query.at) {
        text_char(out, '?');
        text_bytes(out, target->query.at, target->query.length);
    }
    text_literal(out, " HTTP/1.1\r\n");
    if (!header_find(conf, "Host")) {
        text_literal(out, "Host: ");
        http_put_host(target, out);
        text_literal(out, line_end);
    }
    if (!header_find(conf, "User-Agent"))
        text_literal(out, "User-Agent: pith-healthcheck/" PITH_VERSION "\r\n");
    if (!header_find(conf, "Accept"))
        text_literal(out, "Accept: */*\r\n");
    if (!header_find(conf, "Connection"))
        text_literal(out, "Connection: close\r\n");
    if (share == HTTP_SHARE_ALL && !header_find(conf, "Authorization"))
        put_authorization(conf, target, out);
    if (conf->header_count > 0)
        put_headers(conf, share, out);
    text_literal(out, line_end);
}
