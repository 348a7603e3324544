/* From text to who may be talked to: targets, addresses, /etc/hosts, the allow file, redirects. */
#include "healthcheck/http/redirect.h"
#include "healthcheck/net/allow.h"
#include "healthcheck/net/hosts.h"
#include "healthcheck/net/resolve.h"
#include "healthcheck/probes/probe.h"
#include "healthcheck/target/address.h"
#include "support/guard.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

static struct span span(const char *string)
{
    return span_of(string);
}

static const char *string(struct span piece)
{
    static char strings[4][512];
    static unsigned next;
    char *copy = strings[next++ % 4];

    snprintf(copy, sizeof strings[0], "%.*s", (int)piece.length, piece.at ? piece.at : "");
    return copy;
}

static const char *shown(const struct target *target)
{
    static char bytes[1024];
    struct text out = { bytes, sizeof bytes - 1, 0 };

    target_show(target, &out);
    bytes[text_kept(&out)] = '\0';
    return bytes;
}

/* --- targets ------------------------------------------------------------------ */

static void targets_are_taken_apart(void **state)
{
    static const struct {
        const char *string, *scheme, *host, *path, *query, *shown;
        unsigned port;
    } cases[] = {
        { "http://localhost:8080/health", "http", "localhost", "/health", "", "http://localhost:8080/health", 8080 },
        { "HTTP://Example.COM/", "http", "Example.COM", "/", "", "http://Example.COM/", 80 },
        { "http://h/", "http", "h", "/", "", "http://h/", 80 },
        { "http://http:80", "http", "http", "", "", "http://http:80", 80 },
        { "tcp://tcp:80", "tcp", "tcp", "", "", "tcp://tcp:80", 80 },
        { "redis:80", "http", "redis", "", "", "http://redis:80", 80 },
        { "rediss:80/x", "http", "rediss", "/x", "", "http://rediss:80/x", 80 },
        { "rediss/x", "http", "rediss", "/x", "", "http://rediss/x", 80 },
        { "app//x", "http", "app", "//x", "", "http://app//x", 80 },
        { "http://my-app_1.x-/", "http", "my-app_1.x-", "/", "", "http://my-app_1.x-/", 80 },
        { "localhost:8080/x", "http", "localhost", "/x", "", "http://localhost:8080/x", 8080 },
        { "app.local/x", "http", "app.local", "/x", "", "http://app.local/x", 80 },
        { ":8080", "http", "localhost", "", "", "http://localhost:8080", 8080 },
        { ":8080/x?a=b&c#frag", "http", "localhost", "/x", "a=b&c", "http://localhost:8080/x?a=b&c", 8080 },
        { "http://[::1]:9/", "http", "::1", "/", "", "http://[::1]:9/", 9 },
        { "http://user:p@ss@localhost/", "http", "localhost", "/", "", "http://***@localhost/", 80 },
        { "users:p@localhost:8080/", "http", "localhost", "/", "", "http://***@localhost:8080/", 8080 },
        { "a+unix:p@localhost:8080/", "http", "localhost", "/", "", "http://***@localhost:8080/", 8080 },
        { "http://@localhost/", "http", "localhost", "/", "", "http://localhost/", 80 },
        { "http://localhost:65535/%zz", "http", "localhost", "/%zz", "", "http://localhost:65535/%zz", 65535 },
        { "http://localhost/a@b", "http", "localhost", "/a@b", "", "http://localhost/a@b", 80 },
        { "http://127.0.0.1:00080/", "http", "127.0.0.1", "/", "", "http://127.0.0.1:00080/", 80 },
        { "tcp://:5432", "tcp", "localhost", "", "", "tcp://localhost:5432", 5432 },
        { "listen://8080", "listen", "localhost", "", "", "listen://8080", 8080 },
        { "listen+udp://8125", "listen+udp", "localhost", "", "", "listen+udp://8125", 8125 },
        { "listen://8080/", "listen", "localhost", "/", "", "listen://8080/", 8080 },
        { "tcp://1.localhost:5432", "tcp", "1.localhost", "", "", "tcp://1.localhost:5432", 5432 },
        { "tcp://localhost:5432/", "tcp", "localhost", "/", "", "tcp://localhost:5432/", 5432 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target target;
        struct target_error error;
        if (!target_parse(cases[i].string, &target, &error))
            fail_msg("'%s': '%s' %s", cases[i].string, string(error.what), error.why);
        assert_string_equal(target.kind->scheme, cases[i].scheme);
        assert_string_equal(string(target.host), cases[i].host);
        assert_string_equal(string(target.path), cases[i].path);
        assert_string_equal(string(target.query), cases[i].query);
        assert_string_equal(shown(&target), cases[i].shown);
        assert_int_equal(target.port, cases[i].port);
    }
}

/* A list that no space divides is told by what follows the comma; other commas are for the server. */
static void a_comma_may_be_in_a_path(void **state)
{
    static const char *const good[] = { "a,b;c=1",     "b,c:2", "b,:x", "b/http://c",
                                        "b,/http://c", "b,",    "b,:",  "b?c=,http://d,:1",
                                        "b#,http://d" };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        char url[64];
        struct target target;
        struct target_error error;
        snprintf(url, sizeof url, "http://a:1/%s", good[i]);
        if (!target_parse(url, &target, &error))
            fail_msg("%s: %s", url, error.why);
    }
}

static void sockets_and_files_are_taken_apart(void **state)
{
    static const struct {
        const char *string, *socket, *path;
    } cases[] = {
        { "unix:///run/app.sock", "/run/app.sock", "" },
        { "unix://@name", "@name", "" },
        { "unix://%40name", "%40name", "" },
        { "http+unix://%2Frun%2Fapp.sock/x", "%2Frun%2Fapp.sock", "/x" },
        { "http+unix://u:p@%2Frun%2Fapp.sock/x", "%2Frun%2Fapp.sock", "/x" },
        { "HTTP+Unix://%2Frun%2Fapp.sock/x", "%2Frun%2Fapp.sock", "/x" },
        { "memcached+unix://%40name", "%40name", "" },
        { "fcgi+unix://%2Fs/ping", "%2Fs", "/ping" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target target;
        struct target_error error;
        assert_true(target_parse(cases[i].string, &target, &error));
        assert_string_equal(string(target.socket), cases[i].socket);
        assert_string_equal(string(target.path), cases[i].path);
        assert_int_equal(target_standard_port(&target), 0);
        assert_null(target.host.at);
        assert_true(strncasecmp(shown(&target), cases[i].string, strcspn(cases[i].string, ":")) == 0);
    }
}

static void bad_targets_are_told_apart(void **state)
{
    static const struct {
        const char *string, *what, *why;
    } cases[] = {
        { "", "", "is empty" },
        { "http://local host/", "", "space" },
        { "http://localhost/a\rb", "", "control character" },
        { "http://localhost/a\nb", "", "control character" },
        { "http://localhost/\x7f", "", "control character" },
        { "gopher://localhost/", "gopher", "no kind of target" },
        { "://localhost", "", "no kind of target" },
        { "https://localhost/", "https", "which this build lacks" },
        { "http://localhost:0/", "0", "is not a port" },
        { "http://localhost:65536/", "65536", "is not a port" },
        { "http://localhost:99999999999999999999/", "99999999999999999999", "is not a port" },
        { "http://localhost:+80/", "+80", "is not a port" },
        { "http://localhost:/", "", "Compose needs $${NAME}" },
        { "||", "||", "for a shell" },
        { "&&", "&&", "for a shell" },
        { "http://localhost:${PORT}/", "${PORT}", "for Compose files alone" },
        { "http://localhost:8o/", "8o", "is not a port" },
        { "http://::1/", ":1", "needs brackets" },
        { "http://[::1/", "::1", "IPv6 address in brackets" },
        { "http://[127.0.0.1]/", "127.0.0.1", "IPv6 address in brackets" },
        { "http://[::1]x/", "x", "stands where :PORT should" },
        { "http://exa$mple/", "exa$mple", "neither a host name nor an address" },
        { "http://ex%41mple/", "ex%41mple", "neither a host name nor an address" },
        { "http://a%zz@localhost/", "", "not URL-encoded" },
        { "tcp://localhost", "", "needs a port" },
        { "listen://0", "", "needs a port" },
        { "listen://65536", "", "needs a port" },
        { "http:/localhost:80/", "http", "needs :// behind it" },
        { "unix:/run/x", "unix", "needs :// behind it" },
        { "FILE:/x", "FILE", "needs :// behind it" },
        { "tcp:localhost:80", "tcp", "needs :// behind it" },
        { "process:nginx", "process", "needs :// behind it" },
        { "https:/localhost", "https", "needs :// behind it" },
        { "rediss:localhost", "rediss", "needs :// behind it" },
        { "http+unix:/run/x", "http+unix", "needs :// behind it" },
        { "http//localhost:80/", "http", "needs :// behind it" },
        { "postgres//localhost", "postgres", "needs :// behind it" },
        { "REDISS//localhost", "REDISS", "needs :// behind it" },
        { "redis+unix//%2Fx", "redis+unix", "needs :// behind it" },
        { "http:80", "http", "needs :// behind it" },
        { "HTTPS:443/health", "HTTPS", "needs :// behind it" },
        { "tcp:80", "tcp", "needs :// behind it" },
        { "tls:443", "tls", "needs :// behind it" },
        { "unix:8080", "unix", "needs :// behind it" },
        { "listen:80", "listen", "needs :// behind it" },
        { "listen+udp:80", "listen+udp", "needs :// behind it" },
        { "file:1", "file", "needs :// behind it" },
        { "process:1", "process", "needs :// behind it" },
        { "grpc:80/a", "grpc", "needs :// behind it" },
        { "dns:53", "dns", "needs :// behind it" },
        { "jdbc:postgresql://localhost/app?user=a", "", "does not begin with its kind" },
        { "jdbc:sqlserver://localhost", "", "does not begin with its kind" },
        { "tcp:http://localhost", "", "does not begin with its kind" },
        { "jdbc:a//localhost", "a", "is not a port" },
        { "postgresql+psycopg2://a:b@localhost/x", "+psycopg2", "driver" },
        { "MYSQL+pymysql://localhost", "+pymysql", "driver" },
        { "postgres+a+b://localhost", "+a+b", "driver" },
        { "mongodb+srv://localhost", "mongodb+srv", "no kind of target" },
        { "redis+sentinel://localhost", "redis+sentinel", "no kind of target" },
        { "oracle+x://localhost", "oracle+x", "no kind of target" },
        { "+psycopg2://localhost", "+psycopg2", "no kind of target" },
        { "8080", "8080", "(:PORT)" },
        { "8080/health", "8080", "(:PORT)" },
        { "8", "8", "(:PORT)" },
        { "8/health", "8", "(:PORT)" },
        { "/bin/echo", "/bin/echo", "COMMAND stands behind --" },
        { "?x", "?x", "COMMAND stands behind --" },
        { "localhost:$PORT", "$PORT", "${NAME}" },
        { "http://$HOST/", "$HOST", "${NAME}" },
        { "tcp://localhost:80/x", "/x", "more than this kind of target takes" },
        { "kafka://localhost?=secret", "?", "more than this kind of target takes" },
        { "tcp://localhost:80?x", "x", "no query that this kind of target knows" },
        { "unix://run/x", "run/x", "neither an absolute path nor @NAME" },
        { "unix://", "", "names no socket" },
        { "unix:///", "/", "neither an absolute path nor @NAME" },
        { "unix://@", "@", "neither an absolute path nor @NAME" },
        { "http+unix://%2F/x", "%2F", "neither %40NAME nor a path with %2F for /" },
        { "process://", "", "is not a name" },
        { "process://a/b", "a/b", "is not a name" },
        { "process://a%0", "a%0", "two hexadecimal digits" },
        { "process://a?b=c", "?b", "more than this kind of target takes" },
        { "unix:///a%0", "/a%0", "two hexadecimal digits" },
        { "file:///a%0", "/a%0", "two hexadecimal digits" },
        { "file://a", "a", "not an absolute path" },
        { "unix:///a%00b", "/a%00b", "%00" },
        { "http+unix:///run/app.sock/x", "", "names no socket: its path stands there with %2F for /" },
        { "tcp+unix://%2Fx", "tcp+unix", "no kind of target" },
        { "tcps://localhost:1", "tcps", "no kind of target" },
        { "s://localhost", "s", "no kind of target" },
        { "+unix://%2Fx", "+unix", "no kind of target" },
        { "s+unix://%2Fx", "s+unix", "no kind of target" },
        { "httpss://localhost", "httpss", "no kind of target" },
        { "http+unixs://%2Fx", "http+unixs", "no kind of target" },
        { "https+unix://%2Fx", "https+unix", "which this build lacks" },
        { "rediss://localhost", "rediss", "which this build lacks" },
        { "redis+unix://localhost", "localhost", "%2F" },
        { "file:///x?maxage=1s", "maxage", "no query that this kind" },
        { "file:///x?max-age", "max-age", "needs =VALUE" },
        { "file:///x?max-age=1%", "max-age", "two hexadecimal digits" },
        { "file:///x?max-age=1s&x=1", "x", "no query that this kind" },
        { "file:///x?max-age=1s&max-age=2s", "max-age", "is there twice" },
        { "file:///x?&max-age=1s", "", "no query that this kind" },
        { "file:///x?max-age=x", "x", "duration" },
        { "file:///x?max-age=-1s", "-1s", "duration" },
        { "file:///x?max-age=00000000000000000000000000000000001s", "00000000000000000000000000000000001s",
          "too long" },
        { "pidfile:///x?name=", "", "needs a NAME" },
        { "pidfile:///x?max-age=1s", "max-age", "no query that this kind" },
        { "http+unix://run/app.sock/x", "run", "%2F" },
        { "mongodb://a,b/", "a,b", "several hosts" },
        { "mongodb://a:1,b:2/x?replicaSet=y", "a:1,b:2", "several hosts" },
        { "kafka://[::1]:1,[::1]:2", "[::1]:1,[::1]:2", "several hosts" },
        { "http://a:1/b,http://c:2/d", "", "several hosts" },
        { "http://a:1/b;http://c:2/d", "", "several hosts" },
        { ":1/b,:2/c", "", "several hosts" },
        { ":1/b;x,tcp://c:2", "", "several hosts" },
        { "http://a:1/b,:2?c", "", "several hosts" },
        { "fcgi://a/b,redis://c", "", "several hosts" },
        { "file:///a,file:///b", "", "several hosts" },
        { "http+unix://%2Fx/b,http://c", "", "several hosts" },
        { "mongodb://h/?replicaSet=x", "replicaSet", "no query that this kind" },
        { "mongodb://h/?authSource=x", "authSource", "no query that this kind" },
        { "mongodb://h?directConnection=false", "false", "asks the server that is named" },
        { "mongodb://h?tls=1", "1", "neither true nor false" },
        { "mongodb://h?tls=true", "true", "which this build lacks" },
        { "mongodb+srv://h", "mongodb+srv", "no kind of target" },
        { "mongodb://h/0123456789012345678901234567890123456789012345678901234567890123",
          "0123456789012345678901234567890123456789012345678901234567890123", "longer than a database's name" },
        { "mongodb://u:p@h", "", "has a user or password" },
        { "kafka://u@h", "", "has a user or password" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target target;
        struct target_error error;
        if (target_parse(cases[i].string, &target, &error))
            fail_msg("'%s' passed", cases[i].string);
        assert_string_equal(string(error.what), cases[i].what);
        if (!strstr(error.why, cases[i].why))
            fail_msg("'%s': '%s' is not about '%s'", cases[i].string, error.why, cases[i].why);
        if (strncmp(cases[i].string, "unix:", 5) == 0 && strstr(error.why, "%2F"))
            fail_msg("'%s': '%s' is about what stands in a URL's authority", cases[i].string, error.why);
    }
}

static bool is_taken(const char *prefix, const char *scheme, const char *rest)
{
    char url[256];
    struct target target;
    struct target_error error;

    snprintf(url, sizeof url, "%s://%s%s", scheme, prefix, rest);
    return target_parse(url, &target, &error);
}

/* What nobody honours is no part of a URL: it would pass for a login, or for an encrypted connection. */
static void each_kind_takes_what_it_honours_and_no_more(void **state)
{
    static const struct {
        const char *scheme, *host;
        bool user, password, path, query;
    } kinds[] = {
        { "http", "h:1", true, true, true, true },           { "http+unix", "%2Fs", true, true, true, true },
        { "tcp", "h:1", false, false, false, false },        { "postgresql", "h", true, true, true, false },
        { "postgres", "h", true, true, true, false },        { "mysql", "h", true, true, false, false },
        { "memcached", "h", true, true, false, false },      { "amqp", "h", true, true, true, false },
        { "listen", "h:1", false, false, false, false },     { "unix", "/s", false, false, true, false },
        { "listen+udp", "h:1", false, false, false, false }, { "kafka", "h", false, false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(kinds); i++) {
        const char *scheme = kinds[i].scheme, *host = kinds[i].host;
        bool good = is_taken("", scheme, host) && is_taken("u@", scheme, host) == kinds[i].user &&
                    is_taken("u:@", scheme, host) == kinds[i].user &&
                    is_taken("u:p@", scheme, host) == kinds[i].password &&
                    is_taken(":p@", scheme, host) == kinds[i].password;
        char path[32], query[32], both[32];
        snprintf(path, sizeof path, "%s/p", host);
        snprintf(query, sizeof query, "%s?k=v", host);
        snprintf(both, sizeof both, "%s/?k", host);
        if (!good || is_taken("", scheme, path) != kinds[i].path || is_taken("", scheme, query) != kinds[i].query ||
            is_taken("", scheme, both) != kinds[i].query)
            fail_msg("%s", scheme);
    }
}

static void fcgi_takes_the_words_of_a_status_page_and_no_more(void **state)
{
    static const char *const good[] = { "h",
                                        "h/",
                                        "h/ping",
                                        "h/status?",
                                        "h/status?json",
                                        "h/status?json&full",
                                        "h/status?full",
                                        "h/s?xml",
                                        "h/s?html",
                                        "h/s?openmetrics&full" };
    static const char *const bad[] = { "u@h",           "u:p@h",      "h?json",     "h/?json",       "h/s?json=",
                                       "h/s?json=1",    "h/s?a=b",    "h/s?a",      "h/s?JSON",      "h/s?-s",
                                       "h/s?json&json", "h/s?json&a", "h/s?js%6fn", "h/s?json+full", "h/s?json;full",
                                       "h/s?=",         "h/s?&" };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!is_taken("", "fcgi", good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (is_taken("", "fcgi", bad[i]))
            fail_msg("%s", bad[i]);
}

static void a_login_has_a_user_or_a_password_and_the_first_colon_parts_them(void **state)
{
    static const struct {
        const char *url, *user, *password;
        bool login;
    } rows[] = {
        { "http://h/", "", "", false },
        { "http://@h/", "", "", false },
        { "http://:@h/", "", "", false },
        { "http://u@h/", "u", "", true },
        { "http://u:@h/", "u", "", true },
        { "http://:p@h/", "", "p", true },
        { "http://u:p@h/", "u", "p", true },
        { "http://::@h/", "", ":", true },
        { "http://u:p:q@h/", "u", "p:q", true },
        { "http://u::p@h/", "u", ":p", true },
        { "http://us%3A:p@h/", "us%3A", "p", true },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct target target;
        struct target_error error;
        assert_true(target_parse(rows[i].url, &target, &error));
        assert_string_equal(string(target_user(&target)), rows[i].user);
        assert_string_equal(string(target_password(&target)), rows[i].password);
        if (target_has_login(&target) != rows[i].login)
            fail_msg("%s", rows[i].url);
    }
}

/* As their manuals write them: Rails, Django, Doctrine, Prisma, Ecto, redis-py, pika and MongoDB's drivers. */
static void what_frameworks_write_for_themselves_is_taken_and_what_asks_for_more_is_refused(void **state)
{
    static const char *const good[][2] = {
        { "postgres", "app:pw@h/app?pool=5&timeout=5000&encoding=utf8&prepared_statements=false" },
        { "postgresql", "app:pw@h/app?schema=public&connection_limit=5&pool_timeout=2&pgbouncer=true" },
        { "postgresql", "app:pw@h:5432/app?serverVersion=16&charset=utf8" },
        { "postgresql", "app:pw@h/app?conn_max_age=600" },
        { "mysql", "app:pw@h:3306/app?serverVersion=8.0.32&charset=utf8mb4" },
        { "mysql", "app:pw@h/app?encoding=utf8mb4&collation=utf8mb4_bin&reconnect=true&pool=5&checkout_timeout=5" },
        { "mariadb", "app:pw@h/app?connection_limit=5&connect_timeout=3" },
        { "mysql", "app:pw@h/app?pool_size=10&reaping_frequency=60&statement_cache_size=0" },
        { "redis", ":pw@h:6379/0?decode_responses=True&max_connections=20&health_check_interval=30" },
        { "amqp", "guest:guest@h:5672/%2F?heartbeat=30&connection_attempts=3&retry_delay=5" },
        { "mongodb", "h/app?retryWrites=true&w=majority&appName=shop&maxPoolSize=20&directConnection=true" },
    };
    static const char *const bad[][2] = {
        { "postgresql", "h/?pool=5&channel_binding=require" },
        { "postgresql", "h/?gssencmode=require" },
        { "postgresql", "h/?sslcert=/x" },
        { "postgresql", "h/?target_session_attrs=primary" },
        { "postgresql", "h/?pool" },
        { "postgresql", "h/?Pool=5" },
        { "postgresql", "h/?collation=x" },
        { "mysql", "u@h/a?sslaccept=strict" },
        { "mysql", "u@h/a?tls=true" },
        { "mysql", "u@h/a?sslmode=require" },
        { "mysql", "u@h/a?pool=1&pool=2" },
        { "redis", "h?ssl_cert_reqs=required" },
        { "redis", "h?db=1" },
        { "redis", "h?pool=5" },
        { "amqp", "h?verify=verify_peer" },
        { "amqp", "h?cacertfile=/x" },
        { "mongodb", "h/?tlsInsecure=true" },
        { "mongodb", "h/?replicaSet=x&w=1" },
        { "memcached", "h?timeout=1" },
        { "kafka", "h?timeout=1" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!is_taken("", good[i][0], good[i][1]))
            fail_msg("%s://%s", good[i][0], good[i][1]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (is_taken("", bad[i][0], bad[i][1]))
            fail_msg("%s://%s", bad[i][0], bad[i][1]);
}

static void redis_takes_a_password_and_the_number_of_a_database(void **state)
{
    static const char *const good[] = {
        "h", "h/", "h/0", "h/1", "h/2147483647", "h/?", ":p@h", "u:p@h/1", "u:@h", ":@h"
    };
    static const char *const bad[] = { "h/00", "h/01", "h/1/", "h/%31",  "h/2147483648",
                                       "h/a",  "h/-1", "u@h",  "h?db=1", "h/0?a=b" };

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!is_taken("", "redis", good[i]) || !is_taken("", "valkey", good[i]))
            fail_msg("%s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (is_taken("", "redis", bad[i]))
            fail_msg("%s", bad[i]);
}

static void mongodb_takes_a_database_and_the_queries_that_it_honours(void **state)
{
    (void)state;
    assert_true(is_taken("", "mongodb", "h/db") && is_taken("", "mongodb", "h/?"));
    assert_true(is_taken("", "mongodb", "h/?tls=false&directConnection=true") &&
                is_taken("", "mongodb", "h?tls=false"));
    assert_true(is_taken("", "mongodb", "h/012345678901234567890123456789012345678901234567890123456789%2012"));
}

/* Why START, so many letters and ":1/" are no target, or "". */
static const char *why_not(const char *start, size_t letters)
{
    static char string[2 * TARGET_LENGTH_MAX], filling[TARGET_LENGTH_MAX + 1];
    struct target parsed;
    struct target_error error = { .why = "" };

    memset(filling, 'x', letters);
    filling[letters] = '\0';
    snprintf(string, sizeof string, "%s%s:1/", start, filling);
    target_parse(string, &parsed, &error);
    return error.why;
}

static void a_host_name_and_a_target_have_an_end(void **state)
{
    (void)state;
    assert_string_equal(why_not("http://", 253), "");
    assert_string_equal(why_not("http://", 254), "is longer than a host name can be");
    assert_string_equal(why_not("http://localhost/", TARGET_LENGTH_MAX - strlen("http://localhost/:1/")), "");
    assert_string_equal(why_not("http://localhost/", TARGET_LENGTH_MAX), "is too long");
}

static void a_socket_path_has_107_bytes_at_most(void **state)
{
    char url[256] = "unix:///";
    struct target target;
    struct target_error error;

    (void)state;
    memset(url + 8, 'x', 106);
    assert_true(target_parse(url, &target, &error));
    url[8 + 106] = 'x';
    assert_false(target_parse(url, &target, &error));
}

/* Up to the slash such a URL is a good one, of another host: what is behind it would be shown, as a path is. */
static void a_password_with_a_bare_slash_is_not_taken_for_a_path(void **state)
{
    static const char *const schemes[] = { "redis", "postgresql", "mysql", "amqp", "mongodb", "memcached" };
    static const char *const bad[] = { "app:12/word@h", "app:12/word@h/db", "app:p@ss/word@h", ":12/word@h", "h/a@b" };
    struct target target;
    struct target_error error;

    (void)state;
    for (size_t i = 0; i < COUNT(schemes); i++)
        for (size_t j = 0; j < COUNT(bad); j++)
            if (is_taken("", schemes[i], bad[j]))
                fail_msg("%s://%s", schemes[i], bad[j]);
    assert_false(target_parse("postgresql://app:12/word@h", &target, &error));
    assert_int_equal(error.what.length, 0);
    assert_non_null(strstr(error.why, "in a password / is %2F"));
    assert_true(is_taken("app:1%2Fw@", "postgresql", "h/a%40b"));
    assert_true(is_taken("", "http", "h/@a"));
    assert_true(is_taken("", "fcgi", "h/@ping"));
    assert_true(is_taken("", "file", "/a@b"));
}

static void a_password_is_never_shown(void **state)
{
    static const char *const strings[][2] = {
        { "http://user:secret@localhost:x/", "http://***@localhost:x/" },
        { "user:sec@ret@localhost:x/", "***@localhost:x/" },
        { "http://localhost:x/", "http://localhost:x/" },
        { "postgresql://a@localhost/b?password=secret", "postgresql://***@localhost/b" },
        { "postgresql://a@localhost/b?password=sec@ret", "postgresql://***" },
        { "http://user:sec?ret@localhost/", "http://***" },
        { "http://localhost:x/?token=secret", "http://localhost:x/" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        char bytes[TARGET_SHOWN_MAX];
        target_show_raw(strings[i][0], bytes);
        assert_string_equal(bytes, strings[i][1]);
    }
}

/* --- escapes ------------------------------------------------------------------- */

static void digits_of_escapes_are_hexadecimal_in_both_cases(void **state)
{
    static const char digits[] = "0123456789abcdef";

    (void)state;
    for (int c = 0; c < 256; c++) {
        const char *at = c ? strchr(digits, c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c) : NULL;
        assert_int_equal(hex_digit((char)c), at ? at - digits : -1);
    }
}

static void escapes_are_whole_and_not_of_nul(void **state)
{
    static const char *const good[][2] = {
        { "", "" },         { "a", "a" },      { "%41", "A" },
        { "a%2fb", "a/b" }, { "%fF", "\xff" }, { "%01%10", "\x01\x10" },
        { "%2541", "%41" },
    };
    static const char *const bad[] = { "%", "a%", "%4", "%%", "%4g", "%g4", "%4%", "%00", "a%00b", "%41%" };
    char bytes[16];

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        struct text out = { bytes, sizeof bytes, 0 };
        size_t length = strlen(good[i][0]);
        assert_true(span_decode((struct span){ guarded(good[i][0], length), length }, &out));
        assert_string_equal(text_end(&out), good[i][1]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct text out = { bytes, sizeof bytes, 0 };
        size_t length = strlen(bad[i]);
        if (span_decode((struct span){ guarded(bad[i], length), length }, &out))
            fail_msg("%s", bad[i]);
    }
}

/* --- addresses ----------------------------------------------------------------- */

static const char *address_string(const struct address *address)
{
    static char bytes[64];
    struct text out = { bytes, sizeof bytes - 1, 0 };

    address_show(address, &out);
    bytes[text_kept(&out)] = '\0';
    return bytes;
}

static void addresses_are_read_and_written(void **state)
{
    static const char *const pairs[][2] = {
        { "127.0.0.1", "127.0.0.1" },
        { "0.0.0.0", "0.0.0.0" },
        { "255.255.255.255", "255.255.255.255" },
        { "::", "::" },
        { "::1", "::1" },
        { "1::", "1::" },
        { "FE80::1", "fe80::1" },
        { "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
        { "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
        { "1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8" },
        { "::ffff:127.0.0.1", "127.0.0.1" },
        { "::ffff:7f00:1", "127.0.0.1" },
        { "64:ff9b::1.2.3.4", "64:ff9b::102:304" },
        { "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        struct address address;
        struct span zone = { "of another", 10 };
        if (!address_parse(span(guarded(pairs[i][0], strlen(pairs[i][0]) + 1)), &address, &zone))
            fail_msg("'%s' is an address", pairs[i][0]);
        assert_string_equal(address_string(&address), pairs[i][1]);
        assert_true(!zone.at && zone.length == 0);
    }
}

static void other_spellings_are_no_addresses(void **state)
{
    static const char *const bad[] = {
        "",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "127.0.0.256",
        "127.0.0.1.2",
        ":",
        ":1:2:3:4:5:6:7",
        ":::",
        ":::1",
        "1:::2",
        "::1::",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "12345::",
        "::g",
        "1:2:3:4:5:6:7:8::",
        "fe80::1%",
        "::127.0.0.1.2",
        "1.2.3.4::",
        " ::1",
        "::1 ",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct address address;
        struct span zone, text = { guarded(bad[i], strlen(bad[i])), strlen(bad[i]) };
        if (address_parse(text, &address, &zone))
            fail_msg("'%s' is no address", bad[i]);
    }
}

static void an_address_and_a_port_make_a_socket_address(void **state)
{
    static const char text[] = "fe80:102:304:506:708:90a:b0c:d0f";
    struct sockaddr_storage storage;
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)&storage;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)&storage;
    struct address address;
    struct in6_addr wanted;
    struct span zone;

    (void)state;
    assert_true(address_parse(span("192.0.2.254"), &address, &zone));
    assert_int_equal(address_to_socket(&address, 258, &storage), sizeof *ipv4);
    assert_int_equal(ipv4->sin_family, AF_INET);
    assert_int_equal(ipv4->sin_port, htons(258));
    assert_int_equal(ipv4->sin_addr.s_addr, inet_addr("192.0.2.254"));
    assert_true(address_parse(span(text), &address, &zone));
    address.scope = 7;
    assert_int_equal(address_to_socket(&address, 258, &storage), sizeof *ipv6);
    assert_int_equal(ipv6->sin6_family, AF_INET6);
    assert_int_equal(ipv6->sin6_port, htons(258));
    assert_int_equal(inet_pton(AF_INET6, text, &wanted), 1);
    assert_memory_equal(&ipv6->sin6_addr, &wanted, sizeof wanted);
    assert_int_equal(ipv6->sin6_scope_id, 7);
}

/* Nothing is held to lo, and no name is this container's own, by an address that is only near to these. */
static void loopback_is_127_and_one_address_of_ipv6(void **state)
{
    static const char *const inside[] = { "127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1" };
    static const char *const outside[] = { "126.255.255.255", "128.0.0.0", "10.0.0.127", "::",     "::2",
                                           "::1:1",           "1::1",      "7f00::",     "fe80::1" };

    (void)state;
    for (size_t i = 0; i < COUNT(inside) + COUNT(outside); i++) {
        bool is_inside = i < COUNT(inside);
        const char *text = is_inside ? inside[i] : outside[i - COUNT(inside)];
        struct address address;
        struct span zone;
        assert_true(address_parse(span(text), &address, &zone));
        if (address_is_loopback(&address) != is_inside)
            fail_msg("%s", text);
    }
}

static void a_zone_is_split_off(void **state)
{
    struct address address;
    struct span zone;

    (void)state;
    assert_true(address_parse(span("fe80::1%eth0"), &address, &zone));
    assert_string_equal(string(zone), "eth0");
    assert_true(address_parse(span("fe80::1%25eth0"), &address, &zone));
    assert_string_equal(string(zone), "eth0");
    assert_true(address_parse(span("fe80::1%25"), &address, &zone));
    assert_string_equal(string(zone), "25");
}

static void only_names_beside_localhost_can_keep_a_probe_waiting(void **state)
{
    static const char *const instant[] = { "localhost", "LocalHost.", "a.localhost", "127.0.0.1",
                                           "[::1]",     "10.0.0.1",   ":80",         "listen://80" };
    static const char *const slow[] = { "db", "localhost.example", "xlocalhost", "127.1", "0x7f.1" };

    (void)state;
    for (size_t i = 0; i < COUNT(instant) + COUNT(slow); i++) {
        bool is_instant = i < COUNT(instant);
        struct target target;
        struct target_error error;
        assert_true(target_parse(is_instant ? instant[i] : slow[i - COUNT(instant)], &target, &error));
        assert_int_equal(target.numeric || target.local, is_instant);
    }
}

/* --- the allow file ------------------------------------------------------------- */

static bool lists(const char *file, const char *host, unsigned port, unsigned *bad_line)
{
    struct span text = { guarded(file, strlen(file)), strlen(file) }, zone;
    struct address address;
    bool numeric = address_parse(span(host), &address, &zone);
    struct allow_query query = { span(host), numeric ? &address : NULL, (uint16_t)port };

    return allow_lists(text, &query, bad_line);
}

static void allow_lines_list_what_they_say_and_no_more(void **state)
{
    static const struct {
        const char *line, *host;
        unsigned port;
        bool listed;
    } cases[] = {
        { "db:5432", "db", 5432, true },
        { "db:5432", "DB.", 5432, true },
        { "db:5432", "db", 5433, false },
        { "db:5432", "xdb", 5432, false },
        { "db:5432", "db.evil", 5432, false },
        { "db:*", "db", 1, true },
        { "*:53", "anything", 53, true },
        { "*:53", "10.1.2.3", 53, true },
        { "*:*", "::2", 9, true },
        { "*.svc.cluster.local:5432", "db.default.svc.cluster.local", 5432, true },
        { "*.svc.cluster.local:5432", "svc.cluster.local", 5432, false },
        { "*.svc.cluster.local:5432", "evilsvc.cluster.local", 5432, false },
        { "*svc.cluster.local:5432", "db.svc.cluster.local", 5432, false },
        { "a.svc.cluster.local:5432", "b.svc.cluster.local", 5432, false },
        { "a.svc.cluster.local:5432", "svc.cluster.local", 5432, false },
        { "*.3:80", "10.1.2.3", 80, false },
        { "10.0.0.0/8:5432", "10.255.0.1", 5432, true },
        { "10.0.0.0/8:5432", "11.0.0.1", 5432, false },
        { "10.0.0.0/8:5432", "ten.example", 5432, false },
        { "10.1.2.128/25:80", "10.1.2.127", 80, false },
        { "10.1.2.128/25:80", "10.1.2.128", 80, true },
        { "10.1.2.3:80", "10.1.2.3", 80, true },
        { "10.1.2.3:80", "10.1.2.2", 80, false },
        { "10.1.2.3/32:80", "10.1.2.3", 80, true },
        { "10.1.2.3:80", "::ffff:10.1.2.3", 80, true },
        { "0.0.0.0/0:80", "192.0.2.1", 80, true },
        { "0.0.0.0/0:80", "2001:db8::1", 80, false },
        { "[2001:db8::]/32:80", "2001:db8::1", 80, false },
        { "[2001:db8::/32]:80", "2001:db8:ffff::1", 80, true },
        { "[2001:db8::/32]:80", "2001:db9::1", 80, false },
        { "[2001:db8::1]:80", "2001:db8::1", 80, true },
        { "[2001:db8::1]:80", "2001:db8::", 80, false },
        { "[2001:db8::1/128]:80", "2001:db8::1", 80, true },
        { "  db:80  # comment", "db", 80, true },
        { "# db:80", "db", 80, false },
        { "db:80\r", "db", 80, true },
        { "db.example.:80", "db.example.", 80, true },
        { "db.example.:80", "db.example", 80, true },
        { "db.example..:80", "db.example", 80, false },
        { "*.example.:80", "db.example", 80, true },
        { "*.:80", "db.example", 80, false },
        { "*.:80", "db.", 80, false },
        { "*..:80", "db..", 80, false },
        { ".:80", ".", 80, false },
        { "10.1.2.3.:80", "10.1.2.3", 80, false },
        { "\xef\xbb\xbf"
          "db:80",
          "db", 80, true },
        { "\xef\xbb\xbf*:80", "db", 80, true },
        { "# one\n\xef\xbb\xbf"
          "db:80",
          "db", 80, false },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned bad;
        if (lists(cases[i].line, cases[i].host, cases[i].port, &bad) != cases[i].listed)
            fail_msg("'%s' and %s:%u", cases[i].line, cases[i].host, cases[i].port);
    }
}

static void no_line_is_named_where_all_are_good(void **state)
{
    unsigned bad = 99;

    (void)state;
    assert_true(lists("# none is bad\n\ndb:80\n", "db", 80, &bad));
    assert_int_equal(bad, 0);
}

static void the_first_bad_allow_line_is_named(void **state)
{
    static const char *const bad[] = {
        "db",
        "db:",
        ":80",
        "db:0",
        "db:65536",
        "db:x",
        "db:80 more",
        "10.0.0.0/33:80",
        "[::/129]:80",
        "db:80:",
        "name/8:80",
        "2001:db8::1:80",
        "[::1:80",
        "[name]:80",
        "db:-1",
        "[]:80",
        "db*:80",
        "10.1.*:80",
        "\"db\":80",
        "'db':80",
        "*db:80",
        "*.*.db:80",
        "*.:80",
        "*..:80",
        ".:80",
        "d*b:80",
        "\xef\xbb\xbf"
        "db:80",
        "http//db:80",
        "u@db:80",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char file[128];
        unsigned line;
        snprintf(file, sizeof file, "# first\n\nok:1\n%s\nother:2\nbad too\n", bad[i]);
        assert_true(lists(file, "other", 2, &line));
        if (line != 4)
            fail_msg("'%s': line %u", bad[i], line);
    }
}

/* --- /etc/hosts ------------------------------------------------------------------ */

/* One interface is there, with the index 7. */
static const char *set_scope(struct address *address, struct span zone)
{
    address->scope = span_is(zone, "eth0") ? 7 : 0;
    return zone.at && address->scope == 0 ? "there is no such interface" : NULL;
}

static void hosts_gives_every_address_of_a_name(void **state)
{
    static const char file[] = "127.0.0.1 localhost\n\n# 10.0.0.9 app\n10.0.0.1\tApp app2 # app3\r\n::1 app\n"
                               "0.0.0.0 any\nnonsense app\n10.0.0.2 app-2 xapp\n::1 app\n"
                               "fe80::1%eth0 near\nfe80::1%eth1 near";
    struct span text = { guarded(file, sizeof file - 1), sizeof file - 1 };
    struct address_list list = { .count = 0 };

    (void)state;
    hosts_look_up(text, span("aPP."), set_scope, &list);
    assert_int_equal(list.count, 2);
    assert_string_equal(address_string(&list.at[0]), "10.0.0.1");
    assert_string_equal(address_string(&list.at[1]), "::1");
    list.count = 0;
    hosts_look_up(text, span("app3"), set_scope, &list);
    assert_int_equal(list.count, 0);
    hosts_look_up(text, span("any"), set_scope, &list);
    assert_string_equal(address_string(&list.at[0]), "127.0.0.1");
    list.count = 0;
    hosts_look_up(text, span("near"), set_scope, &list);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.at[0].scope, 7);
}

/* --- redirects ------------------------------------------------------------------- */

static void redirects_are_resolved(void **state)
{
    static const struct {
        const char *base, *location, *target;
    } cases[] = {
        { "http://localhost:80/a/b?q", "/c", "http://localhost:80/c" },
        { "http://localhost:81/a/b?q", "c", "http://localhost:81/a/c" },
        { "http://localhost:81", "c?x=y", "http://localhost:81/c?x=y" },
        { "http://localhost:81/a/b?q", "?r", "http://localhost:81/a/b?r" },
        { "http://localhost:81/a/b?q", "#f", "http://localhost:81/a/b?q" },
        { "http://localhost:81/a/b", "#f", "http://localhost:81/a/b" },
        { "http://localhost:81", "?r", "http://localhost:81/?r" },
        { "http://localhost:81/a/b/", "../../../c/./d/..", "http://localhost:81/c/" },
        { "http://localhost:81/", "http://localhost:82/x#f", "http://localhost:82/x" },
        { "http://localhost:81/", "//LOCALHOST/x", "http://LOCALHOST/x" },
        { "http://localhost:81/", "HTTP://localhost/x", "http://localhost/x" },
        { "http://localhost:81/", "http://127.0.0.1/x", "http://127.0.0.1/x" },
        { "http://127.0.0.1/", "http://[::1]:5/x", "http://[::1]:5/x" },
        { "http://localhost:81/", "http://evil:pw@localhost/x", "http://localhost/x" },
        { "http://localhost:81/", "http://localhost:/x", "http://localhost/x" },
        { "http://localhost:81/", "//localhost:", "http://localhost" },
        { "http://localhost:81/", "http://[::1]:?x", "http://[::1]?x" },
        { "http+unix://%2Fa/x", "http://localhost:/y", "http+unix://%2Fa/y" },
        { "http+unix://%2Fa/x", "/y", "http+unix://%2Fa/y" },
        { "http+unix://%2Fa/x", "http://localhost/y", "http+unix://%2Fa/y" },
        { "http://user:pw@localhost/x", "/y", "http://localhost:80/y" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target base, next;
        struct target_error error;
        char url[TARGET_LENGTH_MAX];
        assert_true(target_parse(cases[i].base, &base, &error));
        const char *why = redirect_resolve(&base, span(cases[i].location), url, sizeof url, &next);
        if (why)
            fail_msg("%s to %s: %s", cases[i].base, cases[i].location, why);
        assert_string_equal(shown(&next), cases[i].target);
    }
}

static void redirects_to_elsewhere_are_refused(void **state)
{
    static const char *const cases[][3] = {
        { "http://localhost/", "http://example.com/", "another host" },
        { "http://localhost/", "//example.com/", "another host" },
        { "http://localhost/", "http://localhost.example.com/", "another host" },
        { "http://localhost/", "http://localhost@example.com/", "another host" },
        { "http://localhost/", "http://127.0.0.2/", "another host" },
        { "http://localhost/", "http://169.254.169.254/", "another host" },
        { "http://localhost/", "ftp://localhost/", "another scheme" },
        { "http://localhost/", "unix:///run/x", "another scheme" },
        { "http://localhost/", "http+unix://%2Frun%2Fx/", "another scheme" },
        { "http://localhost/", "file:///etc/passwd", "another scheme" },
        { "http://localhost/", "javascript:x", "another scheme" },
        { "http://localhost/", "https://localhost/", "TLS" }, /* which the unit tests are built without */
        { "http://localhost/", "HTTPS://localhost/", "TLS" },
        { "http://localhost/", "http:x", "malformed" },
        { "http://localhost/", "http://", "malformed" },
        { "http://localhost/", "http:///x", "malformed" },
        { "http://localhost/", "///x", "malformed" },
        { "http://localhost/", "//:80/x", "malformed" },
        { "http://localhost/", "http://user@/x", "malformed" },
        { "http://localhost/", "http://user@:/x", "malformed" },
        { "http://localhost/", "http://localhost::/x", "malformed" },
        { "http://localhost/", "http://localhost:80:/x", "malformed" },
        { "http+unix://%2Fa/x", "http://localhost::/", "another host" },
        { "http://localhost/", "http://?x", "malformed" },
        { "http://localhost/", "/a\rb", "malformed" },
        { "http://localhost/", "/a b", "malformed" },
        { "http://localhost/", "http://localhost:0/", "malformed" },
        { "http+unix://%2Fa/x", "http://%2Fetc%2Fx/", "another host" },
        { "http+unix://%2Fa/x", "http://localhost:80/", "another host" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target base, next;
        struct target_error error;
        char url[TARGET_LENGTH_MAX];
        assert_true(target_parse(cases[i][0], &base, &error));
        const char *why = redirect_resolve(&base, span(cases[i][1]), url, sizeof url, &next);
        if (!why || !strstr(why, cases[i][2]))
            fail_msg("%s to %s: %s", cases[i][0], cases[i][1], why ? why : "followed");
    }
}

/* It is connected to one, the first of its list, or to a Unix socket, which has none. */
static void a_connection_is_inside_where_its_peer_is_loopback(void **state)
{
    struct conn conn = { .peers.list.count = 0 };
    struct address local, remote;
    struct span zone;

    (void)state;
    assert_true(address_parse(span_of("127.0.0.1"), &local, &zone) &&
                address_parse(span_of("10.0.0.1"), &remote, &zone));
    assert_true(conn_is_inside(&conn));
    conn.peers.list = (struct address_list){ .count = 1, .at = { local, remote } };
    assert_true(conn_is_inside(&conn));
    conn.peers.list = (struct address_list){ .count = 1, .at = { remote, local } };
    assert_false(conn_is_inside(&conn));
}

/* The first letter of an error is small there, unless it is an abbreviation's. */
static void why_a_connection_has_failed_reads_inside_a_line(void **state)
{
    static const struct {
        int error;
        const char *says;
    } rows[] = {
        { ECONNREFUSED, "connection refused while reading the answer" },
        { ECONNRESET, "connection reset while reading the answer" },
        { EPROTOTYPE, "not a stream socket while reading the answer" },
        { EACCES, "permission denied while reading the answer" },
        { EIO, "I/O error while reading the answer" },
        { ENOENT, "no such file or directory while reading the answer" },
        { CONN_EOF, "connection closed while reading the answer" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct conn conn = { .fd = 3, .error = rows[i].error, .phase = "reading the answer" };
        struct result result;
        result_init(&result);
        assert_false(conn_explain(&conn, &result));
        assert_int_equal(result.reason_length, strlen(rows[i].says));
        assert_memory_equal(result.reason, rows[i].says, result.reason_length);
    }
}

/* Those of a listed peer, and what only its configuration can mend, are no sign of an application that hangs. */
static void a_connection_that_failed_names_whom_it_was_with_and_what_it_may_come_from(void **state)
{
    static const struct {
        int error;
        const char *peers[3];
        bool listed;
        enum result_cause cause;
        const char *says;
    } rows[] = {
        { ECONNREFUSED, { "127.0.0.1" }, false, CAUSE_REFUSED, "connection refused (127.0.0.1)" },
        { ECONNREFUSED, { "::1", "127.0.0.1" }, false, CAUSE_REFUSED, "connection refused (::1, 127.0.0.1)" },
        { ECONNREFUSED, { "10.0.0.1" }, true, CAUSE_OTHER, "connection refused (10.0.0.1)" },
        { ECONNREFUSED, { NULL }, false, CAUSE_STALLED, "connection refused" },
        { ECONNREFUSED, { NULL }, true, CAUSE_STALLED, "connection refused" },
        { ENOENT, { NULL }, false, CAUSE_STALLED, "no such file or directory" },
        { ECONNRESET, { "127.0.0.1" }, false, CAUSE_STALLED, "connection reset (127.0.0.1)" },
        { ECONNABORTED, { "127.0.0.1" }, false, CAUSE_STALLED, "connection aborted (127.0.0.1)" },
        { EPIPE, { "127.0.0.1" }, false, CAUSE_STALLED, "connection reset (127.0.0.1)" },
        { CONN_EOF, { "127.0.0.1" }, false, CAUSE_STALLED, "connection closed (127.0.0.1)" },
        { ETIMEDOUT, { "127.0.0.1" }, false, CAUSE_STALLED, "connection timed out (127.0.0.1)" },
        { CONN_DEADLINE, { "127.0.0.1" }, false, CAUSE_STALLED, "timed out after 1s connecting (127.0.0.1)" },
        { CONN_DEADLINE, { "10.0.0.1" }, true, CAUSE_OTHER, "timed out after 1s connecting (10.0.0.1)" },
        { EACCES, { NULL }, false, CAUSE_OTHER, "permission denied" },
        { ENETUNREACH, { "127.0.0.1" }, false, CAUSE_OTHER, "network unreachable (127.0.0.1)" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct conn conn = { .fd = -1, .error = rows[i].error, .phase = "connecting", .deadline = 1000000000 };
        struct result result;
        struct span zone;
        conn.peers.listed = rows[i].listed;
        for (size_t j = 0; rows[i].peers[j]; j++)
            assert_true(address_parse(span(rows[i].peers[j]), &conn.peers.list.at[conn.peers.list.count++], &zone));
        result_init(&result);
        assert_false(conn_explain(&conn, &result));
        assert_string_equal(string((struct span){ result.reason, result.reason_length }), rows[i].says);
        assert_int_equal(result.cause, rows[i].cause);
    }
}

/* read(2) returns 0 at the end of what the peer has sent, and leaves errno. */
static void the_end_of_a_connection_is_told_from_an_error(void **state)
{
    static const struct {
        ssize_t n;
        const char *says;
    } rows[] = { { 0, "connection closed while reading" }, { -1, "connection reset while reading" } };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct conn conn = { .fd = 3, .error = ECONNRESET, .phase = "reading" };
        struct result result;
        result_init(&result);
        assert_false(conn_explain_end(&conn, rows[i].n, &result));
        assert_string_equal(string((struct span){ result.reason, result.reason_length }), rows[i].says);
    }
}

static void put_layers_reason(struct conn *conn, struct text *reason)
{
    (void)conn;
    text_string(reason, "said by the layer");
}

static void an_error_of_the_layer_is_told_by_the_layer(void **state)
{
    static const struct conn_layer layer = { .explain = put_layers_reason };
    struct conn conn = { .fd = 3, .error = CONN_LAYER, .phase = "reading", .layer = &layer };
    struct result result;

    (void)state;
    result_init(&result);
    assert_false(conn_explain(&conn, &result));
    assert_string_equal(string((struct span){ result.reason, result.reason_length }), "said by the layer");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_taken_apart),
        cmocka_unit_test(a_comma_may_be_in_a_path),
        cmocka_unit_test(sockets_and_files_are_taken_apart),
        cmocka_unit_test(bad_targets_are_told_apart),
        cmocka_unit_test(each_kind_takes_what_it_honours_and_no_more),
        cmocka_unit_test(fcgi_takes_the_words_of_a_status_page_and_no_more),
        cmocka_unit_test(what_frameworks_write_for_themselves_is_taken_and_what_asks_for_more_is_refused),
        cmocka_unit_test(a_login_has_a_user_or_a_password_and_the_first_colon_parts_them),
        cmocka_unit_test(redis_takes_a_password_and_the_number_of_a_database),
        cmocka_unit_test(mongodb_takes_a_database_and_the_queries_that_it_honours),
        cmocka_unit_test(a_host_name_and_a_target_have_an_end),
        cmocka_unit_test(a_socket_path_has_107_bytes_at_most),
        cmocka_unit_test(a_password_with_a_bare_slash_is_not_taken_for_a_path),
        cmocka_unit_test(a_password_is_never_shown),
        cmocka_unit_test(digits_of_escapes_are_hexadecimal_in_both_cases),
        cmocka_unit_test(escapes_are_whole_and_not_of_nul),
        cmocka_unit_test(addresses_are_read_and_written),
        cmocka_unit_test(other_spellings_are_no_addresses),
        cmocka_unit_test(an_address_and_a_port_make_a_socket_address),
        cmocka_unit_test(loopback_is_127_and_one_address_of_ipv6),
        cmocka_unit_test(a_zone_is_split_off),
        cmocka_unit_test(only_names_beside_localhost_can_keep_a_probe_waiting),
        cmocka_unit_test(allow_lines_list_what_they_say_and_no_more),
        cmocka_unit_test(no_line_is_named_where_all_are_good),
        cmocka_unit_test(the_first_bad_allow_line_is_named),
        cmocka_unit_test(hosts_gives_every_address_of_a_name),
        cmocka_unit_test(redirects_are_resolved),
        cmocka_unit_test(redirects_to_elsewhere_are_refused),
        cmocka_unit_test(a_connection_is_inside_where_its_peer_is_loopback),
        cmocka_unit_test(why_a_connection_has_failed_reads_inside_a_line),
        cmocka_unit_test(the_end_of_a_connection_is_told_from_an_error),
        cmocka_unit_test(an_error_of_the_layer_is_told_by_the_layer),
        cmocka_unit_test(a_connection_that_failed_names_whom_it_was_with_and_what_it_may_come_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
