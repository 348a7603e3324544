/* fcgi:// against the real php-fpm, over TCP and a Unix socket, and what its log says afterwards. */
#include "support/peer.h"
#include "support/proc.h"
#include "support/subject.h"
#include "support/test.h"

#include <signal.h>
#include <unistd.h>

static pid_t server;
static int port, lax_ports[2];

/* A pool of one process; and what has PHP look for scripts where it can, and take any file for one. */
#define POOL       "pm = static\npm.max_children = 1\nping.path = /ping\n"
#define ANY_SCRIPT "security.limit_extensions =\nphp_admin_value[cgi.fix_pathinfo] = 0\n"

static const char *target(const char *path)
{
    return peer_text("fcgi://127.0.0.1:%d%s", port, path);
}

/* php-fpm serves before it says so. */
static bool is_ready(void *unused)
{
    char *log = peer_read("fpm.log");
    bool ready = strstr(log, "ready to handle connections\n") != NULL;

    (void)unused;
    free(log);
    return ready;
}

static int start(void **state)
{
    char *program = peer_program("/usr/sbin/php-fpm*");

    (void)state;
    port = peer_port();
    for (size_t i = 0; i < sizeof lax_ports / sizeof lax_ports[0]; i++)
        lax_ports[i] = peer_port();
    peer_write(
        "fpm.conf",
        "[global]\nerror_log = %s\ndaemonize = no\n"
        "[tcp]\nlisten = 127.0.0.1:%d\n" POOL "pm.status_path = /status\n"
        "[socket]\nlisten = %s\npm = static\npm.max_children = 1\nping.path = /deep/ping\npm.status_path = /status\n"
        "[root]\nlisten = 127.0.0.1:%d\n" POOL ANY_SCRIPT "php_admin_value[doc_root] = %s\n"
        "[home]\nlisten = 127.0.0.1:%d\n" POOL ANY_SCRIPT "php_admin_value[user_dir] = %s\n",
        peer_path("fpm.log"), port, peer_path("fpm.sock"), lax_ports[0], peer_directory(), lax_ports[1],
        peer_directory());
    peer_write("script.php", "<?php touch('%s'); echo 'pong';", peer_path("marker"));
    peer_write("script", "<?php touch('%s'); echo 'pong';", peer_path("marker"));
    server =
        peer_start("fpm.out", (char *[]){ program, (char *)"-n", (char *)"-y", (char *)peer_path("fpm.conf"), NULL });
    free(program);
    peer_await(target("/ping"));
    await(is_ready, NULL, "php-fpm");
    peer_probe_often(target("/ping"));
    return 0;
}

static int stop(void **state)
{
    peer_stop(server, SIGTERM);
    return peer_clean(state);
}

static void pong_is_healthy_and_leaves_nothing_in_the_log(void **state)
{
    (void)state;
    char *before = peer_read("fpm.log");
    peer_probe_often(target("/ping"));
    peer_probe_often(peer_text("fcgi+unix://%s/deep/ping", peer_encoded("fpm.sock")));
    peer_expect(target("/ping"), 0, "pong");
    peer_expect_log("fpm.log", before);
}

static void the_path_is_ping_where_the_url_has_none(void **state)
{
    (void)state;
    peer_expect(target(""), 0, "pong");
    peer_expect(target("/"), 0, "pong");
}

static void another_path_is_no_pong(void **state)
{
    (void)state;
    peer_expect(target("/other"), 1, "no pong but status 404");
    peer_expect(target(peer_text("/%0500d", 1)), 1, "no pong but status 404");
    peer_expect(target("/status"), 1, "no pong but status 200");
    peer_expect(peer_text("fcgi+unix://%s/ping", peer_encoded("fpm.sock")), 1, "no pong but status 404");
}

/* Probes URL with one option or two. */
static void expect_page(const char *url, const char *option, const char *other, int status, const char *says)
{
    const struct run_result *result = peer_probe(option, url, other, NULL);

    if (result->status != status || !strstr(result->out, says))
        fail_msg("%s %s: wanted %d and '%s', got %d: %s%s", option, url, status, says, result->status, result->out,
                 result->err);
}

static void the_status_page_is_judged_as_one_of_http(void **state)
{
    const char *json = target("/status?json"), *full = target("/status?full&json");

    (void)state;
    expect_page(json, "--json=pool=tcp", "--json=listen queue=0", 0, "  200 in ");
    expect_page(json, "--json=pool=other", NULL, 1, "  JSON: pool is not 'other'\n");
    expect_page(json, "--json=processes=1", NULL, 1, "  JSON: there is no processes\n");
    expect_page(full, "--json=processes[0].state=Running", "-s200", 0, "  200 in ");
    expect_page(target("/status"), "-bpool: ", "--body-regex=^total processes: +1$", 0, "  200 in ");
    expect_page(target("/status"), "--body-regex=^total processes: +2$", NULL, 1, "  the body does not match");
    expect_page(target("/status?xml"), "-b<pool>tcp</pool>", NULL, 0, "  200 in ");
    expect_page(target("/status?html"), "-b<td>tcp</td>", NULL, 0, "  200 in ");
    expect_page(target("/status?openmetrics"), "-bphpfpm_up 1", NULL, 0, "  200 in ");
    expect_page(peer_text("fcgi+unix://%s/status?json", peer_encoded("fpm.sock")), "--json=pool=socket", NULL, 0,
                "200");
}

static void a_wanted_status_is_judged_as_one_of_http(void **state)
{
    (void)state;
    expect_page(target("/other"), "-s404", NULL, 0, "  404 in ");
    expect_page(target("/other"), "-s200-299,401", NULL, 1, "  404, wanted 200-299,401\n");
    expect_page(target("/other"), "-bFile", NULL, 1, "  404, wanted 200-399\n");
    expect_page(target("/ping"), "-bpong", "-s200", 0, "  200 in ");
    expect_page(target("/other"), "-s404", "-ojson", 0, "\"status\":404");
}

static void pages_leave_nothing_in_the_log(void **state)
{
    char *before = peer_read("fpm.log");

    (void)state;
    for (int i = 0; i < 20; i++)
        expect_page(target("/status?json&full"), "--json=pool=tcp", NULL, 0, "200");
    peer_expect_log("fpm.log", before);
}

/* Each of these would: by the path of a file, below a document root, in a home, behind another file. */
static void no_url_has_a_script_run(void **state)
{
    static const char *const names[] = { "script.php",    "script",           "script.php/ping",
                                         "../script.php", "~root/script.php", "script.php?json&full" };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *const urls[] = {
            peer_text("fcgi://127.0.0.1:%d%s/%s", port, peer_directory(), names[i]),
            peer_text("fcgi+unix://%s%s/%s", peer_encoded("fpm.sock"), peer_directory(), names[i]),
            peer_text("fcgi://127.0.0.1:%d/%s", lax_ports[0], names[i]),
            peer_text("fcgi://127.0.0.1:%d%s/%s", lax_ports[0], peer_directory(), names[i]),
            peer_text("fcgi://127.0.0.1:%d/%s", lax_ports[1], names[i]),
        };
        for (size_t j = 0; j < sizeof urls / sizeof urls[0]; j++) {
            peer_expect(urls[j], 1, "no pong but status 404");
            expect_page(urls[j], "-bpong", NULL, 1, "  404, wanted 200-399");
            if (access(peer_path("marker"), F_OK) == 0)
                fail_msg("%s runs a script", urls[j]);
        }
    }
    peer_probe_often(peer_text("fcgi://127.0.0.1:%d", lax_ports[0]));
    peer_probe_often(peer_text("fcgi://127.0.0.1:%d", lax_ports[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pong_is_healthy_and_leaves_nothing_in_the_log),
        cmocka_unit_test(the_path_is_ping_where_the_url_has_none),
        cmocka_unit_test(another_path_is_no_pong),
        cmocka_unit_test(the_status_page_is_judged_as_one_of_http),
        cmocka_unit_test(a_wanted_status_is_judged_as_one_of_http),
        cmocka_unit_test(pages_leave_nothing_in_the_log),
        cmocka_unit_test(no_url_has_a_script_run),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
