/* --wait tries for as long as it is told to: a try leaves nothing behind, however it fails. */
#include "support/listener.h"
#include "support/nameserver.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tls_peer.h"

#include <dirent.h>
#include <signal.h>

/* The heap of one with TLS comes to rest after some hundred tries; one that was left behind would be larger than 1 KiB.
 */
enum { FEW = 20, MANY = 150, SPARE_KB = 192 };

/* --- the servers ------------------------------------------------------------------------------------- */

/* HTTP/2: SETTINGS, HEADERS, a message whose status is 2, a grpc-status of 0. */
static const char not_serving[] = "\0\0\0\4\0\0\0\0\0"
                                  "\0\0\x14\1\4\0\0\0\1\x88\x0f\x10\x10"
                                  "application/grpc"
                                  "\0\0\7\0\0\0\0\0\1\0\0\0\0\2\x08\2"
                                  "\0\0\x0f\1\5\0\0\0\1\0\x0b"
                                  "grpc-status\0010";

static const struct script_step scripts[][4] = {
    { { .verb = SCRIPT_READ }, { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 503 Starting\r\n\r\n" } },
    { { .verb = SCRIPT_READ }, { .verb = SCRIPT_SEND, .bytes = not_serving, .length = sizeof not_serving - 1 } },
    { { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 400 Bad Request\r\n\r\n" } },
    { { .verb = SCRIPT_SEND, .bytes = "\x16\3\3\0\4\2\0\0\0" } }, /* of a TLS handshake, and wrong */
    { { .verb = SCRIPT_RESET } },
    { { .verb = SCRIPT_HOLD } },
};

/* FULL takes no connection, as its backlog is full; MUTE is a name server that takes datagrams and sends none. */
enum {
    UNAVAILABLE,
    NOT_SERVING,
    PLAIN,
    BAD_HANDSHAKE,
    RESETTING,
    SILENT,
    SCRIPTS,
    TLS = SCRIPTS,
    REFUSING,
    FULL,
    MUTE,
    SERVERS
};

static struct script_server servers[SCRIPTS];
static int ports[SERVERS];
static struct full_port full;
static struct nameserver mute;

static int start(void **state)
{
    if (tls_make_certificates(state) != 0)
        return -1;
    for (int i = 0; i < SCRIPTS; i++) {
        script_start(&servers[i], "127.0.0.1", scripts[i]);
        ports[i] = servers[i].port;
    }
    ports[TLS] = tls_serve("good", NULL);
    ports[REFUSING] = script_free_port("127.0.0.1");
    full = listener_fill();
    ports[FULL] = full.port;
    nameserver_start_udp(&mute, "127.0.0.1", 0, nameserver_silence);
    ports[MUTE] = mute.port;
    return 0;
}

static int stop(void **state)
{
    for (int i = 0; i < SCRIPTS; i++)
        script_stop(&servers[i]);
    nameserver_stop(&mute);
    listener_drain(&full);
    tls_stop(state);
    return peer_clean(state);
}

/* --- what is counted --------------------------------------------------------------------------------- */

/* Connections that were begun in this network namespace, one a try and target, and datagrams that were sent. */
static unsigned long connections(void)
{
    char line[1024];
    unsigned long begun = 0, sent = 0;
    FILE *file = fopen("/proc/net/snmp", "r");

    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        sscanf(line, "Tcp: %*s %*s %*s %*s %lu", &begun);
        sscanf(line, "Udp: %*s %*s %*s %lu", &sent);
    }
    fclose(file);
    return begun + sent;
}

static bool has_come(void *wanted)
{
    return connections() >= *(unsigned long *)wanted;
}

static void await_connections(unsigned long wanted, const char *what)
{
    await(has_come, &wanted, what);
}

static unsigned descriptors(pid_t pid)
{
    unsigned count = 0;
    DIR *directory = opendir(format("/proc/%d/fd", (int)pid));

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count;
}

struct row {
    const char *scheme;
    int server;
    unsigned targets; /* one, or two on threads */
    const char *options[2];
};

static void begin(struct run_child *child, const struct row *row, const char *target)
{
    char *argv[8] = { (char *)(uintptr_t)probe_binary(), (char *)"--wait=60s", (char *)"--interval=1ms", NULL };
    size_t n = 3;

    for (size_t i = 0; i < COUNT(row->options) && row->options[i]; i++)
        argv[n++] = (char *)(uintptr_t)row->options[i];
    for (size_t i = 0; i < row->targets; i++)
        argv[n++] = (char *)(uintptr_t)target;
    run_start(child, NULL, argv);
}

/* From the try FROM to the try TO, SPARE_KB more may be in use. */
static void hold(const struct row *row, unsigned from, unsigned to, long spare_kb)
{
    const char *target = format("%s://127.0.0.1:%d", row->scheme, ports[row->server]);
    unsigned long before = connections();
    struct run_child child;
    static struct run_result result;

    begin(&child, row, target);
    await_connections(before + from * row->targets, target);
    long few = proc_number(child.pid, "VmPeak");
    unsigned open_before = descriptors(child.pid);
    await_connections(before + to * row->targets, target);
    long many = proc_number(child.pid, "VmPeak");
    unsigned open_after = descriptors(child.pid);
    kill(child.pid, SIGTERM);
    run_finish(&child, &result);
    if (result.status != 1 || few <= 0 || many > few + spare_kb || open_after > open_before + 2 * row->targets)
        fail_msg("%s %s: status %d, from %ld to %ld KiB, from %u to %u descriptors", target, row->options[0],
                 result.status, few, many, open_before, open_after);
}

static void a_try_leaves_no_memory_and_no_descriptor_behind(void **state)
{
    static const struct row rows[] = {
        { "https", REFUSING, 1, { "-k" } },
        { "https", REFUSING, 2, { "-k" } },
        { "https", PLAIN, 1, { "-k" } },
        { "https", BAD_HANDSHAKE, 2, { "-k" } },
        { "https", RESETTING, 1, { "-k" } },
        { "https", SILENT, 1, { "-k", "-t5ms" } },
        { "https", TLS, 1, { "-k", "-s503" } },
        { "https", TLS, 2, { "-k", "--json=a=1" } },
        { "tls", TLS, 1, { "--cacert=/etc/passwd" } },
        { "tls", TLS, 1, { "-k", "--tls-min-days=36500" } },
        { "grpc", REFUSING, 1, { NULL } },
        { "grpc", UNAVAILABLE, 1, { NULL } },
        { "grpc", NOT_SERVING, 1, { NULL } },
        { "grpc", NOT_SERVING, 2, { NULL } },
        { "grpc", BAD_HANDSHAKE, 2, { NULL } },
        { "grpc", RESETTING, 2, { NULL } },
        { "grpc", SILENT, 1, { "-t5ms" } },
        { "grpcs", PLAIN, 2, { "-k" } },
        { "grpcs", TLS, 1, { "-k" } },
        { "http", UNAVAILABLE, 1, { "--body-regex=a" } },
        { "http", FULL, 1, { "-t5ms" } },
        { "dns", MUTE, 1, { "-t5ms" } },
        { "http", NOT_SERVING, 1, { "--http2", "-s503" } },
        { "mysql", SILENT, 1, { "-t5ms" } },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        hold(&rows[i], FEW, MANY, SPARE_KB);
}

/* A key of a certificate is less than 1 KiB: what it leaves behind shows once the heap has come to rest. */
static void a_try_that_verifies_leaves_no_memory_behind(void **state)
{
    const struct row row = { "https", TLS, 1, { format("--cacert=%s", tls_file("ca.pem")), "-s503" } };

    (void)state;
    hold(&row, MANY, 2 * MANY, MANY / 6);
}

/* What was never opened, as no certificate is asked for, is not closed either. */
static void a_try_that_verifies_nothing_leaves_stdin_to_command(void **state)
{
    char *const argv[] = { (char *)"sh", (char *)"-c",
                           format("exec %s -q -k --wait=30s https://127.0.0.1:%d -- test -e /proc/self/fd/0 </dev/null",
                                  probe_binary(), ports[TLS]),
                           NULL };

    (void)state;
    assert_status(run(NULL, argv), 0);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_try_leaves_no_memory_and_no_descriptor_behind),
        cmocka_unit_test(a_try_that_verifies_leaves_no_memory_behind),
        cmocka_unit_test(a_try_that_verifies_nothing_leaves_stdin_to_command),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
