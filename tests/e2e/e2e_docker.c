/* The promises of Dockerfile.example, kept by a Docker engine: health, stop, hardening, orphans, --init, --watch. */
#include "common.h"
#include "support/test.h"

#include <signal.h>

#define IMAGE "pith-example"

enum { PORT = 8080, BUILD_MS = 480000, STOP_MS = 1000, ID_SIZE = 80 };

/* --- the engine ---------------------------------------------------------------- */

/* Looks until inspection by FORMAT says WANTED. */
static void await(char *container, char *format, const char *wanted)
{
    int64_t end = run_now_ms() + DEADLINE_MS;
    char text[TEXT_MAX], what[2 * TEXT_MAX];

    for (inspect(container, format, text); strcmp(text, wanted) != 0; inspect(container, format, text)) {
        snprintf(what, sizeof what, "%s is '%.4000s' and not '%s'", format, text, wanted);
        look_again(end, what);
    }
}

static void await_health(char *container, const char *wanted)
{
    await(container, "{{.State.Health.Status}}", wanted);
}

/* Starts the example image without a network, probed often and judged at once, with OPTIONS of `docker run` besides. */
static void start_with(char *container, char *const options[], char *const arguments[])
{
    char *argv[WORDS_MAX] = { "run",
                              "--detach",
                              "--pull",
                              "never",
                              "--network",
                              "none",
                              "--health-interval",
                              "200ms",
                              "--health-start-period",
                              "1ms",
                              "--health-retries",
                              "1" };
    char id[TEXT_MAX];

    require_engine();
    append(argv, options);
    append(argv, ARGV(IMAGE));
    append(argv, arguments);
    ask(id, argv);
    snprintf(container, ID_SIZE, "%.70s", id);
}

static void start(char *container, char *const options[])
{
    start_with(container, options, ARGV(NULL));
}

/* The state of each test is the id of its container. */
static int create_fixture(void **state)
{
    *state = calloc(1, ID_SIZE);
    return *state ? 0 : -1;
}

static int remove_container(void **state)
{
    char *container = *state;

    if (*container)
        docker(ARGV("rm", "--force", container));
    free(container);
    return 0;
}

/* --- inside the container ------------------------------------------------------ */

static void app_answers(char *container, const char *line, char text[TEXT_MAX])
{
    request(first_pid(container), PORT, line, text);
}

/* Init may have the last orphans still before it when the app has made them all. */
static long zombies_after_a_while(char *container)
{
    int64_t end = run_now_ms() + DEADLINE_MS / 4;
    char text[TEXT_MAX];

    do
        app_answers(container, "GET /zombies", text);
    while (strcmp(text, "0\n") != 0 && run_now_ms() < end);
    return strtol(text, NULL, 10);
}

/* --- the promises -------------------------------------------------------------- */

static void dockerfile_builds_as_it_stands(void **state)
{
    const struct run_options patient = { .bound_ms = BUILD_MS };
    char text[TEXT_MAX];

    (void)state;
    require_engine();
    succeed(run(&patient, ARGV("tests/e2e/images", "builder", "runtime")));
    succeed(run(&patient,
                ARGV("docker", "build", "--network", "host", "--file", "Dockerfile.example", "--tag", IMAGE, ".")));
    ask(text, ARGV("image", "inspect", "--format", "{{json .Config.Entrypoint}} {{.Config.User}}", IMAGE));
    assert_string_equal(text, "[\"/init\",\"--\",\"/app\"] 65532");
}

/* In the file that PITH_EXAMPLE names: what was built once need not be built in each engine. */
static void image_of_another_engine_loads(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    require_engine();
    succeed(docker(ARGV("load", "--input", getenv("PITH_EXAMPLE"))));
    ask(text, ARGV("image", "inspect", "--format", "{{json .Config.Entrypoint}} {{.Config.User}}", IMAGE));
    assert_string_equal(text, "[\"/init\",\"--\",\"/app\"] 65532");
}

static void container_becomes_healthy(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--name", "healthy"));
    await_health(*state, "healthy");
    inspect(*state, "{{json (index .State.Health.Log 0).Output}}", text);
    assert_contains(text, "ok    http://localhost:8080/health  200 in ");
}

static void port_comes_from_the_environment(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--env", "PORT=9090"));
    await_health(*state, "healthy");
    inspect(*state, "{{(index .State.Health.Log 0).Output}}", text);
    assert_contains(text, "http://localhost:9090/health");
}

static void failing_app_is_unhealthy_with_one_line_that_says_why(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--name", "failing"));
    await_health(*state, "healthy");
    app_answers(*state, "POST /fail", text);
    await_health(*state, "unhealthy");
    inspect(*state, "{{range .State.Health.Log}}{{if .ExitCode}}{{.ExitCode}} {{json .Output}}{{end}}{{end}}", text);
    assert_contains(text, "1 \"FAIL  http://localhost:8080/health  ");
    assert_contains(text, "503");
    assert_lacks(strstr(text, "\\n") + 2, "\\n");
}

static void stop_is_quick_and_keeps_the_status_of_the_app(void **state)
{
    char *container = *state;
    char text[TEXT_MAX];

    start(container, ARGV("--env", "EXIT_STATUS=42"));
    await_health(container, "healthy");
    int64_t took = succeed(docker(ARGV("stop", container)))->ms;
    if (took >= STOP_MS)
        fail_msg("docker stop took %ld ms", (long)took);
    inspect(container, "{{.State.ExitCode}}", text);
    assert_string_equal(text, "42");
    ask(text, ARGV("logs", container));
    assert_contains(text, "stopping: Terminated\nbye");
}

static void status_of_an_app_that_ends_by_itself_is_kept(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--health-retries", "1"));
    await_health(*state, "healthy");
    app_answers(*state, "POST /exit?status=7", text);
    await(*state, "{{.State.Status}} {{.State.ExitCode}}", "exited 7");
}

static void there_is_no_shell_and_no_client(void **state)
{
    static char *const programs[] = { "sh", "/bin/sh", "bash", "busybox", "curl", "wget" };
    char *container = *state;

    start(container, ARGV("--name", "shell-less"));
    await_health(container, "healthy");
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        const struct run_result *result = docker(ARGV("exec", container, programs[i]));
        if (result->status != 126 && result->status != 127)
            fail_msg("exec of %s: status %d", programs[i], result->status);
        char said[2 * TEXT_MAX];
        snprintf(said, sizeof said, "%.4000s%.4000s", result->out, result->err);
        if (!strstr(said, "no such file") && !strstr(said, "not found"))
            fail_msg("exec of %s: %s", programs[i], said);
    }
}

static void hardened_container_is_healthy(void **state)
{
    start(*state, ARGV("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "65532",
                       "--pids-limit", "64"));
    await_health(*state, "healthy");
    assert_hardened(first_pid(*state));
}

/* The limit on processes holds zombies too: 1,000 of them are more than it lets stand. */
static void orphans_leave_no_zombies(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--pids-limit", "64"));
    await_health(*state, "healthy");
    app_answers(*state, "POST /orphans?count=1000", text);
    assert_string_equal(text, "1000 of 1000 orphans made\n");
    assert_int_equal(zombies_after_a_while(*state), 0);
}

static void orphans_without_init_do_leave_zombies(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--entrypoint", "/app"));
    await_health(*state, "healthy");
    app_answers(*state, "POST /orphans?count=100", text);
    app_answers(*state, "GET /zombies", text);
    assert_string_equal(text, "100\n");
}

static void docker_run_with_its_init_option_starts_this_init(void **state)
{
    char *container = *state;
    char text[TEXT_MAX];

    start(container, ARGV("--init", "--entrypoint", "/app", "--env", "EXIT_STATUS=42"));
    await_health(container, "healthy");
    read_proc(first_pid(container), "cmdline", text);
    assert_contains(text, "docker-init -- /app");
    app_answers(container, "POST /orphans?count=100", text);
    assert_int_equal(zombies_after_a_while(container), 0);
    succeed(docker(ARGV("kill", "--signal", "TERM", container)));
    await(container, "{{.State.Status}} {{.State.ExitCode}}", "exited 42");
}

/* Neither the engine nor another tool looks at the app's health here: only init's exit makes the restart policy act. */
static void watched_app_that_goes_unhealthy_is_restarted(void **state)
{
    char *container = *state;
    char text[TEXT_MAX], filter[96];

    start_with(container, ARGV("--restart", "on-failure", "--entrypoint", "/init"),
               ARGV("--watch", "http://localhost:8080/health", "--watch-interval", "100ms", "--watch-start-period",
                    "30s", "--", "/app"));
    await(container, "{{.RestartCount}} {{.State.Health.Status}}", "0 healthy");
    app_answers(container, "POST /fail", text);
    await(container, "{{.RestartCount}} {{.State.Health.Status}}", "1 healthy");
    snprintf(filter, sizeof filter, "container=%s", container);
    ask(text, ARGV("events", "--since", "0", "--until=-1s", "--filter", "event=die", "--filter", filter, "--format",
                   "{{.Actor.Attributes.exitCode}}"));
    assert_string_equal(text, "125");
    ask(text, ARGV("logs", container));
    assert_contains(text, "stopping: Terminated\nbye");
}

/* What `docker exec` started is no descendant of init's, but in its PID namespace: TERM lets it end by itself. */
static void grace_lets_an_executed_process_finish(void **state)
{
    static struct run_result result;
    char *container = *state;
    struct run_child executed;
    char text[TEXT_MAX];

    start_with(container, ARGV("--entrypoint", "/init"), ARGV("--grace", "10s", "--", "/app"));
    await_health(container, "healthy");
    run_start(&executed, NULL,
              ARGV("docker", "exec", "--env", "PORT=9090", "--env", "EXIT_STATUS=9", container, "/app"));
    succeed(docker(ARGV("exec", container, "/healthcheck", "--wait", "20s", "http://localhost:9090/health")));
    app_answers(container, "POST /exit?status=7", text);
    run_finish(&executed, &result);
    assert_status(&result, 9);
    assert_contains(result.out, "stopping: Terminated\nbye");
    await(container, "{{.State.Status}} {{.State.ExitCode}}", "exited 7");
}

/* The engine reads "tini version X.Y.Z - git.COMMIT" of its init binary. */
static void engine_names_the_version_of_this_init(void **state)
{
    char binary[TEXT_MAX], commit[TEXT_MAX], version[TEXT_MAX], expected[2 * TEXT_MAX + 64];

    (void)state;
    require_engine();
    ask(binary, ARGV("info", "--format", "{{.InitBinary}}"));
    ask(commit, ARGV("info", "--format", "{{.InitCommit.ID}}"));
    ask(version, ARGV("version", "--format",
                      "{{range .Server.Components}}{{if eq .Name \"docker-init\"}}{{.Version}}{{end}}{{end}}"));
    assert_string_not_equal(commit, "");
    snprintf(expected, sizeof expected, "tini version %s - git.%s ", version, commit);
    assert_contains(succeed(run(NULL, ARGV(binary, "--version")))->out, expected);
}

#define promise(test) cmocka_unit_test_setup_teardown(test, create_fixture, remove_container)

int main(void)
{
    struct CMUnitTest tests[] = {
        cmocka_unit_test(dockerfile_builds_as_it_stands),
        promise(container_becomes_healthy),
        promise(port_comes_from_the_environment),
        promise(failing_app_is_unhealthy_with_one_line_that_says_why),
        promise(stop_is_quick_and_keeps_the_status_of_the_app),
        promise(status_of_an_app_that_ends_by_itself_is_kept),
        promise(there_is_no_shell_and_no_client),
        promise(hardened_container_is_healthy),
        promise(orphans_leave_no_zombies),
        promise(orphans_without_init_do_leave_zombies),
        promise(docker_run_with_its_init_option_starts_this_init),
        promise(watched_app_that_goes_unhealthy_is_restarted),
        promise(grace_lets_an_executed_process_finish),
        cmocka_unit_test(engine_names_the_version_of_this_init),
    };

    if (getenv("PITH_EXAMPLE"))
        tests[0] = (struct CMUnitTest)cmocka_unit_test(image_of_another_engine_loads);
    return cmocka_run_group_tests_name("docker", tests, NULL, NULL);
}
