/* healthcheck makes no system call whose failure is not tested, none that its filter refuses, and needs what it allows.
 */
#include "faults.h"
#include "support/peer.h"
#include "support/probe.h"
#include "support/proc.h"
#include "support/script.h"
#include "support/subject.h"
#include "support/tls_peer.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { CALLS_MAX = 512, STEPS_MAX = 4096 };

static const struct script_step ok[] = { { .verb = SCRIPT_READ },
                                         { .verb = SCRIPT_SEND, .bytes = "HTTP/1.1 200 OK\r\n\r\n{\"a\":1}" },
                                         { .verb = SCRIPT_END } };
static const struct script_step pong[] = { { .verb = SCRIPT_SEND, .bytes = "+PONG\r\n" }, { .verb = SCRIPT_END } };
static const struct script_step silence[] = { { .verb = SCRIPT_HOLD }, { .verb = SCRIPT_END } };
static struct script_server http, redis, local, silent;

/* --- the traces ---------------------------------------------------------------------------------- */

static struct {
    bool made, confined; /* at all; behind the filter */
    char name[32];
} calls[CALLS_MAX];

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_true(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

/* An /etc of our own, whose list of hosts a probe that another user runs may read. */
static void make_etc(void)
{
    assert_int_equal(mount("tmpfs", "/etc", "tmpfs", 0, "mode=755"), 0);
    assert_int_equal(mkdir("/etc/healthcheck", 0755), 0);
    put_file("/etc/healthcheck/allow", "*.example.com:80\n192.0.2.1:80\n");
    put_file("/etc/hosts", "127.0.0.1 app\n");
    put_file("/etc/resolv.conf", "nameserver 127.0.0.1\n");
}

static int start(void **state)
{
    char number[16];

    script_start(&http, "127.0.0.1", ok);
    script_start(&redis, "127.0.0.1", pong);
    script_start(&silent, "127.0.0.1", silence);
    script_start_unix(&local, ok);
    if (tls_make_certificates(state) != 0)
        return -1;
    snprintf(number, sizeof number, "%d", tls_serve("good", NULL));
    setenv("TLS", number, 1);
    setenv("HTTP", format("%u", http.port), 1);
    setenv("REDIS", format("%u", redis.port), 1);
    setenv("SOCKET", strrchr(local.path, '/') + 1, 1);
    setenv("CA", tls_file("ca.pem"), 1);
    make_etc();
    return 0;
}

static int stop(void **state)
{
    script_stop(&http);
    script_stop(&redis);
    script_stop(&silent);
    script_stop(&local);
    return tls_stop(state) | peer_clean(state);
}

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
    assert_true(lines > 3);
}

/* --- what is run --------------------------------------------------------------------------------- */

/* Beside each kind of target: each option, and what only some targets make a probe do. */
static const char *const runs[] = {
    "$HC -v -ojson http://localhost:$HTTP/ --json=a=1 --body-contains=a --body-regex='\"(a|b)+' --follow "
    "--max-latency=1s",
    "$HC --user=a:b -H 'A: b' -mHEAD -s200 --readiness http://127.0.0.1:$HTTP/ http://127.0.0.1:$HTTP/ -- true",
    "$HC -q http://127.0.0.1:$HTTP/ -- /no/such",
    "$HC --any -4 tcp://127.0.0.1:$HTTP tcp://127.0.0.1:1",
    "$HC --any -t200ms tcp://127.0.0.1:$SILENT redis://127.0.0.1:$SILENT tcp://127.0.0.1:$HTTP",
    "$HC -t200ms redis://127.0.0.1:$SILENT",
    "$HC -w200ms -i50ms tcp://127.0.0.1:1",
    "$HC -w200ms -i50ms -k tls://127.0.0.1:$HTTP redis://127.0.0.1:$REDIS https://127.0.0.1:1",
    "$HC --cacert=$CA --cert=${CA%ca.pem}good.pem --key=${CA%ca.pem}good.key --tls-min-days=1 tls://localhost:$TLS",
    "$HC --cacert=$CA --servername=localhost https://127.0.0.1:$TLS",
    "$HC https://localhost:$TLS",
    "$HC -t300ms http://db.example.com/",
    "$HC -t300ms http://a.example.com/ grpc://b.example.com:80",
    "$HC -t300ms http://192.0.2.1/",
    "$HC http://192.0.2.2/ http://app:$HTTP/ http://nobody/",
    "$HC tcp://[::1%lo]:1 tcp://[::1%no]:1",
    "setpriv --reuid=65532 --regid=65532 --clear-groups $HC -t200ms http://192.0.2.1/ http://c.example.com/",
    "$HC \"file:///etc/hosts?max-age=1h\" file:///no/such process://sh pidfile:///etc/hosts listen://127.0.0.1:$HTTP",
    "$HC unix:///no/such http+unix://%2Fno%2Fsuch/ unix://@abstract",
    "$HC --no-such-option",
    "$HC no://such",
    "$HC --help",
    "$HC --version",
    "$HC --license",
    "$HC --list-probes",
    "$HC --install=/mnt",
};

/* A target of the kind, for the shell. */
static const char *target_of(const char *kind)
{
    if (strcmp(kind, "process") == 0)
        return "process://sh";
    if (strcmp(kind, "file") == 0 || strcmp(kind, "pidfile") == 0)
        return format("%s:///etc/hosts", kind);
    if (strcmp(kind, "unix") == 0)
        return "unix:///tmp/$SOCKET";
    if (strstr(kind, "+unix"))
        return format("%s://%%2Ftmp%%2F$SOCKET/", kind);
    bool tls = strcmp(kind, "https") == 0 || strcmp(kind, "tls") == 0 || strcmp(kind, "grpcs") == 0;
    return format("%s://127.0.0.1:$%s", kind, tls ? "TLS" : strcmp(kind, "redis") == 0 ? "REDIS" : "HTTP");
}

/* Every kind that the binary has, alone, and confined beside another target. */
static void trace_kinds(void)
{
    char *kinds = strdup(probe("--list-probes", NULL)->out), *rest = kinds, kind[32];
    size_t count = 0;

    for (char *line; (line = strsep(&rest, "\n")) && sscanf(line, "%31s", kind) == 1; count++) {
        trace(format("$HC -k -t300ms %s", target_of(kind)));
        trace(format("$HC -k -t300ms %s file:///", target_of(kind)));
    }
    free(kinds);
    assert_true(count > 10);
}

static void trace_all(void)
{
    static bool traced;

    if (traced)
        return;
    traced = true;
    setenv("SILENT", format("%u", silent.port), 1);
    chmod(peer_directory(), 0777);
    trace_kinds();
    for (size_t i = 0; i < COUNT(runs); i++)
        trace(runs[i]);
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
            !AMONG(trusting, i) && !AMONG(other_calls, i))
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

    (void)state;
    trace_all();
    subject_start(&s, &options, "-t60s", format("redis://127.0.0.1:%u", silent.port), NULL);
    await_state(s.pid, 'S');
    get_filter(s.pid, steps);
    kill(s.pid, SIGKILL);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
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
    return cmocka_run_group_tests(tests, start, stop);
}
