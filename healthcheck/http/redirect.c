/* Resolves the reference of a redirect against the URL that it came from (RFC 3986, 5.2). */
#include "healthcheck/http/redirect.h"

#include "healthcheck/features.h"
#include "healthcheck/target/address.h"
#include "healthcheck/target/kind.h"

#include <string.h>

/* The length of the `scheme:` that REFERENCE begins with, its colon counted. 0 where there is none. */
static size_t scheme_length(struct span reference)
{
    size_t n = target_scheme(reference);

    return n > 0 && n < reference.length && reference.at[n] == ':' ? n + 1 : 0;
}

/* Appends PATH without its `.` and `..` segments (RFC 3986, 5.2.4). `..` takes back what was appended here, no more. */
static void put_normal_path(struct span path, struct text *out)
{
    size_t from = out->length;

    while (path.length > 0) {
        size_t n = 1; /* the slash, then the segment */
        while (n < path.length && path.at[n] != '/')
            n++;
        struct span segment = { path.at + 1, n - 1 };
        bool last = n == path.length, up = span_is(segment, "..");
        while (up && out->length > from && out->length <= out->size && out->start[--out->length] != '/')
            ;
        if (!up && !span_is(segment, "."))
            text_bytes(out, path.at, n);
        else if (last)
            text_char(out, '/');
        span_drop(&path, n);
    }
}

/* Appends scheme and authority of BASE, for a reference that has none of its own. */
static void put_origin(const struct target *base, struct text *out)
{
    bool brackets = base->host.at && memchr(base->host.at, ':', base->host.length);

    text_string(out, base->kind->scheme);
    text_bytes(out, base->form.at, base->form.length);
    if (base->socket.at) {
        text_bytes(out, base->socket.at, base->socket.length);
        return;
    }
    text_string(out, brackets ? "[" : "");
    text_bytes(out, base->host.at, base->host.length);
    text_string(out, brackets ? "]:" : ":");
    text_number(out, base->port);
}

/* Cuts the query off a reference, and returns it with its `?`. */
static struct span split_query(struct span *reference)
{
    const char *mark = memchr(reference->at, '?', reference->length);
    size_t before = mark ? (size_t)(mark - reference->at) : reference->length;
    struct span query = { reference->at + before, reference->length - before };

    reference->length = before;
    return query;
}

static void put_base_query(const struct target *base, struct text *out)
{
    if (!base->query.at)
        return;
    text_char(out, '?');
    text_bytes(out, base->query.at, base->query.length);
}

/* Appends path and query of a reference that has neither scheme nor authority. */
static void put_relative(const struct target *base, struct span reference, struct text *out)
{
    struct span query = split_query(&reference), directory = base->path;
    size_t path = out->length;

    if (reference.length == 0) {
        text_bytes(out, base->path.at, base->path.length);
        if (query.length == 0)
            put_base_query(base, out);
    } else if (reference.at[0] == '/') {
        put_normal_path(reference, out);
    } else {
        char merged[TARGET_LENGTH_MAX];
        struct text whole = { merged, sizeof merged, 0 };
        while (directory.length > 0 && directory.at[directory.length - 1] != '/')
            directory.length--;
        if (directory.length == 0)
            directory = (struct span){ LITERAL("/") };
        text_bytes(&whole, directory.at, directory.length);
        text_bytes(&whole, reference.at, reference.length);
        put_normal_path((struct span){ merged, text_kept(&whole) }, out);
    }
    if (out->length == path)
        text_char(out, '/');
    text_bytes(out, query.at, query.length);
}

/* Appends an authority and what follows it, but no userinfo, and no `:` without a port (RFC 3986, 3.2.3). False where
 * it names no host. */
static bool put_authority(struct span rest, struct text *out)
{
    size_t length = 0;

    while (length < rest.length && !strchr("/?", rest.at[length]))
        length++;
    const char *at = memrchr(rest.at, '@', length);
    size_t skip = at ? (size_t)(at - rest.at) + 1 : 0;
    const char *host = rest.at + skip, *end = rest.at + length, *bracket = memrchr(host, ']', length - skip);
    const char *colon = memchr(bracket ? bracket : host, ':', (size_t)(end - (bracket ? bracket : host)));
    text_bytes(out, host, (size_t)((colon && colon + 1 == end ? colon : end) - host));
    text_bytes(out, end, rest.length - length);
    return host < end && *host != ':';
}

/*
 * Appends the URL for a server behind a Unix socket. It was asked as localhost, so that is what it calls itself in an
 * absolute URL. False where REST, the URL behind `//`, names another host.
 */
static bool put_over_socket(const struct target *base, struct span rest, struct text *out)
{
    static const char host[] = "localhost";
    size_t n = sizeof host - 1;

    if (rest.length < n || !span_is((struct span){ rest.at, n }, host))
        return false;
    span_drop(&rest, n);
    span_drop(&rest, rest.length > 0 && *rest.at == ':'); /* it names no port, or what is left is not a path */
    if (rest.length > 0 && *rest.at != '/')
        return false;
    put_origin(base, out);
    put_relative(base, rest.length > 0 ? rest : (struct span){ LITERAL("/") }, out);
    return true;
}

/* Appends the URL that LOCATION means. Returns NULL, or why the redirect is not followed. */
static const char *put_url(const struct target *base, struct span location, struct text *out)
{
    size_t scheme = scheme_length(location);
    const struct span named = { location.at, scheme };
    bool https = span_is(named, "https:");

    if (scheme == 0 && !span_begins(location, "//")) {
        put_origin(base, out);
        put_relative(base, location, out);
        return NULL;
    }
    if (scheme > 0 && !https && !span_is(named, "http:"))
        return "redirect to another scheme";
    if (https && !PITH_TLS)
        return "redirect to https, which needs TLS";
    if (scheme == 0)
        https = base->tls;
    if (base->tls && !https)
        return "redirect from https to http";
    span_drop(&location, scheme);
    if (!span_begins(location, "//"))
        return "redirect to a malformed URL";
    span_drop(&location, 2);
    if (base->socket.at)
        return https == base->tls && put_over_socket(base, location, out) ? NULL : "redirect to another host";
    text_string(out, https ? "https://" : "http://");
    return put_authority(location, out) ? NULL : "redirect to a malformed URL";
}

/* Whether TARGET is localhost, 127.0.0.1 or ::1, which count as one host. */
static bool is_loopback(const struct target *target)
{
    struct address address = target->address;

    if (span_is(target->host, "localhost"))
        return true;
    if (!target->numeric)
        return false;
    address_settle(&address);
    return address_equal(&address, &address_loopback4) || address_equal(&address, &address_loopback6);
}

static bool is_same_host(const struct target *a, const struct target *b)
{
    return span_same(a->host, b->host) || (is_loopback(a) && is_loopback(b));
}

const char *redirect_resolve(const struct target *base, struct span location, char *url, size_t size,
                             struct target *next)
{
    struct text out = { url, size, 0 };
    struct target_error error;
    const char *fragment = memchr(location.at, '#', location.length), *why;

    if (fragment)
        location.length = (size_t)(fragment - location.at);
    why = put_url(base, location, &out);
    if (why)
        return why;
    text_char(&out, '\0');
    if (out.length > out.size || strlen(url) + 1 != out.length || !target_parse(url, next, &error))
        return "redirect to a malformed URL";
    if (base->host.at && !is_same_host(base, next))
        return "redirect to another host";
    return NULL;
}
