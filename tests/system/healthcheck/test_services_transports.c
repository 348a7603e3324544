/*
 * Services over each of the four transports: plain, TLS, a Unix socket, and TLS on a Unix socket. The servers are real,
 * and haproxy stands in front of them, which speaks TLS and listens on sockets where they do not.
 */
#include "support/peer.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <signal.h>

enum { SERVICES = 3 };

static const struct {
    const char *kind, *login, *path, *says;
} services[SERVICES] = {
    { "redis", ":secret@", "/1", "PONG" },
    { "memcached", "user:password@", "", "version 1." },
    { "fcgi", "", "/ping", "pong" },
};

static int ports[SERVICES], secure[SERVICES];
static pid_t servers[SERVICES + 1];

static void start_servers(void)
{
    char *fpm = peer_program("/usr/sbin/php-fpm*");

    for (int i = 0; i < SERVICES; i++)
        ports[i] = peer_port();
    servers[0] = peer_start("redis.log", (char *[]){ (char *)"redis-server", (char *)"--bind", (char *)"127.0.0.1",
                                                     (char *)"--port", (char *)peer_text("%d", ports[0]),
                                                     (char *)"--requirepass", (char *)"secret", NULL });
    peer_write("users", "user:password\n");
    servers[1] =
        peer_start("memcached.log", (char *[]){ (char *)"memcached", (char *)"-l", (char *)"127.0.0.1", (char *)"-U",
                                                (char *)"0", (char *)"-p", (char *)peer_text("%d", ports[1]),
                                                (char *)"-Y", (char *)peer_path("users"), NULL });
    peer_write("fpm.conf",
               "[global]\nerror_log = %s\ndaemonize = no\n[tcp]\nlisten = 127.0.0.1:%d\npm = static\n"
               "pm.max_children = 1\nping.path = /ping\n",
               peer_path("fpm.log"), ports[2]);
    servers[2] =
        peer_start("fpm.out", (char *[]){ fpm, (char *)"-n", (char *)"-y", (char *)peer_path("fpm.conf"), NULL });
    free(fpm);
}

/* For service I: a port of TLS, a socket iI.sock, and one of TLS, sI.sock. */
static void start_haproxy(void)
{
    char conf[4096];
    size_t n = 0;

    peer_shell("cat %s %s >both.pem", tls_file("good.pem"), tls_file("good.key"));
    for (int i = 0; i < SERVICES; i++) {
        secure[i] = peer_port();
        n += (size_t)snprintf(conf + n, sizeof conf - n,
                              "listen l%d\n bind 127.0.0.1:%d ssl crt both.pem\n bind unix@%s\n"
                              " bind unix@%s ssl crt both.pem\n server one 127.0.0.1:%d\n",
                              i, secure[i], peer_path(peer_text("i%d.sock", i)), peer_path(peer_text("s%d.sock", i)),
                              ports[i]);
    }
    peer_write("haproxy.conf", "defaults\n mode tcp\n timeout connect 9s\n timeout client 9s\n timeout server 9s\n%s",
               conf);
    servers[SERVICES] = peer_start("haproxy.log", (char *[]){ (char *)"/usr/sbin/haproxy", (char *)"-db", (char *)"-f",
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
    for (int i = 0; i <= SERVICES; i++)
        peer_stop(servers[i], SIGTERM);
    return peer_clean(state);
}

/* The target of service I over TLS, on a socket, or both. */
static const char *target_of(int i, bool tls, bool on_socket)
{
    const char *host = on_socket ? peer_encoded(peer_text("%c%d.sock", tls ? 's' : 'i', i))
                                 : peer_text("localhost:%d", tls ? secure[i] : ports[i]);

    return peer_text("%s%s%s://%s%s%s", services[i].kind, tls ? "s" : "", on_socket ? "+unix" : "", services[i].login,
                     host, services[i].path);
}

static void each_service_answers_over_each_transport(void **state)
{
    (void)state;
    for (int i = 0; i < SERVICES; i++)
        for (int form = 0; form < 4; form++) {
            const char *target = target_of(i, form & 1, form & 2);
            const struct run_result *result = peer_probe("--wait=60s", "--interval=50ms", "--cacert",
                                                         tls_file("ca.pem"), "--servername=localhost", target, NULL);
            if (result->status != 0 || !strstr(result->out, services[i].says))
                fail_msg("%s: %d %s%s", target, result->status, result->out, result->err);
        }
}

static void over_tls_each_wants_a_certificate_that_holds(void **state)
{
    (void)state;
    for (int i = 0; i < SERVICES; i++)
        for (int on_socket = 0; on_socket < 2; on_socket++)
            peer_expect(target_of(i, true, on_socket), 1, "certificate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_service_answers_over_each_transport),
        cmocka_unit_test(over_tls_each_wants_a_certificate_that_holds),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
