/* The promises of Dockerfile.example, kept by a real Docker engine: health, stop, no shell, hardening, orphans, --init. */
#include "examples/demo/container.h"
#include "support/run.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define IMAGE "pith-example"
#define ARGV(...) ((char *[]){__VA_ARGS__, NULL})

enum { PORT = 8080, BUILD_MS = 480000, COMMAND_MS = 60000, DEADLINE_MS = 20000, STOP_MS = 1000, WORDS_MAX = 40, TEXT_MAX = 4096 };

/* The container of the test that runs. */
struct fixture {
    char id[80];
};

/* --- the engine ---------------------------------------------------------------- */

static void require_engine(void)
{
    const char *reason = getenv("NO_ENGINE");

    if (!reason)
        return;
    printf("# skip: no Docker engine: %s\n", reason);
    fflush(stdout);
    skip();
}

static const struct run_result *docker(char *const arguments[])
{
    const struct run_options options = {.bound_ms = COMMAND_MS};
    char *argv[WORDS_MAX] = {"docker"};

    for (size_t i = 0; i + 2 < WORDS_MAX && arguments[i]; i++)
        argv[i + 1] = arguments[i];
    return run(&options, argv);
}

static const struct run_result *succeed(const struct run_result *result)
{
    if (result->status != 0)
        fail_msg("status %d: %s%s", result->status, result->out, result->err);
    return result;
}

/* Runs docker, which must succeed, and keeps what it printed without the last newline. */
static void ask(char text[TEXT_MAX], char *const arguments[])
{
    snprintf(text, TEXT_MAX, "%.4000s", succeed(docker(arguments))->out);
    if (*text && text[strlen(text) - 1] == '\n')
        text[strlen(text) - 1] = '\0';
}

static void inspect(struct fixture *container, char *format, char text[TEXT_MAX])
{
    ask(text, ARGV("inspect", "--format", format, container->id));
}

/* Looks every 50 ms until inspection by FORMAT says WANTED. */
static void await(struct fixture *container, char *format, const char *wanted)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    int64_t end = run_now_ms() + DEADLINE_MS;
    char text[TEXT_MAX];

    for (inspect(container, format, text); strcmp(text, wanted) != 0; inspect(container, format, text)) {
        if (run_now_ms() > end)
            fail_msg("%s is '%s' and not '%s' after %d ms", format, text, wanted, DEADLINE_MS);
        nanosleep(&pause, NULL);
    }
}

static void await_health(struct fixture *container, const char *wanted)
{
    await(container, "{{.State.Health.Status}}", wanted);
}

static void append(char *argv[WORDS_MAX], char *const words[])
{
    size_t count = 0;

    while (argv[count])
        count++;
    while (*words && count + 1 < WORDS_MAX)
        argv[count++] = *words++;
}

/* Starts the example image without a network, probed often and judged at once, with OPTIONS of `docker run` besides. */
static void start_with(struct fixture *container, char *const options[], char *const arguments[])
{
    char *argv[WORDS_MAX] = {"run", "--detach", "--pull", "never", "--network", "none", "--health-interval", "200ms",
                             "--health-start-period", "1ms", "--health-retries", "1"};
    char id[TEXT_MAX];

    require_engine();
    append(argv, options);
    append(argv, ARGV(IMAGE));
    append(argv, arguments);
    ask(id, argv);
    snprintf(container->id, sizeof container->id, "%.70s", id);
}

static void start(struct fixture *container, char *const options[])
{
    start_with(container, options, ARGV(NULL));
}

static int create_fixture(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int remove_container(void **state)
{
    struct fixture *container = *state;

    if (container->id[0])
        docker(ARGV("rm", "--force", container->id));
    free(container);
    return 0;
}

/* --- inside the container ------------------------------------------------------ */

static long first_pid(struct fixture *container)
{
    char text[TEXT_MAX];

    inspect(container, "{{.State.Pid}}", text);
    return strtol(text, NULL, 10);
}

/* Sends "METHOD PATH" to the app from within the container's network, and asserts a 200. */
static void request(struct fixture *container, const char *line, char text[TEXT_MAX])
{
    static struct container_result result;
    struct container inside = {.pid = (pid_t)first_pid(container)};

    inside.pidfd = (int)syscall(SYS_pidfd_open, inside.pid, 0);
    assert_true(inside.pidfd >= 0);
    container_request(&inside, PORT, line, &result);
    close(inside.pidfd);
    if (result.status != 0)
        fail_msg("%s: %s", line, result.output);
    snprintf(text, TEXT_MAX, "%.100s", result.output);
}

/* Init may have the last orphans still before it when the app has made them all. */
static long zombies_after_a_while(struct fixture *container)
{
    int64_t end = run_now_ms() + DEADLINE_MS / 4;
    char text[TEXT_MAX];

    do
        request(container, "GET /zombies", text);
    while (strcmp(text, "0\n") != 0 && run_now_ms() < end);
    return strtol(text, NULL, 10);
}

/* Reads a file of /proc/PID of the container's first process; its NULs become spaces. */
static void read_proc(struct fixture *container, const char *name, char text[TEXT_MAX])
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%ld/%s", first_pid(container), name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(text, 1, TEXT_MAX - 1, file);
    fclose(file);
    text[size] = '\0';
    for (size_t i = 0; i + 1 < size; i++)
        if (text[i] == '\0')
            text[i] = ' ';
}

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

/* --- the promises -------------------------------------------------------------- */

static void dockerfile_builds_as_it_stands(void **state)
{
    const struct run_options patient = {.bound_ms = BUILD_MS};
    char text[TEXT_MAX];

    (void)state;
    require_engine();
    succeed(run(&patient, ARGV("tests/e2e/images")));
    succeed(run(&patient, ARGV("docker", "build", "--network", "host", "--file", "Dockerfile.example", "--tag", IMAGE, ".")));
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
    request(*state, "POST /fail", text);
    await_health(*state, "unhealthy");
    inspect(*state, "{{range .State.Health.Log}}{{if .ExitCode}}{{.ExitCode}} {{json .Output}}{{end}}{{end}}", text);
    assert_contains(text, "1 \"FAIL  http://localhost:8080/health  ");
    assert_contains(text, "503");
    assert_null(strstr(strstr(text, "\\n") + 2, "\\n"));
}

static void stop_is_quick_and_keeps_the_status_of_the_app(void **state)
{
    struct fixture *container = *state;
    char text[TEXT_MAX];

    start(container, ARGV("--env", "EXIT_STATUS=42"));
    await_health(container, "healthy");
    int64_t took = succeed(docker(ARGV("stop", container->id)))->ms;
    if (took >= STOP_MS)
        fail_msg("docker stop took %ld ms", (long)took);
    inspect(container, "{{.State.ExitCode}}", text);
    assert_string_equal(text, "42");
    ask(text, ARGV("logs", container->id));
    assert_contains(text, "stopping: Terminated\nbye");
}

static void status_of_an_app_that_ends_by_itself_is_kept(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--health-retries", "1"));
    await_health(*state, "healthy");
    request(*state, "POST /exit?status=7", text);
    await(*state, "{{.State.Status}} {{.State.ExitCode}}", "exited 7");
}

static void there_is_no_shell_and_no_client(void **state)
{
    static char *const programs[] = {"sh", "/bin/sh", "bash", "busybox", "curl", "wget"};
    struct fixture *container = *state;

    start(container, ARGV("--name", "shell-less"));
    await_health(container, "healthy");
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        const struct run_result *result = docker(ARGV("exec", container->id, programs[i]));
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
    char text[TEXT_MAX];

    start(*state, ARGV("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--user", "65532",
                       "--pids-limit", "64"));
    await_health(*state, "healthy");
    read_proc(*state, "status", text);
    assert_contains(text, "\nUid:\t65532\t65532\t65532\t65532\n");
    assert_contains(text, "\nCapBnd:\t0000000000000000\n");
    assert_contains(text, "\nNoNewPrivs:\t1\n");
    read_proc(*state, "mounts", text);
    assert_contains(text, " / overlay ro,");
}

/* The limit on processes holds zombies too: 1,000 of them are more than it lets stand. */
static void orphans_leave_no_zombies(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--pids-limit", "64"));
    await_health(*state, "healthy");
    request(*state, "POST /orphans?count=1000", text);
    assert_string_equal(text, "1000 of 1000 orphans made\n");
    assert_int_equal(zombies_after_a_while(*state), 0);
}

static void orphans_without_init_do_leave_zombies(void **state)
{
    char text[TEXT_MAX];

    start(*state, ARGV("--entrypoint", "/app"));
    await_health(*state, "healthy");
    request(*state, "POST /orphans?count=100", text);
    request(*state, "GET /zombies", text);
    assert_string_equal(text, "100\n");
}

static void docker_run_with_its_init_option_starts_this_init(void **state)
{
    struct fixture *container = *state;
    char text[TEXT_MAX];

    start(container, ARGV("--init", "--entrypoint", "/app", "--env", "EXIT_STATUS=42"));
    await_health(container, "healthy");
    read_proc(container, "cmdline", text);
    assert_contains(text, "docker-init -- /app");
    request(container, "POST /orphans?count=100", text);
    assert_int_equal(zombies_after_a_while(container), 0);
    succeed(docker(ARGV("kill", "--signal", "TERM", container->id)));
    await(container, "{{.State.Status}} {{.State.ExitCode}}", "exited 42");
}

/* Neither the engine nor another tool looks at the app's health here: only init's exit makes the restart policy act. */
static void watched_app_that_goes_unhealthy_is_restarted(void **state)
{
    struct fixture *container = *state;
    char text[TEXT_MAX], filter[96];

    start_with(container, ARGV("--restart", "on-failure", "--entrypoint", "/init"),
               ARGV("--watch", "http://localhost:8080/health", "--watch-interval", "100ms", "--", "/app"));
    await(container, "{{.RestartCount}} {{.State.Health.Status}}", "0 healthy");
    request(container, "POST /fail", text);
    await(container, "{{.RestartCount}} {{.State.Health.Status}}", "1 healthy");
    snprintf(filter, sizeof filter, "container=%s", container->id);
    ask(text, ARGV("events", "--since", "0", "--until=-1s", "--filter", "event=die", "--filter", filter, "--format",
                   "{{.Actor.Attributes.exitCode}}"));
    assert_string_equal(text, "125");
    ask(text, ARGV("logs", container->id));
    assert_contains(text, "stopping: Terminated\nbye");
}

/* What `docker exec` started is no descendant of init's, but in its PID namespace: TERM lets it end by itself. */
static void grace_lets_an_executed_process_finish(void **state)
{
    static struct run_result result;
    struct fixture *container = *state;
    struct run_child executed;
    char text[TEXT_MAX];

    start_with(container, ARGV("--entrypoint", "/init"), ARGV("--grace", "10s", "--", "/app"));
    await_health(container, "healthy");
    run_start(&executed, NULL, ARGV("docker", "exec", "--env", "PORT=9090", "--env", "EXIT_STATUS=9", container->id, "/app"));
    succeed(docker(ARGV("exec", container->id, "/healthcheck", "--wait", "20s", "http://localhost:9090/health")));
    request(container, "POST /exit?status=7", text);
    run_finish(&executed, &result);
    assert_int_equal(result.status, 9);
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
    const struct CMUnitTest tests[] = {
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

    return cmocka_run_group_tests_name("docker", tests, NULL, NULL);
}
