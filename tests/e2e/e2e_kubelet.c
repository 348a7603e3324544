/* The promises of examples/kubernetes/, kept by a real kubelet: probes by exec, drain, restarts, exit report, pause. */
#include "common.h"
#include "support/test.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PORT = 8080, NEIGHBOUR_PORT = 9090, KUBELET_MS = 90000 };

/* --- what the kubelet says ------------------------------------------------------ */

/* Applies a jq FILTER to the status of a container, as the kubelet's /pods has it. Empty where there is none yet. */
static void ask_kubelet(const char *pod, const char *container, const char *filter, char text[TEXT_MAX])
{
    char program[1024];

    snprintf(program, sizeof program,
             ".items[]? | select(.metadata.name == \"%s-node\") | .status.containerStatuses[]? | "
             "select(.name == \"%s\") | %s",
             pod, container, filter);
    snprintf(text, TEXT_MAX, "%.4000s",
             run(NULL, ARGV("sh", "-c", "curl -s http://127.0.0.1:10255/pods | jq -r \"$0\"", program))->out);
    text[strcspn(text, "\n")] = '\0';
}

static void await_status(const char *pod, const char *container, const char *filter, const char *wanted)
{
    int64_t end = run_now_ms() + KUBELET_MS;
    char text[TEXT_MAX], what[2 * TEXT_MAX];

    for (ask_kubelet(pod, container, filter, text); strcmp(text, wanted) != 0;
         ask_kubelet(pod, container, filter, text)) {
        snprintf(what, sizeof what, "%s of %s is '%.4000s' and not '%s'", filter, pod, text, wanted);
        look_again(end, what);
    }
}

/* Waits for the container to be ready after so many restarts. */
static void await_ready(const char *pod, const char *container, const char *restarts)
{
    char wanted[32];

    snprintf(wanted, sizeof wanted, "true %s", restarts);
    await_status(pod, container, "\"\\(.ready) \\(.restartCount)\"", wanted);
}

/* Whether a line of the kubelet's log matches PATTERN, a basic regular expression. */
static bool log_has(const char *pattern)
{
    char path[256];

    snprintf(path, sizeof path, "%s/log", getenv("KUBELET_DIR"));
    return run(NULL, ARGV("grep", "-q", "-e", (char *)pattern, path))->status == 0;
}

static void await_log(const char *pattern)
{
    for (int64_t end = run_now_ms() + KUBELET_MS; !log_has(pattern);)
        look_again(end, pattern);
}

/* --- pods ----------------------------------------------------------------------- */

static void manifest(const char *pod, char from[256], char to[256])
{
    require_engine();
    snprintf(from, 256, "examples/kubernetes/%s.yaml", pod);
    snprintf(to, 256, "%s/pods/%s.yaml", getenv("KUBELET_DIR"), pod);
}

static void add_pod(const char *pod)
{
    char from[256], to[256];

    manifest(pod, from, to);
    succeed(run(NULL, ARGV("cp", from, to)));
}

/* The number of a running container's first process; "POD" is the pause container. 0 where there is none. */
static pid_t find_pid(const char *pod, const char *name)
{
    char node_pod[128];

    snprintf(node_pod, sizeof node_pod, "%s-node", pod);
    return (pid_t)strtol(succeed(run(NULL, ARGV("tests/e2e/pod-pid", node_pod, (char *)name)))->out, NULL, 10);
}

static pid_t pid_of(const char *pod, const char *name)
{
    pid_t pid = find_pid(pod, name);

    if (pid <= 0)
        fail_msg("no container %s of %s runs", name, pod);
    return pid;
}

static void end_pod(const char *pod)
{
    char from[256], to[256];

    manifest(pod, from, to);
    assert_int_equal(unlink(to), 0);
    for (int64_t end = run_now_ms() + KUBELET_MS; find_pid(pod, "POD") > 0;)
        look_again(end, "the end of the pod");
}

static void terminate(const char *pod, const char *name)
{
    assert_int_equal(kill(pid_of(pod, name), SIGTERM), 0);
}

/* The process that the container's init has started. */
static pid_t app_of(const char *pod, const char *name)
{
    char path[64], text[TEXT_MAX];
    pid_t init = pid_of(pod, name);

    snprintf(path, sizeof path, "task/%ld/children", (long)init);
    read_proc(init, path, text);
    return (pid_t)strtol(text, NULL, 10);
}

/* --- the promises, in the order of one pod's life --------------------------------- */

static void hardened_pod_passes_startup_readiness_and_liveness(void **state)
{
    (void)state;
    add_pod("probes");
    await_ready("probes", "app", "0");
    await_status("probes", "app", ".started", "true");
    await_log("Startup probe for \"probes-node_default(.*):app\" succeeded");
    await_log("Readiness probe for \"probes-node_default(.*):app\" succeeded");
    await_log("Liveness probe for \"probes-node_default(.*):app\" succeeded");
    assert_hardened(pid_of("probes", "app"));
}

/* The numbers of the processes called healthcheck in the container, as pgrep(1) prints them. */
static void find_probes(char text[TEXT_MAX])
{
    char pid[32];

    snprintf(pid, sizeof pid, "%ld", (long)pid_of("probes", "app"));
    snprintf(text, TEXT_MAX, "%.4000s",
             run(NULL, ARGV("pgrep", "--ns", pid, "--nslist", "pid", "--exact", "healthcheck"))->out);
}

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* The one for readiness, which would run each second, and the one for liveness. */
static void held_probes_are_a_process_each(void **state)
{
    char first[TEXT_MAX], later[TEXT_MAX];
    int64_t end = run_now_ms() + KUBELET_MS;

    (void)state;
    require_engine();
    for (find_probes(first); lines_of(first) != 2; find_probes(first))
        look_again(end, "two probes that stay");
    poll(NULL, 0, 5000);
    find_probes(later);
    assert_string_equal(later, first);
}

/* Those that stay when a kubelet ends are nothing to the next one, which starts its own. */
static void restart_of_the_kubelet_restarts_no_container(void **state)
{
    char path[256], probes[TEXT_MAX];
    int first, second;
    int64_t end = run_now_ms() + KUBELET_MS;

    (void)state;
    require_engine();
    pid_t init = pid_of("probes", "app");
    find_probes(probes);
    assert_int_equal(sscanf(probes, "%d %d", &first, &second), 2);
    snprintf(path, sizeof path, "%s/pid", getenv("KUBELET_DIR"));
    succeed(run(NULL, ARGV("sh", "-c", "kill \"$(cat \"$0\")\"", path)));
    for (; kill(first, 0) == 0 || kill(second, 0) == 0 || lines_of(probes) != 2; find_probes(probes))
        look_again(end, "two other probes that stay");
    await_ready("probes", "app", "0");
    assert_int_equal(pid_of("probes", "app"), init);
}

/* The app itself is well in the meantime, and alive: nothing is restarted before it has ended. */
static void readiness_is_off_during_the_stop_delay(void **state)
{
    (void)state;
    require_engine();
    terminate("probes", "app");
    await_status("probes", "app", "\"\\(.ready) \\(.restartCount) \\(.state | keys[0])\"", "false 0 running");
    request(pid_of("probes", "app"), PORT, "GET /health", (char[TEXT_MAX]){ 0 });
    await_ready("probes", "app", "1");
}

static void exit_report_is_the_termination_message(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    require_engine();
    ask_kubelet("probes", "app", ".lastState.terminated | \"\\(.exitCode) \\(.message)\"", text);
    assert_contains(text, "0 {");
    assert_contains(text, "\"command\":\"/app\"");
    assert_contains(text, "\"reason\":\"stopped\"");
}

static void probe_that_hangs_ends_before_the_kubelets_timeout(void **state)
{
    (void)state;
    require_engine();
    pid_t app = app_of("probes", "app");
    assert_int_equal(kill(app, SIGSTOP), 0);
    await_log("Readiness probe failed: FAIL  http://localhost:8080/health  timed out after 2s");
    kill(app, SIGCONT); /* unless the other probe has had it restarted, as happens where the machine is slow */
    await_status("probes", "app", ".ready", "true");
}

static void failing_liveness_probe_restarts_the_container(void **state)
{
    char text[TEXT_MAX], restarts[32];

    (void)state;
    require_engine();
    ask_kubelet("probes", "app", ".restartCount", text);
    snprintf(restarts, sizeof restarts, "%ld", strtol(text, NULL, 10) + 1);
    request(pid_of("probes", "app"), PORT, "POST /fail", text);
    await_status("probes", "app", ".ready", "false");
    await_ready("probes", "app", restarts);
    assert_true(log_has("Container app failed liveness probe, will be restarted"));
}

static void startup_probe_that_may_stay_leaves_when_all_is_well(void **state)
{
    (void)state;
    require_engine();
    succeed(run(NULL, ARGV("sh", "-c",
                           "sed -e 's/^  name: probes$/  name: startup/' -e '/startupProbe/,/timeoutSeconds/ {' "
                           "-e 's|\\[\"/healthcheck\", |&\"--hold\", \"10m\", \"-t\", \"1s\", |' "
                           "-e 's/timeoutSeconds: 3/timeoutSeconds: 660/' -e '}' examples/kubernetes/probes.yaml "
                           ">\"$KUBELET_DIR/pods/startup.yaml\"")));
    await_ready("startup", "app", "0");
    await_status("startup", "app", ".started", "true");
    assert_true(log_has("Startup probe for \"startup-node_default(.*):app\" succeeded"));
    end_pod("startup");
}

static void app_without_either_binary_gets_both_from_init_containers(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    add_pod("install");
    await_ready("install", "app", "0");
    read_proc(pid_of("install", "app"), "cmdline", text);
    assert_string_equal(text, "/pith/init -- /app");
    assert_hardened(pid_of("install", "app"));
}

/* --- the pod of docs/kubernetes.md that waits for its database ------------------------------------ */

static void add_guide_pod(const char *pod, const char *filter)
{
    char command[256];

    require_engine();
    snprintf(command, sizeof command, "tests/e2e/guide-pod %s | sed '%s' >\"$KUBELET_DIR/pods/%s.yaml\"", pod, filter,
             pod);
    succeed(run(NULL, ARGV("sh", "-c", command)));
}

/* Waits for what the container's init has started to be COMMAND. */
static void await_command(const char *pod, const char *command)
{
    char text[TEXT_MAX] = "";

    for (int64_t end = run_now_ms() + KUBELET_MS; strncmp(text, command, strlen(command)) != 0;
         look_again(end, command))
        if (find_pid(pod, "app") > 0 && app_of(pod, "app") > 0)
            read_proc(app_of(pod, "app"), "cmdline", text);
}

/* At PORT of every address of the kubelet's network, the bridge's too. */
static int listen_at(uint16_t port)
{
    const struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_at_least(fd, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static void program_waits_for_a_host_that_a_mounted_list_allows(void **state)
{
    (void)state;
    add_guide_pod("wait", "");
    await_command("wait", "/healthcheck --wait 30s tcp://db:5432");
    pid_t waiting = app_of("wait", "app");
    int fd = listen_at(5432);
    await_command("wait", "/app");
    assert_int_equal(app_of("wait", "app"), waiting);
    close(fd);
}

/* kubelet makes the folder with mode 0777. */
static void list_in_a_folder_of_kubelets_is_ignored(void **state)
{
    (void)state;
    add_guide_pod("folder", "s|/allow, subPath: allow||");
    await_status("folder", "app", ".lastState.terminated.exitCode", "1");
    succeed(run(NULL, ARGV("sh", "-c",
                           "grep -q 'could have been written by the user who runs this probe' "
                           "/var/log/pods/default_folder-node_*/app/*.log")));
}

/* --- pods that end ---------------------------------------------------------------------------- */

/*
 * The end of one container, --grace and all, is nothing to the other one, though both see each other's processes. Each
 * is as ready as its own init, which is not PID 1, says.
 */
static void shared_pid_namespace_keeps_neighbours_apart(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    add_pod("shared-pid");
    await_ready("shared-pid", "app", "0");
    await_ready("shared-pid", "neighbour", "0");
    pid_t neighbour = app_of("shared-pid", "neighbour");
    request(pid_of("shared-pid", "app"), PORT, "POST /orphans?count=100", text);
    terminate("shared-pid", "app");
    await_status("shared-pid", "app", "\"\\(.ready) \\(.restartCount) \\(.state | keys[0])\"", "false 0 running");
    await_ready("shared-pid", "neighbour", "0");
    ask_kubelet("shared-pid", "app", ".restartCount", text); /* both at once: it has not started anew yet */
    assert_string_equal(text, "0");
    await_ready("shared-pid", "app", "1");
    await_ready("shared-pid", "neighbour", "0");
    assert_int_equal(app_of("shared-pid", "neighbour"), neighbour);
    request(pid_of("shared-pid", "neighbour"), NEIGHBOUR_PORT, "GET /zombies", text);
    assert_string_equal(text, "0\n");
}

static void pause_container_is_this_init(void **state)
{
    char text[TEXT_MAX];

    (void)state;
    require_engine();
    read_proc(pid_of("shared-pid", "POD"), "cmdline", text);
    assert_string_equal(text, "/init -P");
}

static void pod_without_manifest_ends(void **state)
{
    (void)state;
    end_pod("shared-pid");
}

static void pod_whose_probes_stay_ends_as_well(void **state)
{
    (void)state;
    require_engine();
    await_status("probes", "app", ".ready", "true");
    end_pod("probes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hardened_pod_passes_startup_readiness_and_liveness),
        cmocka_unit_test(held_probes_are_a_process_each),
        cmocka_unit_test(restart_of_the_kubelet_restarts_no_container),
        cmocka_unit_test(readiness_is_off_during_the_stop_delay),
        cmocka_unit_test(exit_report_is_the_termination_message),
        cmocka_unit_test(probe_that_hangs_ends_before_the_kubelets_timeout),
        cmocka_unit_test(failing_liveness_probe_restarts_the_container),
        cmocka_unit_test(startup_probe_that_may_stay_leaves_when_all_is_well),
        cmocka_unit_test(app_without_either_binary_gets_both_from_init_containers),
        cmocka_unit_test(program_waits_for_a_host_that_a_mounted_list_allows),
        cmocka_unit_test(list_in_a_folder_of_kubelets_is_ignored),
        cmocka_unit_test(shared_pid_namespace_keeps_neighbours_apart),
        cmocka_unit_test(pause_container_is_this_init),
        cmocka_unit_test(pod_without_manifest_ends),
        cmocka_unit_test(pod_whose_probes_stay_ends_as_well),
    };

    return cmocka_run_group_tests_name("kubelet", tests, NULL, NULL);
}
