/* Real programs under init: their signals mean to them what they mean without it. */
#include "support/peer.h"
#include "support/proc.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <signal.h>

/* What a stop signal would set off within OVER_MS. */
#define TIMERS "--stop-timeout=50ms", "--stop-delay=10ms"
enum { OVER_MS = 300 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

/* COMMAND lives on, and ends well when it is told to itself. */
static void expect_no_timer(int end_signal)
{
    assert_false(subject_ends(&s, OVER_MS));
    kill(proc_child(s.pid), end_signal);
    assert_int_equal(subject_wait(&s), 0);
}

static void nginx_reloads_by_hup_and_runs_on(void **state)
{
    struct subject_options options = as(state);

    peer_write("nginx.conf",
               "daemon off; pid nginx.pid; error_log stderr notice; worker_processes 1; user nobody nogroup;\n"
               "events {}\n"
               "http { access_log off; server { listen unix:%s; } }\n",
               peer_path("nginx.sock"));
    peer_shell("rm -f nginx.sock"); /* QUIT leaves it behind */
    subject_start(&s, &options, TIMERS, "--", "/usr/sbin/nginx", "-p", peer_directory(), "-c", peer_path("nginx.conf"),
                  "-e", "stderr", NULL);
    stream_await(&s.err, "start worker process ");
    kill(s.pid, SIGHUP);
    stream_await(&s.err, "reconfiguring");
    stream_await(&s.err, "start worker process ");
    expect_no_timer(SIGQUIT);
}

static void start_postgres(const struct subject_options *options, const char *programs)
{
    subject_start(&s, options, TIMERS, "--user=65534:65534", "--", peer_text("%s/postgres", programs), "-D",
                  peer_path("data"), "-c", "listen_addresses=", "-c",
                  peer_text("unix_socket_directories=%s", peer_directory()), NULL);
    stream_await(&s.err, "ready to accept connections");
}

static void postgres_reloads_by_hup_and_is_shut_down_properly_later(void **state)
{
    struct subject_options options = as(state);
    char *programs = peer_program("/usr/lib/postgresql/*/bin");

    peer_shell("rm -rf data && %s/initdb -D data -U postgres -A trust --no-sync --no-locale -E UTF8", programs);
    start_postgres(&options, programs);
    peer_shell("echo 'work_mem = 5MB' >>data/postgresql.conf");
    kill(s.pid, SIGHUP);
    stream_await(&s.err, "parameter \"work_mem\" changed to \"5MB\"");
    expect_no_timer(SIGINT);
    start_postgres(&options, programs);
    assert_lacks(s.err.bytes, "not properly shut down");
    expect_no_timer(SIGINT);
    free(programs);
}

/* As Java does. */
static void a_thread_dump_by_quit_ends_nothing(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, TIMERS, "--", "python3", "-c",
                  "import faulthandler, signal, sys\n"
                  "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
                  "faulthandler.register(signal.SIGQUIT)\n"
                  "print('ready', flush=True)\n"
                  "while True: signal.pause()\n",
                  NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGQUIT);
    stream_await(&s.err, "most recent call first");
    expect_no_timer(SIGTERM);
}

/* As npm does, the shell ends while the server drains: a TERM more, and that would be over. */
static void a_node_server_drains_after_its_wrapper_has_ended(void **state)
{
    struct subject_options options = as(state);

    peer_write("server.js",
               "const server = require('http').createServer((request, response) => {\n"
               "    process.once('SIGTERM', () => {\n"
               "        server.close(() => console.log('drained'));\n"
               "        require('fs').writeFileSync('%s', 'draining\\n');\n"
               "        setTimeout(() => response.end('answer'), 300);\n"
               "    });\n"
               "    console.log('asked');\n"
               "});\n"
               "server.listen('%s', () => require('http').get({ socketPath: '%s', agent: false },\n"
               "    (response) => response.on('data', (data) => console.log('got ' + data))));\n",
               peer_path("fifo"), peer_path("node.sock"), peer_path("node.sock"));
    peer_shell("rm -f node.sock fifo && mkfifo fifo");
    subject_start(
        &s, &options, "-g", "-k", "9s", "--", "sh", "-c",
        peer_text("trap 'read line <%s; exit 3' TERM; node %s & wait", peer_path("fifo"), peer_path("server.js")),
        NULL);
    stream_await(&s.out, "asked");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 3);
    assert_count(s.out.bytes, "got answer\n", 1);
    assert_count(s.out.bytes, "drained\n", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(nginx_reloads_by_hup_and_runs_on),
        BOTH(postgres_reloads_by_hup_and_is_shut_down_properly_later),
        BOTH(a_thread_dump_by_quit_ends_nothing),
        BOTH(a_node_server_drains_after_its_wrapper_has_ended),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, NULL, peer_clean);
}
