/* Several plain targets: begun before anybody is waited for, each judged as it is alone, and none waits for another. */
#include "support/listener.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\nX: y\r\n"
#define END                                                                                                            \
    {                                                                                                                  \
        .verb = SCRIPT_END                                                                                             \
    }
#define READ                                                                                                           \
    {                                                                                                                  \
        .verb = SCRIPT_READ                                                                                            \
    }
#define SEND(text)                                                                                                     \
    {                                                                                                                  \
        .verb = SCRIPT_SEND, .bytes = (text)                                                                           \
    }

enum { LATE_MS = 150 };

static const struct script_step ok[] = { READ, SEND(HEAD "\r\n"), END };
static const struct script_step silent[] = { READ, { .verb = SCRIPT_HOLD }, END };
static const struct script_step late[] = { READ, { .verb = SCRIPT_PAUSE, .ms = LATE_MS }, SEND(HEAD "\r\n"), END };

/* Every way in which a server may answer or not; each is one that the first server of a probe has. */
static const struct {
    const char *name;
    struct script_step steps[8];
} behaviours[] = {
    { "answers", { READ, SEND(HEAD "Content-Length: 2\r\n\r\nok"), END } },
    { "answers by bare line feeds", { READ, SEND("HTTP/1.1 200 OK\nX: y\n\n"), END } },
    { "answers with an error", { READ, SEND("HTTP/1.1 503 no\r\n\r\n"), END } },
    { "answers behind an empty line", { READ, SEND("\r\n" HEAD "\r\n"), END } },
    { "sends two empty lines", { READ, SEND("\r\n\r\n"), { .verb = SCRIPT_HOLD }, END } },
    { "switches protocols", { READ, SEND("HTTP/1.1 101 x\r\n\r\n"), END } },
    { "says 100 first",
      { READ, SEND("HTTP/1.1 100 Continue\r\n\r\n"), { .verb = SCRIPT_PAUSE, .ms = 30 }, SEND(HEAD "\r\n"), END } },
    { "says 100 and no more", { READ, SEND("HTTP/1.1 100 Continue\r\n\r\n"), { .verb = SCRIPT_HOLD }, END } },
    { "answers in pieces",
      { READ,
        SEND("HTT"),
        { .verb = SCRIPT_PAUSE, .ms = 30 },
        SEND("P/1.1 200 OK\r\n"),
        { .verb = SCRIPT_PAUSE, .ms = 30 },
        SEND("X: y\r\n\r\n"),
        END } },
    { "drips", { READ, { .verb = SCRIPT_DRIP, .bytes = HEAD, .ms = 20 }, END } },
    { "breaks off in the head", { READ, SEND(HEAD), END } },
    { "is no HTTP", { READ, SEND("SSH-2.0-x\r\n\r\n"), END } },
    { "is HTTP/2", { READ, SEND("HTTP/2.0 200 OK\r\n\r\n"), END } },
    { "closes", { READ, END } },
    { "closes without reading", { END } },
    { "resets", { READ, { .verb = SCRIPT_RESET }, END } },
    { "answers without reading", { SEND(HEAD "\r\n"), END } },
    { "answers late", { READ, { .verb = SCRIPT_PAUSE, .ms = LATE_MS }, SEND(HEAD "\r\n"), END } },
    { "is silent", { READ, { .verb = SCRIPT_HOLD }, END } },
};

static const char *url(const struct script_server *server)
{
    return format("http://127.0.0.1:%d/", server->port);
}

/* The first line of a report, without what follows " in ": the time. In static storage until the next call. */
static const char *verdict(const struct run_result *result)
{
    static char line[512];

    snprintf(line, sizeof line, "%.*s", (int)strcspn(result->out, "\n"), result->out);
    char *time = strstr(line, " in ");
    if (time)
        *time = '\0';
    return line;
}

/* Whoever closes with a request unread resets the connection if the request was there by then. */
static bool is_race(const char *name, const struct run_result *result)
{
    return strcmp(name, "closes without reading") == 0 && (strstr(result->out, "connection closed while waiting") ||
                                                           strstr(result->out, "connection reset while waiting"));
}

static void a_target_is_judged_as_it_is_alone(void **state)
{
    struct script_server first, second;

    (void)state;
    script_start(&second, "127.0.0.1", ok);
    for (size_t i = 0; i < COUNT(behaviours); i++) {
        char alone[512];
        script_start(&first, "127.0.0.1", behaviours[i].steps);
        strcpy(alone, verdict(probe("--no-hints", "-t400ms", url(&first), NULL)));
        const struct run_result *result = probe("--no-hints", "-t400ms", url(&first), url(&second), NULL);
        if (strcmp(alone, verdict(result)) != 0 && !is_race(behaviours[i].name, result))
            fail_msg("a server that %s: alone\n%s\nbeside another one\n%s", behaviours[i].name, alone, result->out);
        assert_has(result->out, format("\nok    %s  200 in ", url(&second)));
        script_stop(&first);
    }
    script_stop(&second);
}

/* The other target is answered at once, and told so, however the first one behaves; nobody is asked twice. */
static void none_waits_for_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(behaviours); i++) {
        struct script_server first, second;
        script_start(&first, "127.0.0.1", behaviours[i].steps);
        script_start(&second, "127.0.0.1", ok);
        const struct run_result *result =
            probe("--no-hints", "-t600ms", "--max-latency=300ms", url(&first), url(&second), NULL);
        if (!strstr(result->out, format("\nok    %s  200 in ", url(&second))) && result->stall_ms < 100)
            fail_msg("beside a server that %s: %s", behaviours[i].name, result->out);
        assert_took(result, 0, 600 + GRACE_MS);
        assert_at_most(atomic_load(&first.connections), 1);
        assert_int_equal(atomic_load(&second.connections), 1);
        assert_count(script_log(&second), "GET / ", 1);
        script_stop(&first);
        script_stop(&second);
    }
}

static void all_are_asked_before_one_is_waited_for(void **state)
{
    enum { MANY = 8 };
    struct script_server servers[MANY];
    const char *urls[MANY];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        script_start(&servers[i], "127.0.0.1", late);
        urls[i] = url(&servers[i]);
    }
    const struct run_result *result =
        probe(urls[0], urls[1], urls[2], urls[3], urls[4], urls[5], urls[6], urls[7], NULL);
    assert_status(result, 0);
    assert_took(result, LATE_MS, 2 * LATE_MS);
    for (size_t i = 0; i < MANY; i++)
        script_stop(&servers[i]);
}

/* Its connection waits to be accepted by the kernel itself: the others do not. */
static void a_server_that_takes_no_connection_keeps_nobody_waiting(void **state)
{
    struct script_server good;
    int port, fd = listener_open(0, &port), fillers[4];
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (size_t i = 0; i < COUNT(fillers); i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(fillers[i], (struct sockaddr *)&address, sizeof address);
    }
    script_start(&good, "127.0.0.1", ok);
    const struct run_result *result =
        probe("--no-hints", "-t400ms", "--max-latency=200ms", format("http://127.0.0.1:%d/", port), url(&good), NULL);
    assert_says(result, "timed out after 400ms connecting (127.0.0.1)\n");
    assert_says(result, format("\nok    %s  200 in ", url(&good)));
    result = probe("--no-hints", "-t400ms", format("tcp://127.0.0.1:%d", port), url(&good), NULL);
    assert_says(result, "timed out after 400ms connecting (127.0.0.1)\n");
    assert_says(result, format("\nok    %s  200 in ", url(&good)));
    result = probe("--any", "-t5s", format("tcp://127.0.0.1:%d", port), format("tcp://127.0.0.1:%d", good.port), NULL);
    assert_took(result, 0, GRACE_MS);
    assert_says(result, "  given up: another target is healthy\n");
    script_stop(&good);
    for (size_t i = 0; i < COUNT(fillers); i++)
        close(fillers[i]);
    close(fd);
}

static void with_any_the_first_healthy_one_ends_it(void **state)
{
    struct script_server good, bad;

    (void)state;
    script_start(&good, "127.0.0.1", ok);
    script_start(&bad, "127.0.0.1", silent);
    const struct run_result *result = probe("--any", "-t5s", url(&bad), url(&good), NULL);
    assert_status(result, 0);
    assert_took(result, 0, GRACE_MS);
    assert_says(result, "  given up: another target is healthy\n");
    script_stop(&good);
    script_stop(&bad);
}

/*
 * Each answers before the deadline of 200 ms, so that what is left is waited for with little time left; the last one
 * answers, or ends its answer, behind the deadline.
 */
static void an_answer_behind_the_deadline_counts_for_nobody(void **state)
{
    static const struct script_step before[] = {
        READ, { .verb = SCRIPT_PAUSE, .ms = 180 }, { .verb = SCRIPT_PAUSE, .ms = 8 }, SEND(HEAD "\r\n"), END
    };
    static const struct script_step behind[] = {
        READ, { .verb = SCRIPT_PAUSE, .ms = 200 }, { .verb = SCRIPT_PAUSE, .ms = 2 }, SEND(HEAD "\r\n"), END
    };
    static const struct script_step pieces[] = {
        READ,       { .verb = SCRIPT_PAUSE, .ms = 180 }, { .verb = SCRIPT_PAUSE, .ms = 8 },
        SEND(HEAD), { .verb = SCRIPT_PAUSE, .ms = 14 },  SEND("\r\n"),
        END
    };
    static const struct script_step *const lasts[] = { behind, pieces };
    struct script_server first, last, never;

    (void)state;
    script_start(&first, "127.0.0.1", before);
    script_start(&never, "127.0.0.1", silent);
    for (size_t i = 0; i < 2 * COUNT(lasts); i++) {
        script_start(&last, "127.0.0.1", lasts[i / 2]);
        char wanted[128];
        snprintf(wanted, sizeof wanted, "FAIL  %s  timed out after 200ms %s", url(&last),
                 lasts[i / 2] == behind ? "waiting for the status line\n" : "");
        const struct run_result *result;
        int tries = 0;
        do /* a probe that the machine wakes late takes what has come by then */
            result = probe("--no-hints", "-t200ms", url(&first), url(&last), i % 2 ? url(&never) : NULL, NULL);
        while (stall_spoils(result, wanted, &tries));
        assert_says(result, wanted);
        script_stop(&last);
    }
    script_stop(&first);
    script_stop(&never);
}

static bool are_asked(void *servers)
{
    struct script_server *all = servers;

    return *script_log(&all[0]) && *script_log(&all[1]);
}

/* As with one target: the machine wakes the probe behind its deadline, and both answers are there. */
static void an_answer_that_has_come_in_time_counts_for_each(void **state)
{
    static const struct script_step slow[] = { READ, { .verb = SCRIPT_PAUSE, .ms = 300 }, SEND(HEAD "\r\n"), END };
    static struct script_server servers[2];
    struct run_child child;
    static struct run_result result;

    (void)state;
    for (size_t i = 0; i < COUNT(servers); i++)
        script_start(&servers[i], "127.0.0.1", slow);
    char *const argv[] = { (char *)(uintptr_t)probe_binary(), (char *)"-t1s", (char *)(uintptr_t)url(&servers[0]),
                           (char *)(uintptr_t)url(&servers[1]), NULL };
    run_start(&child, NULL, argv);
    await(are_asked, servers, "requests");
    usleep(100 * 1000); /* its first waits, which need no clock, are over */
    kill(child.pid, SIGSTOP);
    usleep(1100 * 1000); /* longer than the timeout */
    kill(child.pid, SIGCONT);
    run_finish(&child, &result);
    assert_count(result.out, "  200 in ", 2);
    assert_status(&result, 0);
    for (size_t i = 0; i < COUNT(servers); i++)
        script_stop(&servers[i]);
}

static void sockets_and_connections_are_begun_with_them(void **state)
{
    struct script_server tcp, local;
    char path[256] = "";

    (void)state;
    script_start(&tcp, "127.0.0.1", ok);
    script_start_unix(&local, ok);
    for (const char *at = local.path; *at; at++)
        strcat(path, *at == '/' ? "%2F" : (char[]){ *at, '\0' });
    const struct run_result *result = probe(format("http+unix://%s/a", path), format("unix://%s", local.path),
                                            format("tcp://127.0.0.1:%d", tcp.port), url(&tcp), NULL);
    assert_status(result, 0);
    assert_count(result->out, "ok    ", 4);
    assert_count(result->out, "  200 in ", 2);
    assert_count(result->out, "  connected in ", 2);
    script_stop(&tcp);
    script_stop(&local);
}

/* The request need not be a short one. */
static void long_requests_are_sent_whole(void **state)
{
    static char header[9000];
    struct script_server first, second;

    (void)state;
    memset(header, 'x', sizeof header - 1);
    memcpy(header, "X-Long: ", 8);
    script_start(&first, "127.0.0.1", ok);
    script_start(&second, "127.0.0.1", ok);
    assert_status(probe("-H", header, url(&first), url(&second), NULL), 0);
    assert_has(script_log(&first), header);
    assert_has(script_log(&second), header);
    script_stop(&first);
    script_stop(&second);
}

static bool has_a_connection(void *server)
{
    return atomic_load(&((struct script_server *)server)->connections) > 0;
}

/* A thread each is what two targets cost three times as much with. */
static void no_thread_is_started_while_all_wait(void **state)
{
    struct script_server first, second;
    struct run_child child;
    static struct run_result result;

    (void)state;
    script_start(&first, "127.0.0.1", silent);
    script_start(&second, "127.0.0.1", silent);
    char *const argv[] = { (char *)(uintptr_t)probe_binary(), "-t10s", (char *)(uintptr_t)url(&first),
                           (char *)(uintptr_t)url(&second), NULL };
    run_start(&child, NULL, argv);
    await(has_a_connection, &first, "the first connection");
    await(has_a_connection, &second, "the second connection");
    await_state(child.pid, 'S');
    assert_int_equal(proc_number(child.pid, "Threads"), 1);
    kill(child.pid, SIGKILL);
    run_finish(&child, &result);
    script_stop(&first);
    script_stop(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_target_is_judged_as_it_is_alone),
        cmocka_unit_test(none_waits_for_another),
        cmocka_unit_test(all_are_asked_before_one_is_waited_for),
        cmocka_unit_test(a_server_that_takes_no_connection_keeps_nobody_waiting),
        cmocka_unit_test(with_any_the_first_healthy_one_ends_it),
        cmocka_unit_test(an_answer_behind_the_deadline_counts_for_nobody),
        cmocka_unit_test(an_answer_that_has_come_in_time_counts_for_each),
        cmocka_unit_test(sockets_and_connections_are_begun_with_them),
        cmocka_unit_test(long_requests_are_sent_whole),
        cmocka_unit_test(no_thread_is_started_while_all_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
