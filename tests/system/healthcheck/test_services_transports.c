/*
 * Services over each of the four transports: plain, TLS, a Unix socket, and TLS on a Unix socket. The servers are real,
 * and haproxy stands in front of them, which speaks TLS and listens on sockets where they do not.
 */
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"
#include "support/tour.h"

#include <signal.h>

enum { REDIS, MEMCACHED, FCGI, GRPC, HTTP, SERVERS }; /* haproxy itself serves HTTP */

static const struct {
    const char *kind, *login, *path, *says;
    int server;
} services[] = {
    { "redis", ":secret@", "/1", "PONG", REDIS },
    { "valkey", ":secret@", "/1", "PONG", REDIS },
    { "memcached", "user:password@", "", "version 1.", MEMCACHED },
    { "fcgi", "", "/ping", "pong", FCGI },
    { "grpc", "", "/serving", "SERVING", GRPC },
    { "http", "", "/", "200", HTTP },
};

/*
 * These go over each transport in test_services_KIND, and those of a second name by the same rows of the table: they
 * negotiate TLS in their own protocols, or their servers take long to start.
 */
static const char *const elsewhere[] = { "amqp", "kafka", "mongodb", "mysql", "mariadb", "postgresql", "postgres" };

static int ports[SERVERS], secure[SERVERS];
static pid_t servers[SERVERS]; /* that of HTTP is haproxy, which stands in front of all of them */

static void start_servers(void)
{
    char *fpm = peer_program("/usr/sbin/php-fpm*");

    for (int i = 0; i < SERVERS; i++)
        ports[i] = peer_port();
    servers[REDIS] = peer_start("redis.log", (char *[]){ (char *)"redis-server", (char *)"--bind", (char *)"127.0.0.1",
                                                         (char *)"--port", (char *)peer_text("%d", ports[REDIS]),
                                                         (char *)"--requirepass", (char *)"secret", NULL });
    peer_write("users", "user:password\n");
    servers[MEMCACHED] =
        peer_start("memcached.log", (char *[]){ (char *)"memcached", (char *)"-l", (char *)"127.0.0.1", (char *)"-U",
                                                (char *)"0", (char *)"-p", (char *)peer_text("%d", ports[MEMCACHED]),
                                                (char *)"-Y", (char *)peer_path("users"), NULL });
    peer_write("fpm.conf",
               "[global]\nerror_log = %s\ndaemonize = no\n[tcp]\nlisten = 127.0.0.1:%d\npm = static\n"
               "pm.max_children = 1\nping.path = /ping\n",
               peer_path("fpm.log"), ports[FCGI]);
    servers[FCGI] =
        peer_start("fpm.out", (char *[]){ fpm, (char *)"-n", (char *)"-y", (char *)peer_path("fpm.conf"), NULL });
    free(fpm);
    servers[GRPC] = peer_start("grpc.log", (char *[]){ (char *)peer_copy("grpc-server"),
                                                       (char *)peer_text("127.0.0.1:%d", ports[GRPC]), NULL });
}

/* For server I: a port of TLS, a socket iI.sock, and one of TLS, sI.sock. */
static void start_haproxy(void)
{
    char conf[4096];
    size_t n = 0;

    peer_shell("cat %s %s >both.pem", tls_file("good.pem"), tls_file("good.key"));
    for (int i = 0; i < SERVERS; i++) {
        secure[i] = peer_port();
        n += (size_t)snprintf(conf + n, sizeof conf - n,
                              "listen l%d\n bind 127.0.0.1:%d ssl crt both.pem alpn h2,http/1.1\n bind unix@%s\n"
                              " bind unix@%s ssl crt both.pem alpn h2,http/1.1\n server one 127.0.0.1:%d\n",
                              i, secure[i], peer_path(peer_text("i%d.sock", i)), peer_path(peer_text("s%d.sock", i)),
                              ports[i]);
    }
    peer_write("haproxy.conf",
               "defaults\n mode tcp\n timeout connect 9s\n timeout client 9s\n timeout server 9s\n%s"
               "frontend web\n mode http\n bind 127.0.0.1:%d\n http-request return status 200\n",
               conf, ports[HTTP]);
    servers[HTTP] = peer_start("haproxy.log", (char *[]){ (char *)"/usr/sbin/haproxy", (char *)"-db", (char *)"-f",
                                                          (char *)peer_path("haproxy.conf"), NULL });
}

static int start(void **state)
{
    if (tls_make_certificates(state) != 0)
        return -1;
    start_servers();
    start_haproxy();
    return 0;
}

static int stop(void **state)
{
    for (int i = 0; i < SERVERS; i++)
        peer_stop(servers[i], SIGTERM);
    return peer_clean(state);
}

/* The target of service I over TLS, on a socket, or both. */
static const char *target_of(size_t i, bool tls, bool on_socket)
{
    int server = services[i].server;
    const char *host = on_socket ? peer_encoded(peer_text("%c%d.sock", tls ? 's' : 'i', server))
                                 : peer_text("localhost:%d", tls ? secure[server] : ports[server]);

    return peer_text("%s%s%s://%s%s%s", services[i].kind, tls ? "s" : "", on_socket ? "+unix" : "", services[i].login,
                     host, services[i].path);
}

static void each_service_answers_over_each_transport(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(services); i++)
        for (int form = 0; form < 4; form++) {
            const char *target = target_of(i, form & 1, form & 2);
            const struct run_result *result =
                peer_probe("--wait=60s", "--interval=50ms", target, form & 1 ? "--servername=localhost" : NULL,
                           "--cacert", tls_file("ca.pem"), NULL);
            if (result->status != 0 || !strstr(result->out, services[i].says))
                fail_msg("%s: %d %s%s", target, result->status, result->out, result->err);
        }
}

static void over_tls_each_wants_a_certificate_that_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(services); i++)
        for (int on_socket = 0; on_socket < 2; on_socket++)
            peer_expect(target_of(i, true, on_socket), 1, "certificate");
}

static size_t rows_of(const char *kind)
{
    size_t count = 0;

    for (size_t i = 0; i < COUNT(services); i++)
        count += strcmp(services[i].kind, kind) == 0;
    for (size_t i = 0; i < COUNT(elsewhere); i++)
        count += strcmp(elsewhere[i], kind) == 0;
    return count;
}

static void find_kind(const char *scheme, bool tls, void *found)
{
    const char *suffix = strstr(scheme, "+unix");

    if (tls || !suffix)
        return;
    ++*(size_t *)found;
    if (rows_of(peer_text("%.*s", (int)(suffix - scheme), scheme)) != 1)
        fail_msg("%s: no row of services", scheme);
}

static void each_kind_that_takes_all_transports_is_among_these(void **state)
{
    size_t found = 0;

    (void)state;
    tour_schemes(find_kind, &found);
    assert_int_equal(found, COUNT(services) + COUNT(elsewhere));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_that_takes_all_transports_is_among_these),
        cmocka_unit_test(each_service_answers_over_each_transport),
        cmocka_unit_test(over_tls_each_wants_a_certificate_that_holds),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
