/* The example image in every engine: a table of engines, the same promises for each; and the Compose file. */
#include "common.h"
#include "support/proc.h"
#include "support/test.h"

#include <poll.h>
#include <unistd.h>

#define NAME     "e2e"
#define URL      "http://localhost:8080"
#define COMPOSE  "examples/compose/compose.yaml"
#define HARDENED "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--network", "none"
#define RUN      "run", "--rm", "--name", NAME, "--env", "EXIT_STATUS=42", HARDENED
enum { STOP_MS = 8000, COMMAND_MS = 60000 };

/* How an engine is told to do what the promises need. Its container is called NAME; `run` ends with the container. */
struct engine {
    const char *name, *programs[3];
    char *run[24], *exec[8], *stop[8], *kill[8];
    char *pid[8]; /* tells the number of PID 1, as the test sees it */
};

static struct run_child container;

/* --- one container ---------------------------------------------------------------- */

static const struct run_result *execute(const struct engine *engine, char *const command[])
{
    char *argv[WORDS_MAX] = { NULL };

    append(argv, engine->exec);
    append(argv, command);
    return run(NULL, argv);
}

static const struct run_result *probe(const struct engine *engine, char *const arguments[])
{
    char *argv[WORDS_MAX] = { "/healthcheck", NULL };

    append(argv, arguments);
    return execute(engine, argv);
}

/* There is no container to probe in the first moment. */
static void start(const struct engine *engine)
{
    int64_t end = run_now_ms() + DEADLINE_MS;
    const struct run_options patient = { .bound_ms = 4 * DEADLINE_MS };

    require_engine();
    for (size_t i = 0; engine->programs[i]; i++)
        require_program(engine->programs[i]);
    run_start(&container, &patient, engine->run);
    while (probe(engine, ARGV("--wait", "20s", URL "/health"))->status != 0)
        look_again(end, "a healthy container");
}

/* Sends TERM and returns how the engine's `run` ended. */
static const struct run_result *stop(const struct engine *engine)
{
    static struct run_result result;

    const struct run_options options = { .bound_ms = COMMAND_MS };

    succeed(run(&options, engine->stop));
    run_finish(&container, &result);
    container.pid = 0;
    return &result;
}

/* A test that failed leaves its container; the engine's `run` ends with it. */
static int remove_container(void **state)
{
    static struct run_result result;
    const struct engine *engine = *state;

    if (container.pid > 0) {
        run(NULL, engine->kill);
        run_finish(&container, &result);
        container.pid = 0;
    }
    return 0;
}

/* --- the promises ------------------------------------------------------------------- */

static void stops_at_once_with_the_status_of_the_app(void **state)
{
    start(*state);
    int64_t before = run_now_ms();
    const struct run_result *result = stop(*state);
    int64_t took = run_now_ms() - before;
    assert_status(result, 42);
    assert_contains(result->out, "stopping: Terminated\nbye\n");
    if (took >= STOP_MS)
        fail_msg("the stop took %ld ms", (long)took);
}

static void leaves_no_zombies(void **state)
{
    start(*state);
    succeed(probe(*state, ARGV(URL "/orphans?count=200")));
    succeed(probe(*state, ARGV("--wait", "20s", "--body-regex", "^0$", URL "/zombies")));
    stop(*state);
}

/* The container's first process, as the test sees it. */
static pid_t init_of(const struct engine *engine)
{
    const struct run_result *result = run(NULL, engine->pid);

    succeed(result);
    const char *digits = strpbrk(result->out, "0123456789");
    assert_non_null(digits);
    return atoi(digits);
}

/* Started by the engine's exec, as HEALTHCHECK and exec probes are: it finds a place to remember the last run in. */
static void holds_a_probe_until_the_app_fails(void **state)
{
    static struct run_result result;
    const struct engine *engine = *state;
    char *argv[WORDS_MAX] = { NULL }, text[TEXT_MAX];
    struct run_child held;

    start(engine);
    pid_t init = init_of(engine);
    const struct run_result *first = probe(engine, ARGV("-v", "--hold", "50s", URL "/health"));
    succeed(first);
    assert_says_not(first, "no --hold");
    append(argv, engine->exec);
    append(argv, ARGV("/healthcheck", "-v", "--hold", "50s", URL "/health"));
    run_start(&held, &(struct run_options){ .bound_ms = COMMAND_MS }, argv);
    assert_int_equal(poll(&(struct pollfd){ .fd = held.pidfd, .events = POLLIN }, 1, 4000), 0);
    request(init, 8080, "POST /fail", text);
    int64_t failed = run_now_ms();
    run_finish(&held, &result);
    assert_status(&result, 1);
    assert_says(&result, "FAIL  " URL "/health  503");
    print_message("# %s: told after %ld ms\n", engine->name, (long)(run_now_ms() - failed));
    stop(engine);
}

/* Whatever filters the engine has put before both. */
static void confines_init_and_nothing_else(void **state)
{
    const struct engine *engine = *state;

    start(engine);
    succeed(probe(engine, ARGV(URL "/orphans?count=2")));
    succeed(probe(engine, ARGV("--wait", "20s", "--body-regex", "^0$", URL "/zombies")));
    pid_t init = init_of(engine);
    assert_int_equal(proc_number(init, "Seccomp_filters"), proc_number(proc_child(init), "Seccomp_filters") + 1);
    assert_int_equal(proc_number(init, "NoNewPrivs"), 1);
    succeed(probe(engine, ARGV("--body-contains", "ok", URL "/health")));
    stop(engine);
}

static void says_why_it_is_unhealthy(void **state)
{
    start(*state);
    succeed(probe(*state, ARGV(URL "/fail")));
    const struct run_result *result = probe(*state, ARGV(URL "/health"));
    assert_status(result, 1);
    assert_contains(result->out, "FAIL  " URL "/health  503");
    stop(*state);
}

static void has_no_shell(void **state)
{
    start(*state);
    const struct run_result *result = execute(*state, ARGV("/bin/sh", "-c", ":"));
    assert_int_not_equal(result->status, 0);
    if (!strcasestr(result->err, "no such file") && !strcasestr(result->out, "no such file"))
        fail_msg("exec of /bin/sh: %s%s", result->out, result->err);
    stop(*state);
}

/* --- Compose ------------------------------------------------------------------------ */

static const struct run_result *compose(char *const arguments[])
{
    const struct run_options patient = { .bound_ms = 60000 };
    char *argv[WORDS_MAX] = { "docker-compose", "--project-name", NAME, "--file", COMPOSE };

    append(argv, arguments);
    return run(&patient, argv);
}

/* Compose's versions differ in how they name a container: the id of a service's. */
static void find_service(char *label, char id[TEXT_MAX])
{
    ask(id, ARGV("ps", "--all", "--quiet", "--filter", label));
    assert_string_not_equal(id, "");
}

static int end_compose(void **state)
{
    (void)state;
    if (!getenv("NO_ENGINE"))
        compose(ARGV("down", "--timeout", "5"));
    return 0;
}

static void compose_starts_a_service_when_the_other_is_healthy(void **state)
{
    char app[TEXT_MAX], front[TEXT_MAX], healthy[TEXT_MAX], started[TEXT_MAX];

    (void)state;
    require_engine();
    require_program("docker-compose");
    succeed(compose(ARGV("up", "--detach")));
    find_service("label=com.docker.compose.service=app", app);
    find_service("label=com.docker.compose.service=front", front);
    inspect(app, "{{with index .State.Health.Log 0}}{{.ExitCode}} {{.End.UTC.Format \"2006-01-02T15:04:05\"}}{{end}}",
            healthy);
    inspect(front, "{{.State.ExitCode}} {{.State.StartedAt}}", started);
    if (strncmp(healthy, started, sizeof "0 2006-01-02T15:04:05" - 1) > 0)
        fail_msg("healthy: %s, the other started: %s", healthy, started);
    assert_hardened(first_pid(app));
}

static void compose_starts_no_service_while_the_other_is_unhealthy(void **state)
{
    char services[TEXT_MAX];

    (void)state;
    require_engine();
    require_program("docker-compose");
    const struct run_result *result = compose(ARGV("--file", "tests/e2e/unhealthy.yaml", "up", "--detach"));
    assert_int_not_equal(result->status, 0);
    assert_contains(result->err, "is unhealthy");
    ask(services, ARGV("ps", "--format", "{{.Label \"com.docker.compose.service\"}}"));
    assert_string_equal(services, "app");
}

/* --- the table ------------------------------------------------------------------------ */

static struct engine engines[] = {
    {
        .name = "docker",
        .programs = { "docker" },
        .run = { "docker", RUN, "pith-example" },
        .exec = { "docker", "exec", NAME },
        .stop = { "docker", "kill", "--signal", "TERM", NAME },
        .kill = { "docker", "kill", "--signal", "KILL", NAME },
        .pid = { "docker", "inspect", "--format", "{{.State.Pid}}", NAME },
    },
    {
        .name = "podman with crun",
        .programs = { "podman", "crun" },
        .run = { "podman", "--runtime", "crun", RUN, "localhost/pith-example" },
        .exec = { "podman", "--runtime", "crun", "exec", NAME },
        .stop = { "podman", "--runtime", "crun", "kill", "--signal", "TERM", NAME },
        .kill = { "podman", "--runtime", "crun", "kill", "--signal", "KILL", NAME },
        .pid = { "podman", "--runtime", "crun", "inspect", "--format", "{{.State.Pid}}", NAME },
    },
    {
        .name = "podman with runc",
        .programs = { "podman", "runc" },
        .run = { "podman", "--runtime", "runc", RUN, "localhost/pith-example" },
        .exec = { "podman", "--runtime", "runc", "exec", NAME },
        .stop = { "podman", "--runtime", "runc", "kill", "--signal", "TERM", NAME },
        .kill = { "podman", "--runtime", "runc", "kill", "--signal", "KILL", NAME },
        .pid = { "podman", "--runtime", "runc", "inspect", "--format", "{{.State.Pid}}", NAME },
    },
    {
        .name = "containerd",
        .programs = { "ctr", "runc" },
        .run = { "ctr", "run", "--rm", "--read-only", "--env", "EXIT_STATUS=42",
                 "docker.io/library/pith-example:latest", NAME },
        .exec = { "ctr", "tasks", "exec", "--exec-id", "probe", NAME },
        .stop = { "ctr", "tasks", "kill", "--signal", "TERM", NAME },
        .kill = { "ctr", "tasks", "kill", "--signal", "KILL", NAME },
        .pid = { "ctr", "tasks", "ps", NAME },
    },
};

static const struct {
    const char *name;
    CMUnitTestFunction test;
} promises[] = {
    { "stops at once with the status of the app", stops_at_once_with_the_status_of_the_app },
    { "leaves no zombies", leaves_no_zombies },
    { "confines init and nothing else", confines_init_and_nothing_else },
    { "holds a probe until the app fails", holds_a_probe_until_the_app_fails },
    { "says why it is unhealthy", says_why_it_is_unhealthy },
    { "has no shell", has_no_shell },
};

enum { ENGINES = sizeof engines / sizeof engines[0], PROMISES = sizeof promises / sizeof promises[0], NAME_SIZE = 80 };

int main(void)
{
    static char names[ENGINES * PROMISES][NAME_SIZE];
    struct CMUnitTest tests[ENGINES * PROMISES + 2] = {
        cmocka_unit_test_teardown(compose_starts_a_service_when_the_other_is_healthy, end_compose),
        cmocka_unit_test_teardown(compose_starts_no_service_while_the_other_is_unhealthy, end_compose),
    };

    for (size_t i = 0; i < ENGINES * PROMISES; i++) {
        const size_t engine = i / PROMISES, promise = i % PROMISES;
        snprintf(names[i], NAME_SIZE, "%s: %s", engines[engine].name, promises[promise].name);
        tests[i + 2] =
            (struct CMUnitTest){ names[i], promises[promise].test, NULL, remove_container, &engines[engine] };
    }
    return cmocka_run_group_tests_name("engines", tests, NULL, NULL);
}
