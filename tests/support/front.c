/* Puts haproxy in front of a server. */
#include "support/front.h"

#include "support/peer.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <signal.h>

static pid_t haproxy;
static int tls_port;

void front_start(int port)
{
    tls_port = peer_port();
    peer_shell("cat %s %s >front.pem", tls_file("good.pem"), tls_file("good.key"));
    peer_write("front.conf",
               "defaults\n timeout connect 9s\n timeout client 9s\n timeout server 9s\n"
               "listen front\n mode tcp\n bind 127.0.0.1:%d ssl crt %s\n bind unix@%s\n bind unix@%s ssl crt %s\n"
               " server one 127.0.0.1:%d\n",
               tls_port, peer_path("front.pem"), peer_path("front.sock"), peer_path("fronts.sock"),
               peer_path("front.pem"), port);
    haproxy = peer_start("front.log", (char *[]){ (char *)"/usr/sbin/haproxy", (char *)"-db", (char *)"-f",
                                                  (char *)peer_path("front.conf"), NULL });
    peer_await(peer_text("tcp://127.0.0.1:%d", tls_port));
}

int front_stop(void **state)
{
    (void)state;
    if (haproxy > 0)
        peer_stop(haproxy, SIGKILL);
    haproxy = 0;
    return 0;
}

const char *front_target(const char *kind, const char *form)
{
    if (strcmp(form, "s") == 0)
        return peer_text("%ss://127.0.0.1:%d", kind, tls_port);
    return peer_socket_url(peer_text("%s%s", kind, form), peer_path(*form == 's' ? "fronts.sock" : "front.sock"));
}

void front_expect(const char *kind, const char *says)
{
    static const char *const forms[] = { "s", "+unix", "s+unix" };

    for (size_t i = 0; i < COUNT(forms); i++) {
        const char *target = front_target(kind, forms[i]);
        const struct run_result *result =
            forms[i][0] == 's' ? peer_probe("--cacert", tls_file("ca.pem"), "--servername", "localhost", target, NULL)
                               : peer_probe(target, NULL);
        if (result->status != 0 || !strstr(result->out, says))
            fail_msg("%s: %s%s", target, result->out, result->err);
    }
}
