/* healthcheck makes no system call whose failure is not tested or that its filter refuses, and needs what it allows. */
#include "faults.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/test.h"
#include "support/tour.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CALLS_MAX = 512, STEPS_MAX = 4096 };

static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };

/* --- the traces ---------------------------------------------------------------------------------- */

static struct {
    bool made, confined; /* at all; behind the filter */
    char name[32];
} calls[CALLS_MAX];

/* Takes a line of strace -f -n: "PID [NUMBER] NAME(...) = RESULT". */
static void take_line(const char *line, bool *filtered, const char *arguments)
{
    char name[32];
    int number;

    if (*filtered && strstr(line, "EPERM"))
        fail_msg("%s: the filter refuses %s", arguments, line);
    if (sscanf(line, "%*d [%d] %31[a-z0-9_](", &number, name) != 2)
        return;
    assert_in_range(number, 0, CALLS_MAX - 1);
    calls[number].made = true;
    calls[number].confined |= *filtered;
    strcpy(calls[number].name, name);
    *filtered |= strcmp(name, "seccomp") == 0 && strstr(line, "= 0");
}

/* Runs healthcheck, "$HC" in the shell's command, under strace, which leaves it when it executes COMMAND. */
static void trace(const char *command)
{
    static const char strace[] = "strace -f -qq -n -b execve -o";
    const char *path = peer_path("trace");
    char line[8192];
    size_t lines = 0;
    bool filtered = false;

    unlink(path);
    setenv("HC", format("%s %s %s", strace, path, probe_binary()), 1);
    run(NULL, (char *[]){ (char *)"sh", (char *)"-c", (char *)(uintptr_t)command, NULL });
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s: no trace", command);
    for (; fgets(line, sizeof line, file); lines++)
        take_line(line, &filtered, command);
    fclose(file);
    assert_at_least(lines, 4);
}

static void trace_all(void)
{
    static bool traced;

    if (traced)
        return;
    traced = true;
    tour(trace, "300ms");
}

/* --- the promises -------------------------------------------------------------------------------- */

static bool is_among(const struct call *list, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].number == number)
            return true;
    return false;
}

#define AMONG(list, number) is_among(list, COUNT(list), number)

static void each_call_that_is_made_has_been_made_to_fail(void **state)
{
    (void)state;
    trace_all();
    for (int i = 0; i < CALLS_MAX; i++)
        if (calls[i].made && !AMONG(needed, i) && !AMONG(optional, i) && !AMONG(confining, i) && !AMONG(telling, i) &&
            !AMONG(trusting, i) && !AMONG(remembering, i) && !AMONG(other_calls, i))
            fail_msg("%s: nothing is said of its failure", calls[i].name);
}

/* What the filter lets through although no run makes it, and why. */
static const struct call spare_calls[] = {
    /* libc, of other versions, or with more memory in use; and a line of /etc/resolv.conf without end */
    CALL(readv),
    CALL(lseek),
    CALL(sendmsg), /* DNS over TCP */
    CALL(recvmsg),
    CALL(mremap),
    CALL(mprotect),
    CALL(madvise),
    /* where the kernel has Landlock */
    CALL(landlock_restrict_self),
    /* the kernel, after SIGSTOP */
    CALL(restart_syscall),
    /* what other architectures make in place of the older ones */
    CALL(openat),
    CALL(newfstatat),
    CALL(statx),
    CALL(faccessat),
    CALL(readlinkat),
};

/* The newest filter of PID, which must sleep: its length. */
static size_t get_filter(pid_t pid, struct sock_filter *steps)
{
    long newest = proc_number(pid, "Seccomp_filters") - 1;

    assert_int_equal(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_EXITKILL), 0);
    assert_int_equal(ptrace(PTRACE_INTERRUPT, pid, NULL, NULL), 0);
    assert_int_equal(waitpid(pid, NULL, WUNTRACED), pid);
    long count = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, newest, NULL);
    if (count < 0) {
        print_message("# skip: the kernel does not show filters\n");
        skip();
    }
    assert_in_range(count, 1, STEPS_MAX);
    assert_int_equal(ptrace(PTRACE_SECCOMP_GET_FILTER, pid, newest, steps), count);
    return (size_t)count;
}

/* Whether call NUMBER passes with any arguments. A comparison of what is not known goes both ways. */
static bool may_pass(const struct sock_filter *at, uint32_t number, bool known)
{
    for (;; at++) {
        bool equal = known && at->code == (BPF_JMP | BPF_JEQ | BPF_K);

        if (at->code == (BPF_RET | BPF_K))
            return at->k == SECCOMP_RET_ALLOW;
        if (at->code == (BPF_LD | BPF_W | BPF_ABS))
            known = at->k == offsetof(struct seccomp_data, nr);
        else if (equal || at->code == (BPF_JMP | BPF_JA))
            at += equal ? at->k == number ? at->jt : at->jf : at->k;
        else if (BPF_CLASS(at->code) == BPF_JMP && may_pass(at + 1 + at->jt, number, known))
            return true;
        else if (BPF_CLASS(at->code) == BPF_JMP)
            at += at->jf;
    }
}

static void each_call_that_is_let_through_is_needed(void **state)
{
    static struct sock_filter steps[STEPS_MAX];
    const struct subject_options options = { .binary = probe_binary(), .argv0 = "healthcheck" };
    static struct subject s;
    struct script_server silent;

    (void)state;
    trace_all();
    script_start(&silent, "127.0.0.1", silence);
    subject_start(&s, &options, "-t60s", format("redis://127.0.0.1:%u", silent.port), NULL);
    await_state(s.pid, 'S');
    get_filter(s.pid, steps);
    kill(s.pid, SIGKILL);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    script_stop(&silent);
    for (int i = 0; i < CALLS_MAX; i++)
        if (may_pass(steps, (uint32_t)i, false) && !calls[i].confined && !AMONG(spare_calls, i))
            fail_msg("call %d (%s) is let through, and no probe makes it", i, calls[i].name);
    for (size_t i = 0; i < COUNT(spare_calls); i++)
        if (!may_pass(steps, (uint32_t)spare_calls[i].number, false))
            fail_msg("%s is not let through", spare_calls[i].name);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_that_is_made_has_been_made_to_fail),
        cmocka_unit_test(each_call_that_is_let_through_is_needed),
    };
    return cmocka_run_group_tests(tests, tour_start, tour_stop);
}
