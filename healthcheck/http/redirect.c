/* Resolves redirects. */
#include "healthcheck/http/redirect.h"

#include "healthcheck/features.h"
#include "healthcheck/target/address.h"
#include "healthcheck/target/kind.h"

#include <string.h>

/* `scheme:` in front of a reference: its length with the colon, or 0. */
static size_t scheme_length(struct span reference)
{
    size_t n = target_scheme(reference);

    return n > 0 && n < reference.length && reference.at[n] == ':' ? n + 1 : 0;
}

/* Puts PATH without its `.` and `..` segments (RFC 3986, 5.2.4). The text must start where the path does. */
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

/* What stands in front of the path: of the base, for references without an authority of their own. */
static void put_origin(const struct target *base, struct text *out)
{
    bool brackets = base->host.at && memchr(base->host.at, ':', base->host.length);

    text_string(out, base->kind->scheme);
    text_string(out, "://");
    if (base->socket.at) {
        text_bytes(out, base->socket.at, base->socket.length);
        return;
    }
    text_string(out, brackets ? "[" : "");
    text_bytes(out, base->host.at, base->host.length);
    text_string(out, brackets ? "]:" : ":");
    text_number(out, base->port);
}

/* Splits a reference without fragment at its `?`; the query keeps it. */
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

/* Path and query of a reference that has neither scheme nor authority. */
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

/* Puts an authority and what follows it, its userinfo left out. False where it names no host. */
static bool put_authority(struct span rest, struct text *out)
{
    size_t length = 0;

    while (length < rest.length && !strchr("/?", rest.at[length]))
        length++;
    const char *at = memrchr(rest.at, '@', length);
    size_t skip = at ? (size_t)(at - rest.at) + 1 : 0;
    text_bytes(out, rest.at + skip, rest.length - skip);
    return skip < length && rest.at[skip] != ':';
}

/* An absolute URL that a server behind a Unix socket sends names its own host, which is localhost there. */
static bool put_over_socket(const struct target *base, struct span rest, struct text *out)
{
    static const char host[] = "localhost";
    size_t n = sizeof host - 1;

    if (rest.length < n || !span_is((struct span){ rest.at, n }, host) || (rest.length > n && rest.at[n] != '/'))
        return false;
    put_origin(base, out);
    put_relative(base, rest.length > n ? (struct span){ rest.at + n, rest.length - n } : (struct span){ LITERAL("/") },
                 out);
    return true;
}

static bool is_secure(const struct target *target)
{
    return target->kind->flags & PROBE_TLS;
}

/* Puts the URL, or returns why not. */
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
        https = is_secure(base);
    if (is_secure(base) && !https)
        return "redirect from https to http";
    span_drop(&location, scheme);
    if (!span_begins(location, "//"))
        return "redirect to a malformed URL";
    span_drop(&location, 2);
    if (base->socket.at)
        return https == is_secure(base) && put_over_socket(base, location, out) ? NULL : "redirect to another host";
    text_string(out, https ? "https://" : "http://");
    return put_authority(location, out) ? NULL : "redirect to a malformed URL";
}

/* localhost, 127.0.0.1 and ::1 are one host. */
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
