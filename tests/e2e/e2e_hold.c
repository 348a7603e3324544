/* --hold in a Docker engine: its health state is that of a plain probe, for a fraction of the processes. */
#include "common.h"
#include "support/script.h"
#include "support/test.h"

#include <poll.h>

enum { INTERVAL_MS = 1000, TIMEOUT_MS = 500, SLACK_MS = 3000, ID_SIZE = 80, WATCH_MS = 12000 };

/* By then a probe has begun that stays, the second one: no engine tells of it. */
enum { STAYS_MS = 2500 };

/* --- the application, which every container here sees in the machine's own network -------------------- */

static const struct script_step silent[] = { { .verb = SCRIPT_READ },
                                             { .verb = SCRIPT_PAUSE, .ms = 2 * TIMEOUT_MS },
                                             { .verb = SCRIPT_END } };
static const struct script_step closing[] = { { .verb = SCRIPT_END } };

static const struct state {
    const char *name;
    const struct script_step *steps; /* NULL: nobody listens */
} states[] = {
    { "503", script_sorry }, { "200", script_ok }, { "refused", NULL },    { "200", script_ok },
    { "silent", silent },    { "200", script_ok }, { "closing", closing }, { "200", script_ok },
    { "503", script_sorry }, { "200", script_ok }, { "refused", NULL },    { "200", script_ok },
};

static struct script_server server;
static bool listening;

static void become(const struct script_step *steps)
{
    uint16_t port = server.port;

    if (listening)
        script_stop(&server);
    if (steps && port)
        script_start_port(&server, "127.0.0.1", port, steps);
    else if (steps)
        script_start(&server, "127.0.0.1", steps);
    listening = steps != NULL;
}

/* --- the containers ------------------------------------------------------------------------------------ */

static char plain[ID_SIZE], held[ID_SIZE];

static void start(char container[ID_SIZE], char *image, char *const options[])
{
    char *argv[WORDS_MAX] = { "run", "--detach", "--pull", "never", "--network", "host", "--health-interval", "1s" };
    char id[TEXT_MAX], port[32];

    snprintf(port, sizeof port, "PORT=%u", server.port);
    append(argv, ARGV("--env", port));
    append(argv, options);
    append(argv, ARGV(image));
    ask(id, argv);
    snprintf(container, ID_SIZE, "%.70s", id);
}

static int set_up(void **state)
{
    (void)state;
    become(script_ok);
    return 0;
}

static int tear_down(void **state)
{
    char *const containers[] = { plain, held };

    (void)state;
    for (size_t i = 0; i < COUNT(containers); i++) {
        if (*containers[i])
            docker(ARGV("rm", "--force", containers[i]));
        *containers[i] = '\0';
    }
    become(NULL);
    server.port = 0;
    return 0;
}

static bool is(const char *container, const char *health)
{
    char text[TEXT_MAX];

    inspect(container, "{{.State.Health.Status}}", text);
    return strcmp(text, health) == 0;
}

static void await_health(const char *container, const char *health)
{
    char what[64];

    snprintf(what, sizeof what, "the container to be %s", health);
    for (int64_t end = run_now_ms() + DEADLINE_MS; !is(container, health);)
        look_again(end, what);
}

/* How many probes the engine has started so far. */
static long probes(const char *container)
{
    char text[TEXT_MAX], id[ID_SIZE + 16];

    snprintf(id, sizeof id, "container=%s", container);
    ask(text,
        ARGV("events", "--since", "0", "--until=-0s", "--filter", "event=exec_start", "--filter", id, "--format", "x"));
    return (long)(strlen(text) + 1) / 2;
}

static void start_both(void)
{
    start(plain, "registry.example/plain:1.0", ARGV(NULL));
    start(held, "registry.example/held:1.0", ARGV(NULL));
    await_health(plain, "healthy");
    await_health(held, "healthy");
}

/* --- the promises -------------------------------------------------------------------------------------- */

enum { PLAIN, HELD, PROBES };

/* Which of the containers, asked at once, are HEALTH. */
static void look(const char *health, bool are[PROBES])
{
    char text[TEXT_MAX], *rest;

    ask(text, ARGV("inspect", "--format", "{{.State.Health.Status}}", plain, held));
    are[PLAIN] = strcmp(strtok_r(text, "\n", &rest), health) == 0;
    are[HELD] = strcmp(strtok_r(NULL, "\n", &rest), health) == 0;
}

/* How long after a change each container's state is HEALTH. */
static void time_both(const char *health, int64_t took[PROBES])
{
    int64_t start = run_now_ms();
    bool are[PROBES];

    took[PLAIN] = took[HELD] = -1;
    while (took[PLAIN] < 0 || took[HELD] < 0) {
        look_again(start + DEADLINE_MS, "both containers to see a change");
        look(health, are);
        for (int probe = 0; probe < PROBES; probe++)
            if (took[probe] < 0 && are[probe])
                took[probe] = run_now_ms() - start;
    }
}

/* Looks in at both containers for so long, and counts in MISSED how often each was not HEALTH. */
static void stay_both(const char *health, int64_t ms, int missed[PROBES])
{
    bool are[PROBES];

    for (int64_t end = run_now_ms() + ms; run_now_ms() < end; poll(NULL, 0, 500)) {
        look(health, are);
        missed[PLAIN] += !are[PLAIN];
        missed[HELD] += !are[HELD];
    }
}

enum { CHANGES_MAX = 10000 };

/* What changes to the one state and to the other took, by probe. */
static struct times {
    int64_t ms[PROBES][CHANGES_MAX];
    int count;
} times[2];

static int by_size(const void *a, const void *b)
{
    return (*(const int64_t *)a > *(const int64_t *)b) - (*(const int64_t *)a < *(const int64_t *)b);
}

/* Sorts what changes to HEALTH took and tells of it. */
static void tell(struct times *of, const char *health)
{
    static const char *const names[PROBES] = { "plain", "held" };

    for (int probe = 0; probe < PROBES; probe++) {
        const int64_t *ms = of->ms[probe];
        qsort(of->ms[probe], (size_t)of->count, sizeof *ms, by_size);
        print_message("# %s %d times: a %s probe shows it after %ld ms in the median, %ld ms at worst\n", health,
                      of->count, names[probe], (long)ms[of->count / 2], (long)ms[of->count - 1]);
    }
}

/* A held probe is slower by an interval at the most in the median, and by an engine's bad moment at worst. */
static void judge(const struct times *of)
{
    int64_t plain_worst = of->ms[PLAIN][of->count - 1];

    assert_at_most(of->ms[HELD][of->count / 2], of->ms[PLAIN][of->count / 2] + INTERVAL_MS);
    assert_at_most(of->ms[HELD][of->count - 1],
                   SLACK_MS + (plain_worst > INTERVAL_MS + TIMEOUT_MS ? plain_worst : INTERVAL_MS + TIMEOUT_MS));
}

/* Once through the list of states, or round and round for HOLD_SECONDS. */
static void the_state_of_a_held_probe_is_that_of_a_plain_one(void **state)
{
    const char *seconds = getenv("HOLD_SECONDS");
    int64_t end = run_now_ms() + 1000 * (seconds ? atoi(seconds) : 0);
    int missed[PROBES] = { 0 };

    (void)state;
    require_engine();
    start_both();
    stay_both("healthy", STAYS_MS, missed);
    memset(times, 0, sizeof times);
    for (size_t i = 0; i < COUNT(states) || (run_now_ms() < end && i < CHANGES_MAX); i++) {
        const struct script_step *steps = states[i % COUNT(states)].steps;
        const char *health = steps == script_ok ? "healthy" : "unhealthy";
        struct times *of = &times[steps == script_ok];
        int64_t took[PROBES];

        become(steps);
        time_both(health, took);
        of->ms[PLAIN][of->count] = took[PLAIN];
        of->ms[HELD][of->count++] = took[HELD];
        /* the held one is within its tries, whatever its phase */
        stay_both(health, STAYS_MS + (int64_t)(i * 370 % 1000), missed);
    }
    tell(&times[false], "unhealthy");
    tell(&times[true], "healthy again");
    print_message("# looks that saw another state: %d at the plain one, %d at the held one\n", missed[PLAIN],
                  missed[HELD]);
    assert_at_most(missed[HELD], missed[PLAIN]);
    judge(&times[false]);
    judge(&times[true]);
}

static void the_engine_starts_one_process_instead_of_many(void **state)
{
    (void)state;
    require_engine();
    start_both();
    poll(NULL, 0, STAYS_MS);
    long before[2] = { probes(plain), probes(held) };
    poll(NULL, 0, WATCH_MS);
    long started[2] = { probes(plain) - before[0], probes(held) - before[1] };
    print_message("# started in %d s: %ld plain, %ld held\n", WATCH_MS / 1000, started[0], started[1]);
    assert_at_least(started[0], WATCH_MS / INTERVAL_MS / 3);
    assert_int_equal(started[1], 0);
    assert_true(is(held, "healthy"));
}

/* The engine ends each second probe and counts a failure; the next one is a plain one. */
static void a_timeout_that_is_too_short_costs_and_breaks_nothing(void **state)
{
    char streak[TEXT_MAX];

    (void)state;
    require_engine();
    start(held, "registry.example/held:1.0", ARGV("--health-timeout", "2s", "--health-retries", "2"));
    await_health(held, "healthy");
    for (int64_t end = run_now_ms() + WATCH_MS; run_now_ms() < end; poll(NULL, 0, 100)) {
        assert_true(is(held, "healthy"));
        inspect(held, "{{.State.Health.FailingStreak}}", streak);
        assert_true(strcmp(streak, "0") == 0 || strcmp(streak, "1") == 0);
    }
    become(script_sorry);
    await_health(held, "unhealthy");
    become(script_ok);
    await_health(held, "healthy");
}

static void a_container_that_is_restarted_or_paused_is_probed_as_before(void **state)
{
    (void)state;
    require_engine();
    start(held, "registry.example/held:1.0", ARGV(NULL));
    await_health(held, "healthy");
    poll(NULL, 0, STAYS_MS);
    succeed(docker(ARGV("restart", "--time", "5", held)));
    await_health(held, "healthy");
    poll(NULL, 0, STAYS_MS);
    succeed(docker(ARGV("pause", held)));
    poll(NULL, 0, STAYS_MS);
    succeed(docker(ARGV("unpause", held)));
    poll(NULL, 0, STAYS_MS);
    assert_true(is(held, "healthy"));
    become(script_sorry);
    await_health(held, "unhealthy");
    become(script_ok);
    await_health(held, "healthy");
    int64_t took = succeed(docker(ARGV("stop", "--time", "20", held)))->ms;
    assert_at_most(took, 10000); /* a probe that stays holds up no end */
}

#define promise(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        promise(the_state_of_a_held_probe_is_that_of_a_plain_one),
        promise(the_engine_starts_one_process_instead_of_many),
        promise(a_timeout_that_is_too_short_costs_and_breaks_nothing),
        promise(a_container_that_is_restarted_or_paused_is_probed_as_before),
    };

    return cmocka_run_group_tests_name("hold", tests, NULL, NULL);
}
