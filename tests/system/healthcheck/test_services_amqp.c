/* amqp:// and amqps:// against the real RabbitMQ, and what its log says afterwards. */
#include "support/peer.h"
#include "support/proc.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <signal.h>

static const char *const complaints[] = { "[warning]", "[error]", "[critical]", NULL };
static pid_t server;
static int port, secure;

static const char *target(const char *user, const char *rest)
{
    return peer_text("amqp://%s127.0.0.1:%d%s", user, port, rest);
}

enum { VISITS = 40 };

/* RabbitMQ writes its log some time later: it is all there when the last connection is closed in it. */
static bool has_logged_all(void *from)
{
    char *log = peer_read("rabbitmq.log");
    size_t ends = 0;

    for (const char *at = log + *(size_t *)from; (at = strstr(at, "closing AMQP connection")); at++)
        ends++;
    free(log);
    return ends >= VISITS;
}

static bool is_up(void *unused)
{
    char *log = peer_read("rabbitmq.log");
    bool up = strstr(log, "startup complete");

    (void)unused;
    free(log);
    return up;
}

/* A node of its own: its database, logs, plugins, cookie and name server (epmd) are nobody else's. */
static int start(void **state)
{
    char *program = peer_program("/usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server");

    port = peer_port();
    secure = peer_port();
    if (tls_make_certificates(state) != 0)
        return -1;
    peer_write("plugins", "[].\n");
    /* The least that a server may allow. It turns a client away that asks for more. */
    peer_write("rabbitmq.conf",
               "channel_max = 1\nframe_max = 4096\n"
               "listeners.ssl.default = 127.0.0.1:%d\nssl_options.cacertfile = %s\nssl_options.certfile = %s\n"
               "ssl_options.keyfile = %s\nssl_options.verify = verify_none\n",
               secure, tls_file("ca.pem"), tls_file("good.pem"), tls_file("good.key"));
    peer_write("environment",
               "export HOME=$PWD RABBITMQ_NODENAME=pith@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1\n"
               "export RABBITMQ_NODE_PORT=%d RABBITMQ_DIST_PORT=%d RABBITMQ_MNESIA_BASE=$PWD/mnesia\n"
               "export RABBITMQ_LOG_BASE=$PWD RABBITMQ_LOGS=$PWD/rabbitmq.log RABBITMQ_CONFIG_FILE=$PWD/rabbitmq\n"
               "export RABBITMQ_ENABLED_PLUGINS_FILE=$PWD/plugins RABBITMQ_CONF_ENV_FILE=/dev/null\n"
               "export RABBITMQ_PID_FILE=$PWD/pid ERL_EPMD_PORT=%d ERL_EPMD_ADDRESS=127.0.0.1\n"
               "export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 1:1' ERL_MAX_PORTS=1024\n",
               port, peer_port(), peer_port());
    server = peer_start("rabbitmq.out",
                        (char *[]){ (char *)"/bin/sh", (char *)"-c",
                                    (char *)peer_text(". %s && exec %s", peer_path("environment"), program), NULL });
    free(program);
    peer_await(target("", ""));
    await(is_up, NULL, "the end of its start in RabbitMQ's log");
    return 0;
}

static int stop(void **state)
{
    char *pid = peer_read("pid");

    kill(atoi(pid), SIGTERM);
    free(pid);
    peer_stop(server, SIGTERM);
    peer_shell(". ./environment && epmd -port $ERL_EPMD_PORT -kill >/dev/null || true");
    return peer_clean(state);
}

static void connection_start_is_healthy_and_the_log_has_no_warning(void **state)
{
    char *log = peer_read("rabbitmq.log");
    size_t before = strlen(log);

    (void)state;
    free(log);
    peer_probe_often(target("", ""));
    peer_probe_often(target("guest:guest@", "/"));
    await(has_logged_all, &before, "RabbitMQ's log");
    assert_false(peer_complains("rabbitmq.log", before, complaints));
}

/* What a probe of the listener of TLS says, with the user and the virtual host. */
static const struct run_result *probe_secure_listener(const char *user, const char *rest)
{
    return peer_probe("--cacert", tls_file("ca.pem"), peer_text("amqps://%slocalhost:%d%s", user, secure, rest), NULL);
}

/* RabbitMQ does not log each end of a connection over TLS. Those of others come later. */
static void over_tls_the_log_has_no_warning_either(void **state)
{
    char *log = peer_read("rabbitmq.log");
    size_t before = strlen(log), later;

    (void)state;
    free(log);
    for (int i = 0; i < VISITS; i++)
        assert_status(probe_secure_listener(i % 2 ? "guest:guest@" : "", ""), 0);
    log = peer_read("rabbitmq.log");
    later = strlen(log);
    free(log);
    for (int i = 0; i < VISITS / 20; i++)
        peer_probe_often(target("", ""));
    await(has_logged_all, &later, "RabbitMQ's log");
    assert_false(peer_complains("rabbitmq.log", before, complaints));
    peer_expect(peer_text("amqps://localhost:%d", secure), 1, "certificate");
}

/* haproxy listens on sockets for RabbitMQ, which does not: plain, and with TLS of its own. */
static void on_a_socket_it_is_the_same(void **state)
{
    (void)state;
    peer_shell("cat %s %s >both.pem", tls_file("good.pem"), tls_file("good.key"));
    peer_write("haproxy.conf",
               "defaults\n mode tcp\n timeout connect 9s\n timeout client 9s\n timeout server 9s\n"
               "listen one\n bind unix@%s\n bind unix@%s ssl crt both.pem\n server one 127.0.0.1:%d\n",
               peer_path("plain.sock"), peer_path("tls.sock"), port);
    pid_t relay = peer_start("haproxy.log", (char *[]){ (char *)"/usr/sbin/haproxy", (char *)"-db", (char *)"-f",
                                                        (char *)peer_path("haproxy.conf"), NULL });
    peer_await(peer_text("amqp+unix://%s", peer_encoded("plain.sock")));
    peer_expect(peer_text("amqp+unix://guest:guest@%s/", peer_encoded("plain.sock")), 0, "version");
    const struct run_result *result =
        peer_probe("--cacert", tls_file("ca.pem"), "--servername=localhost",
                   peer_text("amqps+unix://guest:guest@%s/", peer_encoded("tls.sock")), NULL);
    assert_status(result, 0);
    assert_says(result, "version");
    peer_expect(peer_text("amqps+unix://%s", peer_encoded("tls.sock")), 1, "certificate");
    peer_stop(relay, SIGTERM);
}

static void the_version_is_told(void **state)
{
    (void)state;
    const char *version = peer_shell("ls -d /usr/lib/rabbitmq/lib/rabbitmq_server-* | sed 's/.*-//' | tr -d '\\n'");
    peer_expect(target("", ""), 0, peer_text("version %s", version));
}

static void a_login_that_is_refused_is_unhealthy(void **state)
{
    (void)state;
    peer_expect(target("guest:wrong@", ""), 1, "refused with 403 (access refused)");
    peer_expect(target("guest:guest@", "/nowhere"), 1, "refused with 530");
    assert_says(probe_secure_listener("guest:wrong@", ""), "refused with 403 (access refused)");
    assert_says(probe_secure_listener("guest:guest@", "/nowhere"), "refused with 530");
}

/* RabbitMQ's own tool, in its node's surroundings. */
static void control(const char *command)
{
    peer_shell(". ./environment && $(ls /usr/lib/rabbitmq/lib/*/sbin/rabbitmqctl) %s >control.log 2>&1", command);
}

static bool has_warned(void *from)
{
    return peer_complains("rabbitmq.log", *(size_t *)from, complaints);
}

/* Without guest each probe leaves a warning unless the URL names a user: the manual says so. */
static void without_guest_a_named_user_keeps_the_log_quiet(void **state)
{
    (void)state;
    control("add_user app secret");
    control("set_permissions app '' '' ''");
    control("delete_user guest");
    char *log = peer_read("rabbitmq.log");
    size_t before = strlen(log);
    free(log);
    for (int i = 0; i < VISITS / 20; i++)
        peer_probe_often(target("app:secret@", ""));
    await(has_logged_all, &before, "RabbitMQ's log");
    assert_false(peer_complains("rabbitmq.log", before, complaints));
    peer_expect(target("", ""), 0, "version");
    await(has_warned, &before, "RabbitMQ's warning");
}

static void the_password_is_never_shown(void **state)
{
    const struct run_result *result = peer_probe("-v", target("guest:wrong@", ""), NULL);

    (void)state;
    assert_says_not(result, "wrong");
    assert_lacks(result->err, "wrong");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_start_is_healthy_and_the_log_has_no_warning),
        cmocka_unit_test(over_tls_the_log_has_no_warning_either),
        cmocka_unit_test(the_version_is_told),
        cmocka_unit_test(on_a_socket_it_is_the_same),
        cmocka_unit_test(a_login_that_is_refused_is_unhealthy),
        cmocka_unit_test(the_password_is_never_shown),
        cmocka_unit_test(without_guest_a_named_user_keeps_the_log_quiet),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
