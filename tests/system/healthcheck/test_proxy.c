/* --proxy-protocol: real servers behind a load balancer take the probe for one, and every kind that connects says so.
 */
#include "support/peer.h"
#include "support/probe.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"
#include "support/tour.h"

#include <signal.h>
#include <unistd.h>

static pid_t server;
static int plain, secure, behind;

static int stop(void **state)
{
    (void)state;
    if (server > 0)
        peer_stop(server, SIGKILL);
    server = 0;
    return 0;
}

static void take_ports(void)
{
    plain = peer_port();
    secure = peer_port();
    behind = peer_port();
}

/* What a probe with the option says of TARGET, which must be healthy. */
static void expect_healthy(const char *target, const char *says)
{
    const struct run_result *result = peer_probe("--proxy-protocol", "-k", target, NULL);

    assert_status(result, 0);
    assert_says(result, says);
}

static void await_healthy(const char *target)
{
    assert_status(peer_probe("--proxy-protocol", "--wait=60s", "--interval=50ms", target, NULL), 0);
}

/* Without the option. */
static void expect_refused(const char *target)
{
    assert_status(peer_probe("-k", target, NULL), 1);
}

static void start_haproxy(int redis)
{
    take_ports();
    peer_shell("cat %s %s >both.pem", tls_file("good.pem"), tls_file("good.key"));
    peer_write("haproxy.conf",
               "global\n log stdout format raw local0\n"
               "defaults\n log global\n timeout connect 9s\n timeout client 9s\n timeout server 9s\n"
               "frontend web\n mode http\n http-request return status 200 content-type text/plain string pong\n"
               " bind 127.0.0.1:%d accept-proxy\n bind 127.0.0.1:%d accept-proxy ssl crt %s\n"
               " bind unix@%s accept-proxy\n"
               "listen redis\n mode tcp\n bind 127.0.0.1:%d accept-proxy\n server one 127.0.0.1:%d\n",
               plain, secure, peer_path("both.pem"), peer_path("haproxy.sock"), behind, redis);
    server = peer_start("haproxy.log", (char *[]){ (char *)"/usr/sbin/haproxy", (char *)"-db", (char *)"-f",
                                                   (char *)peer_path("haproxy.conf"), NULL });
    await_healthy(peer_text("http://127.0.0.1:%d/", plain));
}

static const struct script_step pong[] = { { .verb = SCRIPT_SEND, .bytes = "+PONG\r\n" }, { .verb = SCRIPT_END } };

static void haproxy_takes_the_line_and_logs_no_fault(void **state)
{
    static const char *const faults[] = { "PROXY", "SSL handshake", NULL };
    struct script_server redis;

    (void)state;
    script_start(&redis, "127.0.0.1", pong);
    start_haproxy(redis.port);
    char *before = peer_read("haproxy.log");
    assert_status(peer_probe("--proxy-protocol", "-bpong", peer_text("http://127.0.0.1:%d/", plain), NULL), 0);
    expect_healthy(peer_text("https://127.0.0.1:%d/", secure), "200");
    expect_healthy(peer_socket_url("http+unix", peer_path("haproxy.sock")), "200");
    expect_healthy(peer_text("tcp://127.0.0.1:%d", plain), "connected");
    expect_healthy(peer_text("tls://127.0.0.1:%d", secure), "connected");
    expect_healthy(peer_text("unix://%s", peer_path("haproxy.sock")), "connected");
    expect_healthy(peer_text("redis://127.0.0.1:%d", behind), "PONG");
    assert_false(peer_complains("haproxy.log", strlen(before), faults));
    free(before);
    expect_refused(peer_text("http://127.0.0.1:%d/", plain));
    expect_refused(peer_text("https://127.0.0.1:%d/", secure));
    script_stop(&redis);
}

static void nginx_takes_the_line_and_logs_no_fault(void **state)
{
    static const char *const faults[] = { "broken header", "SSL_do_handshake", NULL };

    (void)state;
    take_ports();
    peer_write("nginx.conf",
               "daemon off; pid nginx.pid; worker_processes 1; error_log stderr info; events {}\n"
               "http { " PEER_NGINX_FOLDERS
               "access_log off; server { listen 127.0.0.1:%d proxy_protocol; listen unix:%s proxy_protocol;\n"
               "listen 127.0.0.1:%d http2 proxy_protocol; listen 127.0.0.1:%d ssl proxy_protocol; ssl_certificate %s; "
               "ssl_certificate_key %s;\n"
               "location / { return 200 '[$proxy_protocol_addr]'; } } }\n",
               plain, peer_path("nginx.sock"), behind, secure, tls_file("good.pem"), tls_file("good.key"));
    server = peer_start("nginx.log",
                        (char *[]){ (char *)"/usr/sbin/nginx", (char *)"-p", (char *)peer_directory(), (char *)"-c",
                                    (char *)peer_path("nginx.conf"), (char *)"-e", (char *)"stderr", NULL });
    await_healthy(peer_text("http://127.0.0.1:%d/", plain));
    assert_status(peer_probe("--proxy-protocol", "--http2", "-b[]", peer_text("http://127.0.0.1:%d/", behind), NULL),
                  0);
    assert_status(peer_probe("--proxy-protocol", "-b[]", peer_text("http://127.0.0.1:%d/", plain), NULL), 0);
    expect_healthy(peer_text("https://127.0.0.1:%d/", secure), "200");
    expect_healthy(peer_socket_url("http+unix", peer_path("nginx.sock")), "200");
    assert_false(peer_complains("nginx.log", 0, faults));
    expect_refused(peer_text("http://127.0.0.1:%d/", plain));
}

static const struct script_step silence[] = { { .verb = SCRIPT_READ }, { .verb = SCRIPT_END } };
static struct script_server listener;

/* What a probe of KIND has sent to a server of its own, which is silent; NULL where it did not connect. */
static const char *sent_by(const char *kind)
{
    static struct script_server peer;
    bool is_unix = strcmp(kind, "unix") == 0;

    if (is_unix || strstr(kind, "+unix"))
        script_start_unix(&peer, silence);
    else
        script_start(&peer, "127.0.0.1", silence);
    const struct run_result *result = probe("-k", "-t200ms", "--proxy-protocol",
                                            is_unix                 ? format("unix://%s", peer.path)
                                            : strstr(kind, "+unix") ? peer_socket_url(kind, peer.path)
                                                                    : format("%s://127.0.0.1:%d", kind, peer.port),
                                            NULL);
    bool connected = !*result->err; /* else it is a usage error */
    for (int64_t end = run_now_ms() + 10000; connected && !*script_log(&peer) && run_now_ms() < end;)
        ;
    script_stop(&peer);
    return connected ? script_log(&peer) : NULL;
}

static void expect_the_line(const char *scheme, bool tls, void *count)
{
    const char *sent = sent_by(scheme);

    (void)tls;
    if (!sent) {
        assert_non_null(strstr(" dns listen listen+udp file process pidfile ", format(" %s ", scheme)));
        return;
    }
    ++*(size_t *)count;
    if (strncmp(sent, "PROXY UNKNOWN\r\n", 15) != 0 || strstr(sent + 1, "PROXY"))
        fail_msg("%s: %s", scheme, sent);
}

static void every_kind_that_connects_begins_with_the_line(void **state)
{
    size_t count = 0;

    (void)state;
    tour_schemes(expect_the_line, &count);
    assert_at_least(count, 15);
}

/* One segment, so that a server which reads once has the request, and no call is added. */
static void the_line_and_a_plain_request_are_sent_as_one(void **state)
{
    char path[] = "/tmp/pith-trace-XXXXXX";
    int fd = mkstemp(path);
    static const struct script_step ok[] = { { .verb = SCRIPT_READ },
                                             { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n" },
                                             { .verb = SCRIPT_END } };
    static char text[65536];

    (void)state;
    assert_true(fd >= 0);
    script_start(&listener, "127.0.0.1", ok);
    const char *target = format("http://127.0.0.1:%d/", listener.port);
    char *argv[] = { (char *)"strace",           (char *)"-fo",  path, (char *)"-etrace=%net", (char *)probe_binary(),
                     (char *)"--proxy-protocol", (char *)target, NULL };
    assert_status(run(NULL, argv), 0);
    assert_true(read(fd, text, sizeof text - 1) > 0);
    assert_count(text, "sendto(", 1);
    assert_has(text, "\"PROXY UNKNOWN\\r\\nGET / HTTP/1.1");
    close(fd);
    unlink(path);
    script_stop(&listener);
}

/* Several targets are begun on one thread; a redirect has a connection of its own. */
static void every_connection_of_a_check_has_the_line(void **state)
{
    static const struct script_step there[] = { { .verb = SCRIPT_READ },
                                                { .verb = SCRIPT_SEND,
                                                  .bytes = "HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n" },
                                                { .verb = SCRIPT_END } };

    (void)state;
    script_start(&listener, "127.0.0.1", there);
    const char *target = format("http://127.0.0.1:%d/", listener.port);
    assert_status(probe("--proxy-protocol", target, target, NULL), 0);
    assert_count(script_log(&listener), "PROXY UNKNOWN\r\nGET / ", 2);
    assert_status(probe("--proxy-protocol", "--follow", target, NULL), 1);
    assert_count(script_log(&listener), "PROXY UNKNOWN\r\nGET / ", 3);
    assert_count(script_log(&listener), "PROXY UNKNOWN\r\nGET /there ", 10);
    script_stop(&listener);
}

static void without_a_target_to_connect_to_it_is_a_usage_error(void **state)
{
    (void)state;
    assert_complains(probe("--proxy-protocol", "file:///", "process://sh", "dns://localhost", NULL),
                     "healthcheck: --proxy-protocol: there is no target to connect to\n");
    probe_variables[0] = "HEALTHCHECK_PROXY_PROTOCOL=1";
    assert_status(probe("file:///", NULL), 0);
    script_start(&listener, "127.0.0.1", script_ok);
    assert_status(probe(format(":%d", listener.port), NULL), 0);
    assert_count(script_log(&listener), "PROXY UNKNOWN\r\nGET /", 1);
    probe_variables[0] = NULL;
    assert_status(probe(format(":%d", listener.port), NULL), 0);
    assert_count(script_log(&listener), "PROXY", 1);
    script_stop(&listener);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(haproxy_takes_the_line_and_logs_no_fault, stop),
        cmocka_unit_test_teardown(nginx_takes_the_line_and_logs_no_fault, stop),
        cmocka_unit_test(every_kind_that_connects_begins_with_the_line),
        cmocka_unit_test(the_line_and_a_plain_request_are_sent_as_one),
        cmocka_unit_test(every_connection_of_a_check_has_the_line),
        cmocka_unit_test(without_a_target_to_connect_to_it_is_a_usage_error),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, tls_make_certificates, peer_clean);
}
