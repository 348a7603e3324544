/* https:// and https+unix:// against nginx and libmicrohttpd: answers, bodies, redirects, names, many at once. */
#include "support/peer.h"
#include "support/probe.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

static pid_t nginx;
static int port12, port13, plain, guarded; /* TLS 1.2, TLS 1.3, no TLS, client certificates only */

/* What is relative is relative to peer_directory. */
#define CONFIGURATION                                                                                                  \
    "daemon off; pid nginx.pid; error_log error.log; worker_processes 1;\n"                                            \
    "events { worker_connections 256; }\n"                                                                             \
    "http {\n"                                                                                                         \
    "  access_log off; root .; default_type text/plain; ssl_session_tickets off;\n" PEER_NGINX_FOLDERS                 \
    "  ssl_certificate certificates/rsa.pem; ssl_certificate_key certificates/rsa.key;\n"                              \
    "  server { listen 127.0.0.1:%d ssl; ssl_protocols TLSv1.2;\n"                                                     \
    "    location / { return 200 'hello'; }\n"                                                                         \
    "    location /unavailable { return 503; }\n"                                                                      \
    "    location /until-end { ssi on; ssi_types *; chunked_transfer_encoding off; try_files /page =404; }\n"          \
    "    location /to-plain { return 302 http://localhost:%d/; }\n"                                                    \
    "    location /to-itself { return 302 /; } }\n"                                                                    \
    "  server { listen 127.0.0.1:%d ssl; ssl_protocols TLSv1.3; listen unix:https.sock ssl;\n"                         \
    "    location / { return 200 'hello'; }\n"                                                                         \
    "    location /until-end { ssi on; ssi_types *; chunked_transfer_encoding off; try_files /page =404; } }\n"        \
    "  server { listen 127.0.0.1:%d ssl; server_name app.test; return 204;\n"                                          \
    "    ssl_certificate certificates/app.pem; ssl_certificate_key certificates/app.key; }\n"                          \
    "  server { listen 127.0.0.1:%d; return 301 https://localhost:%d/; }\n"                                            \
    "  server { listen 127.0.0.1:%d ssl; ssl_client_certificate certificates/ca.pem; ssl_verify_client on;\n"          \
    "    location / { return 200 'hello'; } }\n"                                                                       \
    "}\n"

static const char *url(int port, const char *path)
{
    return peer_text("https://localhost:%d%s", port, path);
}

static int start_nginx(void **state)
{
    if (tls_make_certificates(state) != 0)
        return -1;
    port12 = peer_port();
    port13 = peer_port();
    plain = peer_port();
    guarded = peer_port();
    peer_write("page", "a page whose length <!--# echo var=\"nobody\" default=\"nobody\" --> tells\n");
    peer_write("nginx.conf", CONFIGURATION, port12, plain, port13, port13, plain, port12, guarded);
    nginx = peer_start("nginx.log", (char *[]){ (char *)"/usr/sbin/nginx", (char *)"-p", (char *)peer_directory(),
                                                (char *)"-c", (char *)peer_path("nginx.conf"), (char *)"-e",
                                                (char *)peer_path("error.log"), NULL });
    peer_await(peer_text("tcp://127.0.0.1:%d", plain));
    return 0;
}

static int stop_nginx(void **state)
{
    peer_stop(nginx, SIGQUIT);
    return peer_clean(state);
}

static void expect(const struct run_result *result, int status, const char *says)
{
    if (result->status != status || !strstr(result->out, says))
        fail_msg("wanted %d and '%s', got %d: %s%s", status, says, result->status, result->out, result->err);
}

static const struct run_result *get(const char *target, const char *option, const char *value)
{
    return peer_probe("--cacert", tls_file("ca.pem"), target, option, value, NULL);
}

static void answers_come_over_both_versions(void **state)
{
    (void)state;
    expect(get(url(port12, "/health"), NULL, NULL), 0, "  200 in ");
    expect(get(url(port13, "/health"), NULL, NULL), 0, "  200 in ");
    expect(get(url(port12, "/"), "--body-contains", "hello"), 0, "  200 in ");
    expect(get(url(port13, "/"), "--body-contains", "goodbye"), 1, "FAIL ");
    expect(get(url(port13, "/"), "--method", "HEAD"), 0, "  200 in ");
    expect(get(url(port12, "/unavailable"), NULL, NULL), 1, "  503, wanted 200-399\n");
    expect(get(url(port12, "/unavailable"), "--status", "503"), 0, "  503 in ");
    expect(peer_probe(url(port12, "/"), NULL), 1, "  certificate comes from an unknown CA (Test CA)\n");
    expect(peer_probe("-k", url(port13, "/"), NULL), 0, "  200 in ");
}

static void verbose_tells_the_time_of_the_handshake(void **state)
{
    (void)state;
    expect(get(url(port13, "/"), "-v", NULL), 0, ", tls ");
}

static void the_name_asked_for_chooses_the_certificate(void **state)
{
    (void)state;
    expect(get(url(port13, "/"), "--servername", "app.test"), 0, "  200 in ");
    expect(get(url(port13, "/"), "--servername", "x.test"), 1, ", not for x.test\n");
    const struct run_result *result = peer_probe("--cacert", tls_file("ca.pem"), "--servername", "app.test", "-H",
                                                 "Host: app.test", url(port13, "/"), NULL);
    expect(result, 0, "  204 in ");
}

static void a_unix_socket_carries_tls(void **state)
{
    char socket[256] = "";

    (void)state;
    for (const char *at = peer_path("https.sock"); *at; at++)
        strcat(socket, *at == '/' ? "%2F" : (char[]){ *at, '\0' });
    expect(get(peer_text("https+unix://%s/health", socket), NULL, NULL), 0, "  200 in ");
    expect(get(peer_text("https+unix://%s/health", socket), "--servername", "127.0.0.1"), 0, "  200 in ");
}

static void redirects_lead_to_tls_and_never_away_from_it(void **state)
{
    (void)state;
    expect(get(peer_text("http://localhost:%d/", plain), "--follow", NULL), 0, "  200 after 1 redirect in ");
    expect(peer_probe("--follow", peer_text("http://localhost:%d/", plain), NULL), 1, "unknown CA");
    expect(get(url(port12, "/to-itself"), "--follow", NULL), 0, "  200 after 1 redirect in ");
    expect(get(url(port12, "/to-plain"), NULL, NULL), 0, "  302 in ");
    expect(get(url(port12, "/to-plain"), "--follow", NULL), 1, "redirect");
}

static void plain_and_tls_are_told_apart(void **state)
{
    (void)state;
    expect(get(url(plain, "/"), NULL, NULL), 1, "  server does not speak TLS: is it plain HTTP? (http://)\n");
    expect(peer_probe(peer_text("http://localhost:%d/", port13), NULL), 1, "  400, wanted 200-399\n");
}

static void a_missing_client_certificate_is_an_answer_of_nginx(void **state)
{
    (void)state;
    expect(get(url(guarded, "/"), NULL, NULL), 1, "  400, wanted 200-399\n");
    expect(peer_probe("--cacert", tls_file("ca.pem"), "--cert", tls_file("client.pem"), "--key", tls_file("client.key"),
                      url(guarded, "/"), NULL),
           0, "  200 in ");
}

static void the_options_of_tls_have_variables(void **state)
{
    static const char *const names[] = { "HEALTHCHECK_CACERT",     "HEALTHCHECK_CERT",     "HEALTHCHECK_KEY",
                                         "HEALTHCHECK_SERVERNAME", "HEALTHCHECK_INSECURE", "HEALTHCHECK_TLS_MIN_DAYS" };

    (void)state;
    setenv("HEALTHCHECK_CACERT", tls_file("ca.pem"), 1);
    setenv("HEALTHCHECK_CERT", tls_file("client.pem"), 1);
    setenv("HEALTHCHECK_KEY", tls_file("client.key"), 1);
    expect(peer_probe(url(guarded, "/"), NULL), 0, "  200 in ");
    setenv("HEALTHCHECK_TLS_MIN_DAYS", "36500", 1);
    expect(peer_probe(url(guarded, "/"), NULL), 1, "  certificate expires in ");
    unsetenv("HEALTHCHECK_TLS_MIN_DAYS");
    setenv("HEALTHCHECK_SERVERNAME", "x.test", 1);
    expect(peer_probe(url(guarded, "/"), NULL), 1, ", not for x.test\n");
    setenv("HEALTHCHECK_INSECURE", "1", 1);
    expect(peer_probe(url(guarded, "/"), NULL), 0, "  200 in ");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
}

/* --- bodies that end with the connection ----------------------------------------------------------- */

static void a_body_until_the_end_counts_when_the_end_is_told(void **state)
{
    (void)state;
    expect(get(url(port12, "/until-end"), "--body-contains", "length nobody tells"), 0, "  200 in ");
    expect(get(url(port13, "/until-end"), "--body-contains", "length nobody tells"), 0, "  200 in ");
}

/* What is sent has the same length each time, since an RSA signature has. Its last record is close_notify. */
static const struct run_result *probe_cut(int port, size_t bytes, enum relay_end end)
{
    struct relay relay = { .port = port, .bytes = bytes, .end = end };
    int listener = relay_start(&relay);
    const struct run_result *result =
        peer_probe("-t", "500ms", "-k", "--body-contains", "length nobody tells", url(listener, "/until-end"), NULL);

    relay_stop(&relay);
    return result;
}

/* How many bytes nginx sends for this probe: the fewest with which it is healthy. */
static size_t measure(int port)
{
    size_t enough = 4096, few = 0;

    expect(probe_cut(port, enough, RELAY_CUT), 0, "ok ");
    while (enough - few > 1) {
        size_t middle = (enough + few) / 2;
        if (probe_cut(port, middle, RELAY_CUT)->status == 0)
            enough = middle;
        else
            few = middle;
    }
    return enough;
}

static void a_body_whose_end_is_cut_off_is_unhealthy(void **state)
{
    const int ports[] = { port12, port13 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t all = measure(ports[i]);
        expect(probe_cut(ports[i], all - 1, RELAY_CUT), 1,
               "  connection closed without close_notify while reading the body\n");
        expect(probe_cut(ports[i], all - 1, RELAY_HOLD), 1, "  timed out after 500ms reading the body\n");
    }
}

/* --- many at once ---------------------------------------------------------------------------------- */

/* Few threads, again and again, are the likelier to meet where the library does something for the first time. */
static void many_targets_are_probed_at_once(void **state)
{
    enum { TARGETS = 32, ROUNDS_OF_ALL = 5, ROUNDS_OF_TWO = 25 };
    char targets[TARGETS][64], *argv[TARGETS + 8] = { (char *)probe_binary(), (char *)"-t", (char *)"10s",
                                                      (char *)"--cacert", (char *)tls_file("ca.pem") };

    (void)state;
    for (int i = 0; i < TARGETS; i++) {
        snprintf(targets[i], sizeof targets[i], "https://localhost:%d/%d", i % 2 ? port12 : port13, i);
        argv[5 + i] = targets[i];
    }
    for (int round = 0; round < ROUNDS_OF_ALL + ROUNDS_OF_TWO; round++) {
        size_t count = round < ROUNDS_OF_ALL ? TARGETS : 2;
        argv[5 + count] = NULL;
        const struct run_result *result = run(NULL, argv);
        assert_status(result, 0);
        size_t healthy = 0;
        for (const char *at = result->out; (at = strstr(at, "  200 in ")); at++)
            healthy++;
        assert_int_equal(healthy, count);
    }
}

static void nginx_has_nothing_to_complain_about(void **state)
{
    static const char *const complaints[] = { "[emerg]", "[alert]", "[crit]", "[error]", NULL };

    (void)state;
    assert_false(peer_complains("error.log", 0, complaints));
    assert_false(peer_complains("nginx.log", 0, complaints));
}

/* --- another library's TLS ------------------------------------------------------------------------- */

static enum MHD_Result answer(void *data, struct MHD_Connection *connection, const char *path, const char *method,
                              const char *version, const char *upload, size_t *upload_size, void **request)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(4, (char *)(uintptr_t) "pong", MHD_RESPMEM_PERSISTENT);

    (void)data, (void)path, (void)method, (void)version, (void)upload, (void)upload_size, (void)request;
    enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
}

static void gnutls_is_understood(void **state)
{
    static const char *const priorities[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3" };
    char *certificate = peer_read("certificates/rsa.pem"), *key = peer_read("certificates/rsa.key");

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct MHD_Daemon *daemon =
            MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC | MHD_USE_TLS, 0, NULL, NULL, answer, NULL,
                             MHD_OPTION_HTTPS_MEM_CERT, certificate, MHD_OPTION_HTTPS_MEM_KEY, key,
                             MHD_OPTION_HTTPS_PRIORITIES, priorities[i], MHD_OPTION_END);
        assert_non_null(daemon);
        int port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
        expect(get(url(port, "/"), "--body-contains", "pong"), 0, "  200 in ");
        MHD_stop_daemon(daemon);
    }
    free(certificate);
    free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_come_over_both_versions),
        cmocka_unit_test(verbose_tells_the_time_of_the_handshake),
        cmocka_unit_test(the_name_asked_for_chooses_the_certificate),
        cmocka_unit_test(a_unix_socket_carries_tls),
        cmocka_unit_test(redirects_lead_to_tls_and_never_away_from_it),
        cmocka_unit_test(plain_and_tls_are_told_apart),
        cmocka_unit_test(a_missing_client_certificate_is_an_answer_of_nginx),
        cmocka_unit_test(the_options_of_tls_have_variables),
        cmocka_unit_test(a_body_until_the_end_counts_when_the_end_is_told),
        cmocka_unit_test(a_body_whose_end_is_cut_off_is_unhealthy),
        cmocka_unit_test(many_targets_are_probed_at_once),
        cmocka_unit_test(nginx_has_nothing_to_complain_about),
        cmocka_unit_test(gnutls_is_understood),
    };

    subject_isolate();
    unsetenv("SSL_CERT_FILE");
    return cmocka_run_group_tests(tests, start_nginx, stop_nginx);
}
