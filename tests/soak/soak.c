/* Orphans, queued signals, suspensions and probes at random and at the same time: nothing is lost and nothing grows. */
#include "support/listener.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { COUNTED = 40, LAST = 50, WARM_UP_MS = 2000, STEP_MS = 20, BURST_MAX = 32 };

static struct subject s;
static long sent, sum, probes, suspensions;
static char healthy[64];

static void serve(int listener)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    char request[2048];

    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (read(client, request, sizeof request) > 0)
            send(client, answer, sizeof answer - 1, MSG_NOSIGNAL);
        close(client);
    }
}

static int start_server(void **state)
{
    int port, listener = listener_open(16, &port);

    (void)state;
    snprintf(healthy, sizeof healthy, "http://127.0.0.1:%d/", port);
    if (fork() == 0)
        serve(listener);
    close(listener);
    return 0;
}

static void queue_signals(void)
{
    for (int n = rand() % BURST_MAX; n > 0; n--) {
        int value = rand() % 1000;
        assert_int_equal(sigqueue(s.pid, COUNTED, (union sigval){ .sival_int = value }), 0);
        sent++;
        sum += value;
    }
}

static bool goes_on(void *command)
{
    return *proc_status(*(pid_t *)command, "State") != 'T';
}

/* COMMAND alone: init goes on, and keeps the signals of the time between. */
static void suspend_command(pid_t command)
{
    kill(command, SIGSTOP);
    await_state(command, 'T');
    queue_signals();
    kill(s.pid, SIGCONT);
    await(goes_on, &command, "COMMAND to go on"); /* a CONT still on its way would end the next suspension */
    suspensions++;
}

static void probe_both_ways(void)
{
    const struct run_result *result = probe(healthy, NULL);

    assert_status(result, 0);
    result = probe("-t1s", "tcp://127.0.0.1:1", NULL);
    assert_status(result, 1);
    probes += 2;
}

static void churn_for(pid_t command, int ms)
{
    for (int64_t end = run_now_ms() + ms; run_now_ms() < end; poll(NULL, 0, rand() % STEP_MS))
        switch (rand() % 8) {
        case 0:
            suspend_command(command);
            break;
        case 1:
            probe_both_ways();
            break;
        default:
            queue_signals();
        }
}

/* A probe that stays, and tries a thousand times a second. */
static struct run_child held;

static void start_held(void)
{
    char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                           (char *)"--hold=10h",
                           (char *)"--interval=1ms",
                           format("--hold-state=%s", scratch_directory()),
                           healthy,
                           NULL };
    const struct run_options patient = { .bound_ms = INT32_MAX };
    static struct run_result first;

    run_start(&held, NULL, argv);
    run_finish(&held, &first);
    assert_status(&first, 0);
    run_start(&held, &patient, argv);
}

/* Its memory between two tries, in KiB. */
static long held_memory(void)
{
    proc_stop_asleep(held.pid);
    long resident = proc_memory(held.pid, "Rss");
    kill(held.pid, SIGCONT);
    return resident;
}

static void end_held(void)
{
    static struct run_result result;

    print_message("# %ld wake-ups of a probe that stays\n", proc_number(held.pid, "voluntary_ctxt_switches"));
    kill(held.pid, SIGTERM);
    run_finish(&held, &result);
    assert_status(&result, 1);
    assert_string_equal(result.out, "");
}

static int seconds(void)
{
    const char *given = getenv("SOAK_SECONDS");

    return given ? atoi(given) : 60;
}

static int end_all(void **state)
{
    return subject_end_all(state) | scratch_remove(state);
}

static void nothing_is_lost_and_nothing_grows(void **state)
{
    const char *given = getenv("SOAK_SEED");
    unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL);
    const struct subject_options options = { .pid1 = true };
    char expected[96];

    (void)state;
    print_message("# SOAK_SEED=%u\n", seed);
    srand(seed);
    subject_start(&s, &options, "churn", format("%u", seed), NULL);
    stream_await(&s.out, "ready");
    pid_t command = proc_child(s.pid);
    start_held();
    churn_for(command, WARM_UP_MS);
    long resident = held_memory();
    long anonymous = proc_memory(s.pid, "Anonymous");
    churn_for(command, seconds() * 1000);
    await_no_zombies(s.pid);
    print_message("# %ld signals, %ld suspensions, %ld probes; %ld KiB\n", sent, suspensions, probes, anonymous);
    assert_at_least(anonymous, 1);
    assert_int_equal(proc_memory(s.pid, "Anonymous"), anonymous);
    assert_int_equal(held_memory(), resident);
    end_held();
    kill(s.pid, LAST);
    snprintf(expected, sizeof expected, "counted %ld sum %ld\n", sent, sum);
    stream_await(&s.out, expected);
    assert_int_equal(subject_wait(&s), 7);
    assert_string_equal(s.err.bytes, "");
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_lost_and_nothing_grows) };

    return cmocka_run_group_tests(tests, start_server, end_all);
}
