/* The line below a failure: every kind of it with a real cause, none where there is none, and what it never holds. */
#include "support/listener.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
static struct script_server server;
static struct subject s;

/* A probe of a server that never answers; one of a port where nobody listens. */
static const char *silent(void)
{
    return format("http://127.0.0.1:%d/", server.port);
}

static const char *closed(void)
{
    return format("tcp://127.0.0.1:%d", script_free_port("127.0.0.1"));
}

static const struct run_result *shell(const char *command)
{
    return run(NULL, (char *[]){ "sh", "-c", (char *)(uintptr_t)command, NULL });
}

/* A child of the test that is ready once WORK(ARGUMENT), which returns, has been done, and then waits to be ended. */
static pid_t start_child(void (*work)(void *argument), void *argument)
{
    int ends[2];
    char byte;

    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        work(argument);
        if (write(ends[1], "", 1) != 1)
            _exit(98);
        for (;;)
            pause();
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        fail_msg("the child has ended before it was ready");
    close(ends[0]);
    return pid;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* --- who listens ------------------------------------------------------------------------------- */

static void listen_by_both(void *argument)
{
    struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
    int *ports = argument;
    socklen_t length = sizeof any;
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    prctl(PR_SET_NAME, "an-app");
    listener_open(8, &ports[0]);
    if (bind(fd, (struct sockaddr *)&any, length) != 0 || listen(fd, 8) != 0 ||
        getsockname(fd, (struct sockaddr *)&any, &length) != 0)
        _exit(98);
    ports[1] = ntohs(any.sin6_port);
}

/* Shared with children. */
static int *shared;

static bool is_told(void *says)
{
    return strstr(probe(closed(), NULL)->out, says) != NULL;
}

/* Names of programs are looked for as long as there is time: on a machine that does much else it may take two probes.
 */
static void await_hint(char *says)
{
    await(is_told, says, says);
}

static void where_nobody_listens_those_who_do_are_told(void **state)
{
    pid_t app = start_child(listen_by_both, shared);

    (void)state;
    const struct run_result *result = probe(closed(), NULL);
    assert_status(result, 1);
    assert_says(result, "  connection refused (127.0.0.1)\n      here listen: ");
    assert_says(result, format("127.0.0.1:%d", shared[0]));
    assert_says(result, format("[::]:%d", shared[1]));
    await_hint(format("127.0.0.1:%d (an-app)", shared[0]));
    await_hint(format("[::]:%d (an-app)", shared[1]));
    result = probe(format("listen://localhost:%d", script_free_port("127.0.0.1")), NULL);
    assert_says(result, "  nothing listens there\n      here listen: ");
    end_child(app);
    assert_says_not(probe(closed(), NULL), "an-app");
}

static void two_failures_have_a_hint_each_and_json_has_it_too(void **state)
{
    pid_t app = start_child(listen_by_both, shared);
    const char *a = closed(), *b = closed();

    (void)state;
    assert_count(probe(a, b, NULL)->out, "\n      here listen: ", 2);
    const struct run_result *result = probe("-ojson", a, silent(), "-t300ms", NULL);
    assert_says(result, "\"reason\":\"connection refused (127.0.0.1)\",\"hint\":\"here listen: ");
    assert_says(result, format("127.0.0.1:%d", shared[0]));
    assert_count(result->out, "\"hint\":", 1);
    end_child(app);
}

/* As an exec probe of a container that runs as another user than COMMAND, without a capability. */
static void whoever_may_not_see_a_program_is_told_its_port(void **state)
{
    pid_t app = start_child(listen_by_both, shared);
    const struct run_result *result =
        shell(format("exec setpriv --reuid=65532 --regid=65532 --clear-groups '%s' '%s'", probe_binary(), closed()));

    (void)state;
    assert_says(result, format("127.0.0.1:%d", shared[0]));
    assert_says_not(result, "an-app");
    end_child(app);
}

/* A program's arguments and environment are nobody's business. */
static void no_argument_variable_or_path_is_told(void **state)
{
    static const char listens[] = "import socket, time\ns = socket.create_server(('127.0.0.1', 0))\n"
                                  "print(s.getsockname()[1], flush=True)\ntime.sleep(1000)\n";
    char *const argv[] = { "/usr/bin/python3", "-c", (char *)(uintptr_t)listens, "--password=hunter2", NULL };
    char *const variables[] = { "SECRET=hunter2", NULL };
    const struct run_options options = { .environment = variables };
    struct run_child child;
    char port[16] = "";

    (void)state;
    run_start(&child, &options, argv);
    assert_int_equal(poll(&(struct pollfd){ .fd = child.out, .events = POLLIN }, 1, RUN_BOUND_MS), 1);
    assert_at_least(read(child.out, port, sizeof port - 1), 2);
    port[strcspn(port, "\n")] = '\0';
    await_hint(format("127.0.0.1:%s (python", port));
    const struct run_result *result = probe("-ojson", closed(), NULL);
    assert_says(result, format("127.0.0.1:%s", port));
    assert_says_not(result, "hunter2");
    const char *hint = strstr(result->out, "\"hint\":");
    assert_true(strcspn(hint, "/") > strcspn(hint, "}"));
    static struct run_result ended;
    kill(child.pid, SIGKILL);
    run_finish(&child, &ended);
}

/* --- that it ends in time ----------------------------------------------------------------------- */

enum { MANY = 100, DESCRIPTORS = 300 };

static void open_many(void *argument)
{
    (void)argument;
    for (int i = 0; i < DESCRIPTORS; i++)
        if (dup(STDERR_FILENO) < 0)
            _exit(98);
}

/* A listener that no process has open, as it is on its way from one to another: all are looked through for it. */
static void send_listener(int ends[2], int *port)
{
    int fd = listener_open(8, port);
    char byte = 0, control[CMSG_SPACE(sizeof fd)] = { 0 };
    struct iovec data = { &byte, 1 };
    struct msghdr message = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
    };
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);

    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    assert_int_equal(sendmsg(ends[0], &message, 0), 1);
    close(fd);
}

static void the_end_is_put_off_by_20_ms_at_the_most(void **state)
{
    pid_t pids[MANY];
    int ends[2], port;
    int64_t plain = 1000;

    (void)state;
    for (int i = 0; i < MANY; i++)
        pids[i] = start_child(open_many, NULL);
    send_listener(ends, &port);
    for (int i = 0; i < 5; i++) {
        int64_t ms = probe("--no-hints", closed(), NULL)->ms;
        plain = ms < plain ? ms : plain;
    }
    const struct run_result *result = probe(closed(), NULL);
    assert_says(result, format("127.0.0.1:%d", port));
    assert_took(result, 0, plain + 20 + 10);
    result = probe("-t200ms", silent(), NULL);
    assert_took(result, 200, plain + 200 + 20 + 10);
    for (int i = 0; i < MANY; i++)
        end_child(pids[i]);
    close(ends[0]);
    close(ends[1]);
}

/* --- COMMAND ----------------------------------------------------------------------------------- */

/* A probe in the namespaces of an init that runs. */
static const struct run_result *probe_beside(const struct subject *subject, const char *target, const char *option)
{
    return shell(format("exec nsenter -t %d -p -m '%s' -t300ms %s '%s'", subject->pid, probe_binary(), option, target));
}

static void start_init(const char *child)
{
    const struct subject_options options = { .pid1 = true };

    subject_start(&s, &options, child, NULL);
}

static void end_init(void)
{
    kill(s.pid, SIGKILL);
    subject_wait(&s);
}

static void expect_state(const char *says)
{
    const struct run_result *result;
    int tries = 0;

    do
        result = probe_beside(&s, silent(), "");
    while (stall_spoils(result, says, &tries));
    assert_status(result, 1);
    assert_says(result, "  timed out after 300ms waiting for the status line\n      ");
    assert_says(result, says);
    do
        result = probe_beside(&s, "process://no-such", "");
    while (stall_spoils(result, says, &tries));
    assert_says(result, says);
}

static void a_command_that_is_stopped_is_told(void **state)
{
    (void)state;
    start_init("pause");
    pid_t command = proc_child(s.pid);
    assert_says_not(probe_beside(&s, silent(), ""), "COMMAND");
    kill(command, SIGSTOP);
    await_state(command, 'T');
    expect_state("COMMAND is stopped (T)\n");
    kill(command, SIGCONT);
    await_state(command, 'S');
    assert_says_not(probe_beside(&s, silent(), ""), "COMMAND");
    end_init();
}

static void a_command_that_nobody_reaps_is_told(void **state)
{
    (void)state;
    start_init("pause");
    pid_t command = proc_child(s.pid);
    kill(s.pid, SIGSTOP);
    await_state(s.pid, 'T');
    kill(command, SIGKILL);
    await_state(command, 'Z');
    expect_state("COMMAND is a zombie (Z)\n");
    end_init();
}

static void a_command_that_waits_for_the_kernel_is_told(void **state)
{
    (void)state;
    start_init("vfork");
    stream_await(&s.out, "ready");
    await_state(proc_child(s.pid), 'D');
    expect_state("COMMAND waits for the kernel (D)\n");
    end_init();
}

/* Without an init COMMAND is PID 1: here it is the test itself. */
static void a_command_without_descriptors_is_told(void **state)
{
    struct rlimit before, limit = { 100, 100 };
    int first = -1, fd;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while ((fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) >= 0 && fd < 92)
        first = first < 0 ? fd : first;
    const struct run_result *result;
    int tries = 0;
    do
        result = probe("-t300ms", silent(), NULL);
    while (stall_spoils(result, "COMMAND has 9", &tries));
    assert_says(result, "COMMAND has 9");
    assert_says(result, " of 100 descriptors open");
    for (fd = first; fd <= 92; fd++)
        close(fd);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_says_not(probe("-t300ms", silent(), NULL), "descriptors");
}

/* --- cgroups of version 1, the kernel's own ------------------------------------------------------ */

static const char *group(const char *controller)
{
    return format("/sys/fs/cgroup/%s/%s", controller, strrchr(scratch_directory(), '/') + 1);
}

/* Makes a cgroup, or skips the test. */
static void make_group(const char *controller)
{
    if (mkdir(group(controller), 0755) == 0 || errno == EEXIST)
        return;
    print_message("# skip: no %s cgroup of version 1 can be made here\n", controller);
    skip();
}

static void write_group(const char *controller, const char *name, const char *value)
{
    const char *path = format("%s/%s", group(controller), name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, value, strlen(value)) < 0) {
        perror(path);
        exit(98);
    }
    close(fd);
}

static void remove_group(const char *controller)
{
    for (int tries = 0; rmdir(group(controller)) != 0 && errno == EBUSY && tries < 100; tries++)
        usleep(10000);
}

/* A probe of the silent server in a cgroup. */
static const struct run_result *probe_in(const char *controller)
{
    return shell(
        format("echo 0 >'%s/cgroup.procs' && exec '%s' -t300ms '%s'", group(controller), probe_binary(), silent()));
}

enum { LIMIT_MIB = 64, FULL_MIB = 60 };

/* Touches so many MiB in the cgroup. */
static void fill_memory(void *mib)
{
    size_t size = (size_t)(intptr_t)mib << 20;

    write_group("memory", "cgroup.procs", "0");
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        _exit(98);
    memset(memory, 1, size);
}

static void memory_at_its_limit_and_an_oom_kill_are_told(void **state)
{
    int status;

    (void)state;
    make_group("memory");
    write_group("memory", "memory.limit_in_bytes", format("%d", LIMIT_MIB << 20));
    assert_says_not(probe_in("memory"), "memory");
    pid_t hungry = fork();
    if (hungry == 0) {
        fill_memory((void *)(intptr_t)(4 * LIMIT_MIB));
        _exit(0);
    }
    assert_int_equal(waitpid(hungry, &status, 0), hungry);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_says(probe_in("memory"), "waiting for the status line\n      1 OOM kill");
    pid_t full = start_child(fill_memory, (void *)(intptr_t)FULL_MIB);
    const struct run_result *result = probe_in("memory");
    assert_says(result, "      memory 6");
    assert_says(result, " of 64 MiB, 1 OOM kill");
    end_child(full);
    remove_group("memory");
}

/* What the kernel takes back when it must is no shortage: files that were read. */
static void memory_full_of_files_is_not(void **state)
{
    const char *file = scratch_path("large");

    (void)state;
    make_group("memory");
    write_group("memory", "memory.limit_in_bytes", format("%d", LIMIT_MIB << 20));
    const struct run_result *result =
        shell(format("echo 0 >'%s/cgroup.procs' && head -c 100m /dev/zero >'%s' && cat '%s' >/dev/null && "
                     "exec '%s' -t300ms '%s'",
                     group("memory"), file, file, probe_binary(), silent()));
    assert_status(result, 1);
    assert_says_not(result, "memory");
    unlink(file);
    remove_group("memory");
}

static void spin(void *argument)
{
    (void)argument;
    write_group("cpu", "cgroup.procs", "0");
    if (fork() != 0)
        return;
    for (volatile unsigned i = 0;; i++)
        ;
}

static bool is_throttled(void *argument)
{
    const char *stat = shell(format("cat '%s/cpu.stat'", group("cpu")))->out, *at = strstr(stat, "nr_throttled ");

    (void)argument;
    return at && atoi(at + strlen("nr_throttled ")) >= 20;
}

static void a_throttled_processor_is_told(void **state)
{
    (void)state;
    make_group("cpu");
    write_group("cpu", "cpu.cfs_period_us", "10000");
    write_group("cpu", "cpu.cfs_quota_us", "1000");
    pid_t parent = start_child(spin, NULL);
    await(is_throttled, NULL, "the kernel to throttle");
    shell(format("kill -KILL $(cat '%s/cgroup.procs')", group("cpu")));
    waitpid(parent, NULL, 0);
    const struct run_result *result = probe_in("cpu");
    assert_says(result, "CPU throttled in ");
    assert_says(result, " % of its periods");
    remove_group("cpu");
}

static void join_pids(void *argument)
{
    (void)argument;
    write_group("pids", "cgroup.procs", "0");
}

static void a_limit_of_processes_is_told(void **state)
{
    pid_t pids[9];

    (void)state;
    make_group("pids");
    write_group("pids", "pids.max", "10");
    assert_says_not(probe_in("pids"), "pids");
    for (size_t i = 0; i < COUNT(pids); i++)
        pids[i] = start_child(join_pids, NULL);
    assert_says(probe_in("pids"), "      pids 10 of 10");
    for (size_t i = 0; i < COUNT(pids); i++)
        end_child(pids[i]);
    remove_group("pids");
}

/* --- cgroups of version 2: the files as the kernel writes them, since it has no controller for them here --- */

/* A probe that sees its own cgroup at the root of the mount, with the files that COMMANDS write there. */
static const struct run_result *probe_unified(const char *commands)
{
    return shell(
        format("unshare -m sh -c 'mount -t tmpfs none /sys/fs/cgroup && cd /sys/fs/cgroup && echo 0::/ >own && "
               "{ %s; } && mount --bind own /proc/$$/cgroup && exec %s -t300ms %s'",
               commands, probe_binary(), silent()));
}

static void version_2_is_read_as_well(void **state)
{
    (void)state;
    assert_says(probe_unified("echo 532676608 >memory.current; echo 536870912 >memory.max; "
                              "printf \"anon 1\\ninactive_file 4096\\n\" >memory.stat; "
                              "printf \"low 0\\noom 4\\noom_kill 3\\n\" >memory.events; "
                              "printf \"usage_usec 9\\nnr_periods 100\\nnr_throttled 87\\n\" >cpu.stat; "
                              "echo 99 >pids.current; echo 100 >pids.max"),
                "      memory 507 of 512 MiB, 3 OOM kills; CPU throttled in 87 % of its periods; pids 99 of 100");
    assert_says_not(probe_unified("echo 532676608 >memory.current; echo max >memory.max; echo 99 >pids.current; "
                                  "echo max >pids.max; printf \"usage_usec 9\\n\" >cpu.stat"),
                    "\n      ");
    assert_says_not(probe_unified("echo 532676608 >memory.current; echo 536870912 >memory.max; "
                                  "echo inactive_file 400000000 >memory.stat"),
                    "\n      ");
    assert_says_not(probe_unified("true"), "\n      ");
}

/* --- no hint ----------------------------------------------------------------------------------- */

static void what_is_healthy_or_was_answered_has_no_hint(void **state)
{
    struct script_server answers;
    int port, fd = listener_open(8, &port);

    (void)state;
    script_start(&answers, "127.0.0.1", script_sorry);
    assert_count(probe(format("tcp://127.0.0.1:%d", port), NULL)->out, "\n", 1);
    assert_count(probe(format("http://127.0.0.1:%d/", answers.port), NULL)->out, "\n", 1);
    assert_count(probe("file:///no/such", NULL)->out, "\n", 1);
    assert_count(probe("--any", closed(), format("tcp://127.0.0.1:%d", port), NULL)->out, "\n", 2);
    script_stop(&answers);
    close(fd);
}

static void nobody_is_told_who_does_not_want_to_be(void **state)
{
    pid_t app = start_child(listen_by_both, shared);

    (void)state;
    assert_count(probe("--no-hints", closed(), NULL)->out, "\n", 1);
    probe_variables[0] = "HEALTHCHECK_NO_HINTS=1";
    probe_variables[1] = NULL;
    assert_count(probe(closed(), NULL)->out, "\n", 1);
    probe_variables[0] = NULL;
    end_child(app);
}

static void without_proc_there_is_no_hint(void **state)
{
    pid_t app = start_child(listen_by_both, shared);
    const char *pattern = "exec unshare -m sh -c 'mount -t tmpfs none /proc && exec %s -t300ms %s'";

    (void)state;
    assert_count(shell(format(pattern, probe_binary(), closed()))->out, "\n", 1);
    assert_count(shell(format(pattern, probe_binary(), silent()))->out, "\n", 1);
    end_child(app);
}

/* Where the kernel has Landlock: what is sealed opens nothing, in /proc neither. */
static void a_probe_that_is_sealed_has_no_hint(void **state)
{
    bool landlock = !getenv("PITH_INSTRUMENTED") && syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;

    (void)state;
    start_init("pause");
    pid_t command = proc_child(s.pid);
    kill(command, SIGSTOP);
    await_state(command, 'T');
    const char *sealed = format("redis://127.0.0.1:%d", server.port);
    if (landlock)
        assert_says_not(probe_beside(&s, sealed, ""), "COMMAND");
    /* one that was refused has not begun to listen to anybody, and one of two targets is not sealed */
    assert_says(probe_beside(&s, format("redis://127.0.0.1:%d", script_free_port("127.0.0.1")), ""),
                "connection refused (127.0.0.1)\n      here listen: ");
    assert_says(probe_beside(&s, sealed, silent()), "COMMAND is stopped (T)");
    end_init();
}

/* --- the end of the table ------------------------------------------------------------------------ */

static int start(void **state)
{
    (void)state;
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    script_start(&server, "127.0.0.1", silence);
    return shared == MAP_FAILED;
}

static int stop(void **state)
{
    script_stop(&server);
    return scratch_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_nobody_listens_those_who_do_are_told),
        cmocka_unit_test(two_failures_have_a_hint_each_and_json_has_it_too),
        cmocka_unit_test(whoever_may_not_see_a_program_is_told_its_port),
        cmocka_unit_test(no_argument_variable_or_path_is_told),
        cmocka_unit_test(the_end_is_put_off_by_20_ms_at_the_most),
        cmocka_unit_test(a_command_that_is_stopped_is_told),
        cmocka_unit_test(a_command_that_nobody_reaps_is_told),
        cmocka_unit_test(a_command_that_waits_for_the_kernel_is_told),
        cmocka_unit_test(a_command_without_descriptors_is_told),
        cmocka_unit_test(memory_at_its_limit_and_an_oom_kill_are_told),
        cmocka_unit_test(memory_full_of_files_is_not),
        cmocka_unit_test(a_throttled_processor_is_told),
        cmocka_unit_test(a_limit_of_processes_is_told),
        cmocka_unit_test(version_2_is_read_as_well),
        cmocka_unit_test(what_is_healthy_or_was_answered_has_no_hint),
        cmocka_unit_test(nobody_is_told_who_does_not_want_to_be),
        cmocka_unit_test(without_proc_there_is_no_hint),
        cmocka_unit_test(a_probe_that_is_sealed_has_no_hint),
    };

    subject_isolate();
    return cmocka_run_group_tests(tests, start, stop);
}
