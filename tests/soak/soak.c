/*
 * Orphans, queued signals, suspensions, probes and starts with steps at random and at the same time: nothing is lost
 * and nothing grows.
 */
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

enum { COUNTED = 40, LAST = 50, WARM_UP_MS = 2000, STEP_MS = 20, BURST_MAX = 32, RENDERED = 4000 };

/* An init that is soaked, and the churn below it: the counter of what reaches it. */
struct soaked {
    struct subject subject;
    pid_t churn;
    long sent, sum, anonymous;
};

/* Below the one, churn is COMMAND; below the other it is a step before it. */
static struct soaked all[2];
static long probes, suspensions, starts;
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

static void queue_signals(struct soaked *soaked)
{
    for (int n = rand() % BURST_MAX; n > 0; n--) {
        int value = rand() % 1000;
        assert_int_equal(sigqueue(soaked->subject.pid, COUNTED, (union sigval){ .sival_int = value }), 0);
        soaked->sent++;
        soaked->sum += value;
    }
}

static bool goes_on(void *command)
{
    return *proc_status(*(pid_t *)command, "State") != 'T';
}

/* churn alone: init goes on, and keeps the signals of the time between. */
static void suspend_churn(struct soaked *soaked)
{
    kill(soaked->churn, SIGSTOP);
    await_state(soaked->churn, 'T');
    queue_signals(soaked);
    kill(soaked->subject.pid, SIGCONT);
    await(goes_on, &soaked->churn, "churn to go on"); /* a CONT still on its way would end the next suspension */
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

/* Whether PATH holds what the template makes, from its start to its end. */
static bool is_whole(const char *path)
{
    static char text[RENDERED + 2];
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(text, 1, sizeof text, file) : 0;

    if (file)
        fclose(file);
    return length == RENDERED && text[0] == '<' && text[RENDERED - 1] == '>';
}

/* A start with every kind of step, which TERM ends at a random moment: what it leaves is whole, the next start too. */
static void start_with_steps(bool stopped)
{
    static char value[RENDERED + 8] = "VALUE=";
    static struct subject starting;
    const struct subject_options options = { .set = (const char *[]){ value, NULL } };
    const char *at = scratch_directory();

    memset(value + strlen("VALUE="), 'x', RENDERED - strlen("<>"));
    subject_start(&starting, &options, "-u65532", "--umask=027", "--limit=nofile=64", "--env=A=${VALUE}",
                  format("--remove=%s/pid", at), format("--mkdir=%s/volume/of/it", at), format("--chown=%s/volume", at),
                  format("--render=%s/template:%s/volume/of/it/rendered", at, at), "--before=true",
                  "--once=/nowhere/x:true", "true", NULL);
    if (stopped) {
        poll(NULL, 0, rand() % 4);
        kill(starting.pid, SIGTERM);
    }
    int status = subject_wait(&starting);
    assert_true(status == 0 || (stopped && status == 128 + SIGTERM));
    assert_string_equal(starting.err.bytes, "");
    const char *rendered = format("%s/volume/of/it/rendered", at);
    assert_true(is_whole(rendered) || (stopped && access(rendered, F_OK) != 0));
    starts++;
}

static void churn_for(int ms)
{
    for (int64_t end = run_now_ms() + ms; run_now_ms() < end; poll(NULL, 0, rand() % STEP_MS)) {
        struct soaked *one = &all[rand() % 2];
        switch (rand() % 8) {
        case 0:
            suspend_churn(one);
            break;
        case 1:
            probe_both_ways();
            break;
        case 2:
            start_with_steps(rand() % 4);
            break;
        default:
            queue_signals(one);
        }
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

static void write_template(void)
{
    FILE *file = fopen(scratch_path("template"), "we");

    assert_non_null(file);
    assert_true(fputs("<${A}>", file) >= 0 && fclose(file) == 0);
}

static void start_soaked(unsigned seed)
{
    const struct subject_options options = { .pid1 = true };

    subject_start(&all[0].subject, &options, "churn", format("%u", seed), NULL);
    subject_start(&all[1].subject, &options, format("--once=/nowhere/x:churn %u", seed), "true", NULL);
    for (int i = 0; i < 2; i++) {
        stream_await(&all[i].subject.out, "ready");
        all[i].churn = proc_child(all[i].subject.pid);
    }
}

/* All that was sent has been counted. churn ends with 7, which is no good end of a step. */
static void end_soaked(struct soaked *soaked, const char *says)
{
    kill(soaked->subject.pid, LAST);
    stream_await(&soaked->subject.out, format("counted %ld sum %ld\n", soaked->sent, soaked->sum));
    assert_int_equal(subject_wait(&soaked->subject), 7);
    assert_string_equal(soaked->subject.err.bytes, says);
}

static void nothing_is_lost_and_nothing_grows(void **state)
{
    const char *given = getenv("SOAK_SEED");
    unsigned seed = given ? (unsigned)atoi(given) : (unsigned)time(NULL);

    (void)state;
    print_message("# SOAK_SEED=%u\n", seed);
    srand(seed);
    write_template();
    start_soaked(seed);
    start_held();
    churn_for(WARM_UP_MS);
    long resident = held_memory();
    for (int i = 0; i < 2; i++)
        all[i].anonymous = proc_memory(all[i].subject.pid, "Anonymous");
    churn_for(seconds() * 1000);
    print_message("# %ld signals, %ld suspensions, %ld probes, %ld starts with steps\n", all[0].sent + all[1].sent,
                  suspensions, probes, starts);
    for (int i = 0; i < 2; i++) {
        await_no_zombies(all[i].subject.pid);
        print_message("# %ld KiB\n", all[i].anonymous);
        assert_at_least(all[i].anonymous, 1);
        assert_int_equal(proc_memory(all[i].subject.pid, "Anonymous"), all[i].anonymous);
    }
    assert_int_equal(held_memory(), resident);
    end_held();
    end_soaked(&all[0], "");
    end_soaked(&all[1], "init: --once: churn has failed with status 7\n");
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_lost_and_nothing_grows) };

    return cmocka_run_group_tests(tests, start_server, end_all);
}
