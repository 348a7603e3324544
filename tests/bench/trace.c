/* Follows a program and its children with ptrace(2). */
#include "bench/trace.h"

#include "support/calls.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    SYSCALL_STOP = SIGTRAP | 0x80, /* PTRACE_O_TRACESYSGOOD */
    FORK_EVENTS = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE,
    TRACE_OPTIONS = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL | FORK_EVENTS,
    TRACEES_MAX = 64,
};

/* A run: how tracees are resumed, and whether each of them is between two stops of one call. */
struct trace {
    pid_t main;
    bool started; /* the program's own exec is over */
    bool print;
    enum __ptrace_request resume;
    struct trace_counts counts;
    struct {
        pid_t pid;
        bool in_call;
        unsigned long long at; /* the instruction it was last seen at */
    } tracees[TRACEES_MAX];
};

bool trace_counts_instructions(void)
{
#ifdef __x86_64__
    return true;
#else
    return false;
#endif
}

static size_t slot(struct trace *trace, pid_t pid)
{
    size_t i = 0;

    while (trace->tracees[i].pid && trace->tracees[i].pid != pid)
        if (++i == TRACEES_MAX)
            spawn_die("too many children to trace");
    trace->tracees[i].pid = pid;
    return i;
}

static void resume(struct trace *trace, pid_t pid, int signal)
{
    ptrace(trace->started ? trace->resume : PTRACE_CONT, pid, NULL, signal);
}

/* A call counts when it is entered: exit has no other side. */
static void count_call(struct trace *trace, pid_t pid)
{
    struct __ptrace_syscall_info info;
    size_t i = slot(trace, pid);

    trace->tracees[i].in_call = !trace->tracees[i].in_call;
    if (!trace->tracees[i].in_call)
        return;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) < 0)
        spawn_die("PTRACE_GET_SYSCALL_INFO");
    trace->counts.calls++;
    trace->counts.mappings += info.entry.nr == SYS_brk || info.entry.nr == SYS_mmap;
    if (trace->print)
        fprintf(stderr, "%s call %llu\n", pid == trace->main ? "program" : "child", (unsigned long long)info.entry.nr);
}

/* A string instruction that repeats is stepped through where it stands, and retired once. */
static void count_instruction(struct trace *trace, pid_t pid)
{
#ifdef __x86_64__
    size_t i = slot(trace, pid);
    unsigned long long at = (unsigned long long)ptrace(PTRACE_PEEKUSER, pid, offsetof(struct user_regs_struct, rip), 0);

    if (at == trace->tracees[i].at)
        return;
    if (++trace->counts.instructions > TRACE_MAX)
        trace->resume = PTRACE_CONT;
    trace->tracees[i].at = at;
#else
    (void)trace;
    (void)pid;
#endif
}

/* The program's own exec starts the count; a child's ends what is counted of it. */
static void handle_exec(struct trace *trace, pid_t pid)
{
    if (pid != trace->main) {
        ptrace(PTRACE_DETACH, pid, NULL, 0);
        return;
    }
    trace->started = true;
    trace->tracees[slot(trace, pid)].in_call =
        trace->resume == PTRACE_SYSCALL; /* of execve itself, which is not over */
    resume(trace, pid, 0);
}

static void handle_stop(struct trace *trace, pid_t pid, int status)
{
    int signal = WSTOPSIG(status), event = status >> 16;

    if (event == PTRACE_EVENT_EXEC) {
        handle_exec(trace, pid);
    } else if (event == PTRACE_EVENT_EXIT) {
        if (pid == trace->main)
            trace->counts.memory = memory_of(pid);
        resume(trace, pid, 0);
    } else if (event) { /* a fork's both sides */
        slot(trace, pid);
        resume(trace, pid, 0);
    } else if (signal == SYSCALL_STOP) {
        count_call(trace, pid);
        resume(trace, pid, 0);
    } else if (signal == SIGTRAP && trace->resume == PTRACE_SINGLESTEP) {
        count_instruction(trace, pid);
        resume(trace, pid, 0);
    } else {
        resume(trace, pid, signal);
    }
}

static struct trace_counts follow(const struct spawn_options *options, char *const argv[], struct trace trace)
{
    struct spawn_options waiting = *options;
    int status;

    waiting.waits = true;
    struct spawned spawned = spawn(&waiting, argv);
    trace.main = spawned.pid;
    slot(&trace, spawned.pid);
    if (ptrace(PTRACE_SEIZE, spawned.pid, NULL, TRACE_OPTIONS) != 0)
        spawn_die("PTRACE_SEIZE");
    spawn_go(&spawned);
    for (;;) {
        pid_t pid = waitpid(-1, &status, __WALL);
        if (pid < 0)
            spawn_die("waitpid");
        if (WIFSTOPPED(status))
            handle_stop(&trace, pid, status);
        else if (pid == trace.main)
            break;
    }
    trace.counts.status = status;
    if (trace.counts.instructions > TRACE_MAX)
        trace.counts.instructions = -1;
    return trace.counts;
}

struct trace_counts trace_run(const struct spawn_options *options, char *const argv[], bool print)
{
    struct trace_counts counts = follow(options, argv, (struct trace){ .resume = PTRACE_SYSCALL, .print = print });

    counts.instructions = -1;
    if (trace_counts_instructions())
        counts.instructions = follow(options, argv, (struct trace){ .resume = PTRACE_SINGLESTEP }).instructions;
    return counts;
}

/* What EVENTS more cost than one. */
long trace_event(const struct spawn_options *options, char *const argv[], char *event)
{
    enum { EVENTS = 10, ARGUMENTS_MAX = 8 };
    char *with_events[ARGUMENTS_MAX + EVENTS + 2] = { NULL };
    const struct trace steps = { .resume = PTRACE_SINGLESTEP };
    size_t count = 0;

    for (; argv[count] && count < ARGUMENTS_MAX; count++)
        with_events[count] = argv[count];
    with_events[count++] = event;
    long instructions = follow(options, with_events, steps).instructions;
    for (size_t i = 0; i < EVENTS; i++)
        with_events[count++] = event;
    return (follow(options, with_events, steps).instructions - instructions) / EVENTS;
}

/* valgrind writes to the program's stderr. */
long trace_callgrind(const struct spawn_options *options, char *const argv[])
{
    char *under[32] = { "/usr/bin/valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null" }, line[512];
    struct spawn_options piped = *options;
    long instructions = -1;
    int pipe[2];

    for (size_t i = 3, from = 0; argv[from] && i < 31; i++)
        under[i] = argv[from++];
    if (access(under[0], X_OK) != 0 || pipe2(pipe, O_CLOEXEC) != 0)
        return -1;
    piped.out = pipe[1];
    pid_t pid = spawn(&piped, under).pid;
    close(pipe[1]);
    FILE *output = fdopen(pipe[0], "r");
    if (!output)
        spawn_die("fdopen");
    while (fgets(line, sizeof line, output)) {
        const char *figure = strstr(line, "Collected : ");
        if (figure)
            instructions = atol(figure + strlen("Collected : "));
    }
    fclose(output);
    waitpid(pid, NULL, 0);
    return instructions;
}
