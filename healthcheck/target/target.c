/*
 * Takes a target's text apart: kind, userinfo, host, port, path and query, in this order.
 *
 * Each step takes its part off the front of what is left, and either stores it or says what is wrong. A URL that is
 * almost right is refused with a hint, and not read in some other way.
 */
#include "healthcheck/target/target.h"

#include "healthcheck/features.h"
#include "pith/layout.h"

#include <string.h>

/* The state of parsing. */
struct parse {
    struct target *target;
    struct target_error *error;
    struct span rest; /* what is left of the text */
};

static bool starts_with(struct span span, char c)
{
    return span.length > 0 && span.at[0] == c;
}

/* Says that WHAT is wrong, and why. A variable that was meant to be expanded is told as the reason. Always false. */
static bool refuse_part(struct parse *parse, struct span what, const char *why)
{
    if (span_begins(what, "${"))
        why = "was $${NAME}, which is for Compose files alone";
    else if (starts_with(what, '$'))
        why = "has a variable without its braces (${NAME})";
    *parse->error = (struct target_error){ .what = what, .why = why };
    return false;
}

/* Whether C may be in a scheme (RFC 3986, 3.1). */
static bool is_scheme_char(char c)
{
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

HOT size_t target_scheme(struct span url)
{
    size_t n = 0;

    while (n < url.length && is_scheme_char(url.at[n]))
        n++;
    return n;
}

/* Takes a scheme and its `://` off the front; false where there is none. */
static HOT bool take_scheme(struct span *rest, struct span *scheme)
{
    struct span behind = *rest;

    *scheme = (struct span){ rest->at, target_scheme(*rest) };
    span_drop(&behind, scheme->length);
    if (!span_begins(behind, HOT_STRING("://")))
        return false;
    span_drop(&behind, strlen("://"));
    *rest = behind;
    return true;
}

/* Finds the kind of a scheme that has letters behind the kind's name: `s` for TLS, `+unix` for a Unix socket. */
static HOT __attribute__((noinline)) const struct probe_kind *find_form(struct span scheme, struct target *target)
{
    static HOT_TABLE const char forms[][sizeof "s+unix://"] = { "://", "s://", "+unix://", "s+unix://" };
    const struct span tls = { HOT_STRING("s"), 1 }, on_socket = { HOT_STRING("+unix"), strlen("+unix") };

    bool over_socket = span_ends(scheme, on_socket);
    scheme.length -= over_socket ? on_socket.length : 0;
    const struct probe_kind *kind = probe_find(scheme);
    bool over_tls = !kind && span_ends(scheme, tls);
    if (over_tls)
        kind = probe_find((struct span){ scheme.at, scheme.length - tls.length });
    if (!kind || !(kind->flags & PROBE_ANYWHERE))
        return NULL;
    target->on_socket = over_socket;
    target->tls = over_tls;
    target->form = span_of(forms[2 * over_socket + over_tls]);
    return kind;
}

/* The kind of a scheme, whose form goes into TARGET, or NULL, which leaves TARGET as it is. */
static const struct probe_kind *find_kind(struct span scheme, struct target *target)
{
    const struct probe_kind *kind = probe_find(scheme);

    return kind ? kind : find_form(scheme, target);
}

/*
 * Whether WORD, with NEXT behind it, was to be a scheme. In front of a port it passes for a host where a service could
 * have that name, as in `redis:6379`; hosts are hardly called `http` or `file`.
 */
static COLD bool lacks_colon(struct span word, const char *next)
{
    enum { NO_HOST = PROBE_HTTP | PROBE_SILENT | PROBE_OFFLINE | PROBE_H2 | PROBE_DATAGRAM };
    struct target forms; /* whose fields nobody asks for */
    const struct probe_kind *kind = find_kind(word, &forms);

    if (!kind || *next != ':')
        return kind && next[0] == '/' && next[1] == '/';
    return !is_digit(next[1]) || (kind->flags & NO_HOST);
}

/* Whether REST, which begins with a colon, has a scheme behind it, as in `jdbc:postgresql://`. */
static COLD bool is_before_scheme(struct span rest)
{
    span_drop(&rest, 1);
    return take_scheme(&rest, &(struct span){ 0 });
}

/* Refuses what could pass for a URL without a scheme, but is most often a slip. */
static COLD bool check_schemeless(struct parse *parse)
{
    struct span all = parse->rest, word = { all.at, 0 }, nothing = { NULL, 0 };
    const char *next = all.at;
    size_t digits = 0;

    for (; *next && !strchr(":/?#@[", *next); next++, word.length++)
        digits += is_digit(*next);
    if (starts_with(all, '|') || starts_with(all, '&'))
        return refuse_part(parse, all, "is for a shell, and there is none: status 1 needs no exit 1");
    if (word.length == 0 && (*next == '/' || *next == '?'))
        return refuse_part(parse, all, "is neither a URL nor HOST:PORT (a COMMAND stands behind --)");
    if (word.length > 0 && digits == word.length && (*next == '/' || *next == '\0'))
        return refuse_part(parse, word, "is no host name; is it a port (:PORT)?");
    if (*next == ':' && word.length > 0 && is_before_scheme((struct span){ next, all.length - word.length }))
        return refuse_part(parse, nothing, "does not begin with its kind: leave out what stands in front (jdbc:)");
    if (lacks_colon(word, next))
        return refuse_part(parse, word, "needs :// behind it");
    return true;
}

/* Refuses a scheme that is no kind's. Behind those of SQL databases frameworks name a driver: `mysql+pymysql`. */
static COLD bool refuse_kind(struct parse *parse, struct span scheme)
{
    struct span driver = scheme;
    const struct probe_kind *kind = probe_find(span_take(&driver, '+'));

    return kind && (kind->flags & PROBE_STARTTLS) && driver.length > 0
               ? refuse_part(parse, driver, "names a driver: leave it out")
               : refuse_part(parse, scheme, "is no kind of target (see --list-probes)");
}

static bool parse_kind(struct parse *parse)
{
    struct target *target = parse->target;
    struct span scheme;

    if (!take_scheme(&parse->rest, &scheme)) {
        if (!check_schemeless(parse))
            return false;
        scheme = (struct span){ LITERAL("http") };
    }
    target->kind = find_kind(scheme, target);
    if (!target->kind)
        return refuse_kind(parse, scheme);
    if (!target->kind->talk)
        return refuse_part(parse, scheme, target->kind->more->lacks);
    if (target->tls && !PITH_TLS)
        return refuse_part(parse, scheme, "needs TLS, which this build lacks");
    target->tls = target->tls || (target->kind->flags & PROBE_TLS);
    return true;
}

static HOT_TABLE const char below_localhost[] = ".localhost";

static struct span localhost(void)
{
    return (struct span){ below_localhost + 1, sizeof below_localhost - 2 };
}

/* Whether HOST is localhost or a name below it (RFC 6761, 6.3). */
static bool is_localhost(struct span host)
{
    host = span_undot(host);
    return span_is(host, below_localhost + 1) ||
           span_ends(host, (struct span){ below_localhost, sizeof below_localhost - 1 });
}

static bool parse_name(struct parse *parse, struct span host)
{
    struct target *target = parse->target;

    target->numeric = address_parse(host, &target->address, &target->zone);
    for (size_t i = 0; i < host.length && !target->numeric; i++)
        if (!is_host_char(host.at[i]))
            return refuse_part(parse, host, "is neither a host name nor an address");
    if (host.length > HOST_NAME_MAX_LENGTH)
        return refuse_part(parse, host, "is longer than a host name can be");
    target->host = host.length > 0 ? host : localhost();
    target->local = !target->numeric && is_localhost(target->host);
    return true;
}

/* Takes the host off the front of *AUTHORITY. */
static bool parse_host(struct parse *parse, struct span *authority)
{
    struct target *target = parse->target;

    if (!starts_with(*authority, '['))
        return parse_name(parse, span_take(authority, ':'));
    span_drop(authority, 1);
    struct span host = span_take(authority, ']');
    target->numeric = memchr(host.at, ':', host.length) && address_parse(host, &target->address, &target->zone);
    if (authority->length == 0 || !target->numeric)
        return refuse_part(parse, host, "is not an IPv6 address in brackets");
    span_drop(authority, 1);
    target->host = host;
    return true;
}

/* Where no port is given and the kind has none of its own, digits in the host's place are one: `listen://8080`. */
static COLD bool take_host_as_port(struct parse *parse)
{
    struct target *target = parse->target;
    unsigned port;

    if (!span_number(target->host, PORT_MAX, &port) || port == 0)
        return refuse_part(parse, (struct span){ NULL, 0 }, "needs a port (HOST:PORT, or :PORT)");
    target->host = localhost();
    target->local = true;
    target->port = (uint16_t)port;
    return true;
}

HOT uint16_t target_standard_port(const struct target *target)
{
    const struct probe_kind *kind = target->kind;

    return target->on_socket ? 0 : target->tls ? kind->tls_port : kind->port;
}

static bool parse_port(struct parse *parse, struct span authority)
{
    unsigned port;

    if (authority.length == 0) {
        parse->target->port = target_standard_port(parse->target);
        return parse->target->port > 0 || take_host_as_port(parse);
    }
    if (!starts_with(authority, ':'))
        return refuse_part(parse, authority, "stands where :PORT should");
    span_drop(&authority, 1);
    if (authority.length == 0)
        return refuse_part(parse, (struct span){ NULL, 0 },
                           "has no port behind its colon (an empty variable? Compose needs $${NAME})");
    if (memchr(authority.at, ':', authority.length))
        return refuse_part(parse, authority, "is not a port (an IPv6 address needs brackets)");
    if (!span_number(authority, PORT_MAX, &port) || port == 0)
        return refuse_part(parse, authority, "is not a port (1-65535)");
    parse->target->port = (uint16_t)port;
    return true;
}

static const char bad_escape[] = "has a % without two hexadecimal digits (or %00)";

/* Refuses what the URL holds from FROM on. Of a query only the first key is shown, as a value may be a password. */
static bool fail_more(struct parse *parse, const char *from)
{
    const char *end = parse->target->shown.at + parse->target->shown.length;
    struct span more = { from, 1 };

    while (from + more.length < end && !strchr("?=&", from[more.length]))
        more.length++;
    return refuse_part(parse, more, "is more than this kind of target takes");
}

/* Takes the next `KEY=VALUE` off the front of *QUERY. KEY is all of it where there is no `=`; VALUE.at is then NULL. */
static void take_pair(struct span *query, struct span *key, struct span *value)
{
    *value = span_take(query, '&');
    *key = span_take(value, '=');
    if (value->length > 0)
        span_drop(value, 1);
    else
        value->at = NULL;
    if (query->length > 0)
        span_drop(query, 1);
}

/* Finds KEY in QUERY; false where it is not there. */
static bool find_key(struct span query, struct span key, struct span *value)
{
    struct span name;

    while (query.length > 0) {
        take_pair(&query, &name, value);
        if (span_equal(name, key))
            return true;
    }
    return false;
}

bool target_query(const struct target *target, const char *key, struct span *value)
{
    return find_key(target->query, span_of(key), value);
}

/* Whether KEY is one of the words of KEYS. */
static bool is_known_key(const char *keys, struct span key)
{
    struct span rest = span_of(keys);

    while (rest.length > 0) {
        if (span_equal(span_take(&rest, ' '), key))
            return true;
        if (rest.length > 0)
            span_drop(&rest, 1);
    }
    return false;
}

/*
 * Checks the query of a kind that is not HTTP: it knows each key, and each is there once and has a value, or none.
 * Messages show keys alone, as a value may be a password.
 */
static COLD bool check_query(struct parse *parse)
{
    const struct target *target = parse->target;
    struct span query = target->query, key, value;
    struct text nowhere = { NULL, 0, 0 };
    bool words = target->kind->flags & PROBE_PAGE;

    if (!target->kind->more->queries)
        return fail_more(parse, query.at - 1);
    while (query.length > 0) {
        take_pair(&query, &key, &value);
        if (!is_known_key(target->kind->more->queries, key))
            return refuse_part(parse, key, "is no query that this kind of target knows");
        if (!value.at != words)
            return refuse_part(parse, key, words ? "takes no =VALUE" : "needs =VALUE behind it");
        if (!span_decode(value, &nowhere))
            return refuse_part(parse, key, bad_escape);
        if (find_key(query, key, &value))
            return refuse_part(parse, key, "is there twice");
    }
    return true;
}

/*
 * Refuses an @ in a path that is a name: a password with a bare / in it ends the host's part early, as in
 * postgresql://app:12/word@db, and the rest of it would be shown as the path. In paths of HTTP and fcgi an @ is common.
 */
static COLD bool check_named_path(struct parse *parse)
{
    const struct target *target = parse->target;
    const struct span none = { NULL, 0 };

    return !(target->kind->flags & (PROBE_LOGIN | PROBE_NAMED)) || !memchr(target->path.at, '@', target->path.length) ||
           refuse_part(parse, none, "has an @ behind the host (%40 in a name; in a password / is %2F)");
}

/* Whether a target follows what LIST begins with, as in `,http://` and `,:80`. */
static COLD bool is_before_target(struct span list)
{
    return is_before_scheme(list) || (list.length > 2 && list.at[1] == ':' && is_digit(list.at[2]));
}

/* Whether PATH is a list of targets, all of which but the first would pass for its path. */
static HOT bool is_list(struct span path)
{
    for (; path.length > 0; span_drop(&path, 1))
        if ((*path.at == ',' || *path.at == ';') && is_before_target(path))
            return true;
    return false;
}

static const char several[] = "names several hosts; each of them is a target of its own";

/* Takes what is left as the path. That of HTTP goes to the server as it is, so its encoding is not checked. */
static HOT bool parse_path(struct parse *parse)
{
    struct target *target = parse->target;
    struct text nowhere = { NULL, 0, 0 };
    uint16_t flags = target->kind->flags;

    target->path = parse->rest;
    if (PITH_EXTRAS && is_list(target->path))
        return refuse_part(parse, (struct span){ NULL, 0 }, several);
    if (target->query.at && !(flags & PROBE_HTTP) && !check_query(parse))
        return false;
    if (!(flags & (PROBE_PATH | PROBE_NAMED)) && target->path.length > 1)
        return fail_more(parse, target->path.at);
    if (target->path.length > 1 && !(flags & PROBE_HTTP) && !check_named_path(parse))
        return false;
    return (flags & PROBE_HTTP) || span_decode(target->path, &nowhere) ? true
                                                                       : refuse_part(parse, target->path, bad_escape);
}

/* Takes `userinfo@` off the front of *AUTHORITY. The last `@` ends it, as passwords may hold others. */
static HOT bool take_userinfo(struct parse *parse, struct span *authority)
{
    const char *at = memrchr(authority->at, '@', authority->length);
    const struct span none = { NULL, 0 };
    struct text nowhere = { NULL, 0, 0 };

    if (!at)
        return true;
    struct span userinfo = { authority->at, (size_t)(at - authority->at) };
    span_drop(authority, userinfo.length + 1);
    span_drop(&parse->target->shown, userinfo.length + 1);
    if (userinfo.length == 0)
        return true;
    parse->target->userinfo = userinfo;
    if (userinfo.length > TARGET_USERINFO_MAX || !span_decode(userinfo, &nowhere))
        return refuse_part(parse, none, "has a user and password that are too long or not URL-encoded");
    /* who names a user wants the login to be tried */
    return parse->target->kind->flags & PROBE_LOGIN
               ? true
               : refuse_part(parse, none, "has a user or password, which this kind of target does not take");
}

static HOT bool check_socket(struct parse *parse, struct span socket)
{
    char decoded[TARGET_SOCKET_MAX];
    struct text out = { decoded, sizeof decoded, 0 };

    bool is_url = parse->target->kind->shape == SHAPE_NETWORK;

    parse->target->socket = socket;
    if (socket.length == 0)
        return refuse_part(parse, (struct span){ NULL, 0 },
                           is_url ? "names no socket: its path stands there with %2F for /" : "names no socket");
    if (!span_decode(socket, &out))
        return refuse_part(parse, socket, bad_escape);
    if (out.length < 2 || (decoded[0] != '/' && decoded[0] != '@'))
        return refuse_part(parse, socket,
                           is_url ? "is neither %40NAME nor a path with %2F for /"
                                  : "is neither an absolute path nor @NAME");
    if (out.length > sizeof decoded)
        return refuse_part(parse, socket, "is longer than a socket's path can be (107 bytes)");
    return true;
}

/* Says what is wrong where ALL is a list of hosts, as drivers take one, and else leaves what was said. Always false. */
static COLD bool refuse_list(struct parse *parse, struct span all)
{
    return memchr(all.at, ',', all.length) && refuse_part(parse, all, several);
}

/*
 * Says what is wrong where ALL is no HOST:PORT because it is what stands in front of a / or ? in a password, and else
 * leaves what was said. Always false.
 */
static COLD bool refuse_cut(struct parse *parse, struct span all)
{
    const struct span none = { NULL, 0 };

    return strchr(all.at + all.length, '@') && !starts_with(parse->error->what, '$') &&
           refuse_part(parse, none, "has no HOST:PORT in front of its / or ? (in a password they are %2F and %3F)");
}

static HOT bool parse_network(struct parse *parse)
{
    struct span authority = span_take(&parse->rest, '/');

    if (!take_userinfo(parse, &authority))
        return false;
    struct span all = authority;
    return (parse->target->on_socket ? check_socket(parse, authority)
                                     : (parse_host(parse, &authority) && parse_port(parse, authority)) ||
                                           (PITH_SERVICES && refuse_list(parse, all)) || refuse_cut(parse, all)) &&
           parse_path(parse);
}

static bool parse_unix(struct parse *parse)
{
    struct span socket = parse->rest;

    span_drop(&parse->rest, socket.length);
    return check_socket(parse, socket) && parse_path(parse);
}

static bool parse_file(struct parse *parse)
{
    char first[1];
    struct text out = { first, sizeof first, 0 };

    if (!parse_path(parse))
        return false;
    struct span path = parse->target->path;
    span_decode(path, &out);
    if (out.length == 0 || first[0] != '/')
        return refuse_part(parse, path, "is not an absolute path");
    return out.length <= TARGET_PATH_MAX ? true : refuse_part(parse, path, "is longer than a path can be");
}

static bool parse_plain(struct parse *parse)
{
    struct span name = parse->rest;
    struct text nowhere = { NULL, 0, 0 };

    parse->target->path = name;
    if (name.length == 0 || memchr(name.at, '/', name.length))
        return refuse_part(parse, name, "is not a name");
    if (!span_decode(name, &nowhere))
        return refuse_part(parse, name, bad_escape);
    return parse->target->query.at ? fail_more(parse, name.at + name.length) : true;
}

/* Refuses spaces and control characters: brought in by a variable, they could forge a header or a line of a log. */
static bool check_bytes(struct parse *parse)
{
    const struct span all = { NULL, 0 };
    const char *at = parse->rest.at;

    if (parse->rest.length == 0)
        return refuse_part(parse, all, "is empty");
    if (parse->rest.length > TARGET_LENGTH_MAX)
        return refuse_part(parse, all, "is too long");
    while ((unsigned char)*at > ' ' && *at != 0x7f)
        at++;
    if (*at == '\0')
        return true;
    return refuse_part(parse, all,
                       *at == ' ' ? "has a space in it (each word is an argument of its own)"
                                  : "has a control character in it (a line end?)");
}

/* Has the kind check what only it knows of its URL. */
static COLD bool check_more(struct parse *parse)
{
    struct span what = { NULL, 0 };
    probe_check *check = parse->target->kind->more->check;
    const char *why = check ? check(parse->target, &what) : NULL;

    return why ? refuse_part(parse, what, why) : true;
}

/*
 * A URL of HTTP may have a fragment, which is no part of a request. Nothing else has, and an @ says that it is the rest
 * of a password, as of http://app:12#word@host. So does one in a query that stands where a path should begin.
 */
static COLD bool check_end(struct parse *parse, struct span fragment)
{
    const struct span none = { NULL, 0 };
    struct span query = parse->target->query;
    bool http = parse->target->kind->flags & PROBE_HTTP;

    if (fragment.length > 0 && (!http || memchr(fragment.at, '@', fragment.length)))
        return refuse_part(parse, none, "has a # in it, which is written %23");
    return !http || !query.at || memchr(parse->rest.at, '/', parse->rest.length) ||
           !memchr(query.at, '@', query.length) ||
           refuse_part(parse, none, "has a ? in front of its @ (in a password it is %3F; a path begins with /)");
}

/* Whether a URL holds no more than where it is; what that of HTTP holds is for the server. */
static HOT bool is_bare(const struct target *target)
{
    return (target->kind->flags & PROBE_HTTP) ||
           (!target->userinfo.at && target->path.length <= 1 && !target->query.at);
}

HOT bool target_parse(const char *string, struct target *target, struct target_error *error)
{
    static HOT_TABLE bool (*const parsers[])(struct parse *) = {
        [SHAPE_NETWORK] = parse_network,
        [SHAPE_UNIX] = parse_unix,
        [SHAPE_FILE] = parse_file,
        [SHAPE_NAME] = parse_plain,
    };
    struct parse parse = { target, error, span_of(string) };

    *target = (struct target){ .string = string, .form = { HOT_STRING("://"), strlen("://") } };
    if (!check_bytes(&parse) || !parse_kind(&parse))
        return false;
    struct span fragment = parse.rest;
    parse.rest = target->shown = span_take(&fragment, '#');
    struct span query = parse.rest;
    parse.rest = span_take(&query, '?');
    if (query.length > 0)
        target->query = (struct span){ query.at + 1, query.length - 1 };
    if (fragment.length + query.length > 0 && !check_end(&parse, fragment))
        return false;
    return parsers[target->kind->shape](&parse) && (is_bare(target) || check_more(&parse));
}

struct span target_user(const struct target *target)
{
    struct span rest = target->userinfo;

    return rest.at ? span_take(&rest, ':') : rest;
}

struct span target_password(const struct target *target)
{
    struct span rest = target->userinfo;

    if (rest.at)
        span_take(&rest, ':');
    if (rest.length > 0)
        span_drop(&rest, 1);
    return rest;
}

bool target_has_login(const struct target *target)
{
    return target->userinfo.length > 1 || (target->userinfo.length == 1 && target->userinfo.at[0] != ':');
}

struct span target_path_name(const struct target *target)
{
    struct span name = target->path;

    if (name.length > 0)
        span_drop(&name, 1);
    return name;
}

void target_pieces(const struct target *target, struct span pieces[TARGET_PIECES])
{
    struct span shown = target->shown;
    bool no_host = target->host.at && (shown.length == 0 || strchr(":/?", shown.at[0]));

    pieces[0] = span_of(target->kind->scheme);
    pieces[1] = target->form;
    pieces[2] = (struct span){ "***@", target->userinfo.at ? strlen("***@") : 0 };
    pieces[3] = no_host ? localhost() : (struct span){ "", 0 };
    pieces[4] = shown;
}

void target_show(const struct target *target, struct text *out)
{
    struct span pieces[TARGET_PIECES];

    target_pieces(target, pieces);
    for (size_t i = 0; i < TARGET_PIECES; i++)
        text_bytes(out, pieces[i].at, pieces[i].length);
}

void target_show_raw(const char *string, char shown[TARGET_SHOWN_MAX])
{
    struct text out = { shown, TARGET_SHOWN_MAX, 0 };
    struct span rest = span_of(string);
    const char *at = strrchr(string, '@'), *mark = strchr(string, '?');

    take_scheme(&rest, &(struct span){ 0 });
    if (at && at > rest.at) {
        text_bytes(&out, string, (size_t)(rest.at - string));
        text_string(&out, "***");
        string = mark && mark < at ? "" : at; /* nobody knows which of the two the password ends at */
    }
    text_bytes(&out, string, text_until(string, '?'));
    text_end(&out);
}
