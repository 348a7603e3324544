/* Reads /proc for tests. */
#include "support/proc.h"

#include "support/run.h"
#include "support/stream.h"
#include "support/test.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The value of "FIELD: value" in /proc/PID/FILE. */
static const char *field_of(pid_t pid, const char *file, const char *field)
{
    static char value[256];
    char path[64], line[256];
    size_t length = strlen(field);

    value[0] = '\0';
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *stream = fopen(path, "re");
    while (stream && fgets(line, sizeof line, stream))
        if (strncmp(line, field, length) == 0 && line[length] == ':') {
            const char *start = line + length + 1 + strspn(line + length + 1, " \t");
            snprintf(value, sizeof value, "%.*s", (int)strcspn(start, "\n"), start);
            break;
        }
    if (stream)
        fclose(stream);
    return value;
}

const char *proc_status(pid_t pid, const char *field)
{
    return field_of(pid, "status", field);
}

unsigned long long proc_mask(pid_t pid, const char *field)
{
    return strtoull(proc_status(pid, field), NULL, 16);
}

long proc_number(pid_t pid, const char *field)
{
    const char *value = proc_status(pid, field);

    return *value ? atol(value) : -1;
}

/* How many filters a thread has. gVisor tells only whether it has any: mode 2. */
static long filters_of(pid_t thread)
{
    long count = proc_number(thread, "Seccomp_filters");

    return count >= 0 ? count : proc_number(thread, "Seccomp") == 2;
}

long proc_filters(pid_t pid)
{
    long own = filters_of(getpid()), count = filters_of(pid);
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        if (entry->d_name[0] != '.' && filters_of(atoi(entry->d_name)) != count)
            count = own - 1;
    closedir(directory);
    return count - own;
}

long proc_memory(pid_t pid, const char *field)
{
    const char *value = field_of(pid, "smaps_rollup", field);

    return *value ? atol(value) : -1;
}

pid_t proc_inner(pid_t pid)
{
    const char *all = proc_status(pid, "NSpid"), *last = strrchr(all, '\t');

    return (pid_t)atoi(last ? last + 1 : all);
}

/* State and parent of PID: false where it is gone. */
static bool read_stat(pid_t pid, char *state, pid_t *parent)
{
    char path[64], line[512];
    int number;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *stream = fopen(path, "re");
    if (!stream)
        return false;
    size_t n = fread(line, 1, sizeof line - 1, stream);
    fclose(stream);
    line[n] = '\0';
    const char *after = strrchr(line, ')');
    if (!after || sscanf(after + 1, " %c %d", state, &number) != 2)
        return false;
    *parent = number;
    return true;
}

static size_t count_children(pid_t pid, char wanted, pid_t pids[], size_t max)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    size_t n = 0;
    pid_t parent;
    char state;

    while ((entry = readdir(proc))) {
        pid_t child = atoi(entry->d_name);
        if (!isdigit((unsigned char)entry->d_name[0]) || !read_stat(child, &state, &parent) || parent != pid ||
            (wanted && state != wanted))
            continue;
        if (n < max)
            pids[n] = child;
        n++;
    }
    closedir(proc);
    return n;
}

size_t proc_descriptors(pid_t pid)
{
    struct dirent *entry;
    char path[64];
    size_t n = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *all = opendir(path);
    assert_non_null(all);
    while ((entry = readdir(all)))
        n += entry->d_name[0] != '.';
    closedir(all);
    return n;
}

size_t proc_children(pid_t pid, pid_t pids[], size_t max)
{
    return count_children(pid, '\0', pids, max);
}

size_t proc_zombies(pid_t pid)
{
    return count_children(pid, 'Z', NULL, 0);
}

/* Half a millisecond between looks: what is awaited here tells nobody when it comes. */
void await(bool (*condition)(void *argument), void *argument, const char *what)
{
    int64_t end = run_now_ms() + AWAIT_MS;

    while (!condition(argument)) {
        if (run_now_ms() > end)
            fail_msg("waited in vain for: %s", what);
        nanosleep(&(struct timespec){ .tv_nsec = 500000 }, NULL);
    }
}

struct wanted {
    pid_t pid, child;
    char state;
    int signal;
    const char *name;
};

static bool has_child(void *argument)
{
    struct wanted *wanted = argument;

    return proc_children(wanted->pid, &wanted->child, 1) > 0;
}

pid_t proc_child(pid_t pid)
{
    struct wanted wanted = { .pid = pid };

    await(has_child, &wanted, "a child");
    return wanted.child;
}

/* While it waits for signals the kernel shows them as let through; but by then there is a child. */
static bool is_blocked(pid_t pid)
{
    /* KILL and STOP cannot be */
    return proc_mask(pid, "SigBlk") == 0xfffffffffffbfeffULL || proc_children(pid, NULL, 0) > 0;
}

/* Without a pause between the looks: the moment counts. */
void await_blocked(pid_t pid)
{
    int64_t end = run_now_ms() + AWAIT_MS;

    while (!is_blocked(pid))
        if (run_now_ms() > end)
            fail_msg("waited in vain for all signals blocked; state: %s", proc_status(pid, "State"));
}

static bool has_no_zombies(void *argument)
{
    return proc_zombies(((struct wanted *)argument)->pid) == 0;
}

void await_no_zombies(pid_t pid)
{
    await(has_no_zombies, &(struct wanted){ .pid = pid }, "an end of all zombies");
}

struct count {
    pid_t pid;
    size_t children;
};

static bool has_children(void *argument)
{
    struct count *count = argument;

    return proc_children(count->pid, NULL, 0) == count->children;
}

void await_children(pid_t pid, size_t children)
{
    await(has_children, &(struct count){ pid, children }, "a number of children");
}

static bool is_in_state(void *argument)
{
    struct wanted *wanted = argument;
    pid_t parent;
    char state;

    return read_stat(wanted->pid, &state, &parent) && state == wanted->state;
}

void await_state(pid_t pid, char state)
{
    await(is_in_state, &(struct wanted){ .pid = pid, .state = state }, "a state of a process");
}

static bool has_heard(void *argument)
{
    struct wanted *wanted = argument;

    return !(proc_mask(wanted->pid, "ShdPnd") >> (wanted->signal - 1) & 1);
}

void await_heard(pid_t pid, int signal)
{
    await(has_heard, &(struct wanted){ .pid = pid, .signal = signal }, "a signal to be taken");
}

static bool is_named(void *argument)
{
    struct wanted *wanted = argument;

    return strcmp(proc_status(wanted->pid, "Name"), wanted->name) == 0;
}

void await_name(pid_t pid, const char *name)
{
    await(is_named, &(struct wanted){ .pid = pid, .name = name }, name);
}

static bool is_gone(void *argument)
{
    pid_t parent;
    char state;

    return !read_stat(((struct wanted *)argument)->pid, &state, &parent) || state == 'Z' || state == 'X';
}

void await_gone(pid_t pid)
{
    await(is_gone, &(struct wanted){ .pid = pid }, "the end of a process");
}

/* A system call's number; a call that a signal has interrupted is that which goes on. */
static bool sleeps(pid_t pid, bool restarted)
{
    char path[64];
    long call = -1;

    snprintf(path, sizeof path, "/proc/%d/syscall", (int)pid);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    if (fscanf(file, "%ld", &call) != 1)
        call = -1;
    fclose(file);
    return call == SYS_clock_nanosleep || (restarted && call == SYS_restart_syscall);
}

void proc_stop_asleep(pid_t pid)
{
    /* A sleep that goes on is one that this function has stopped before; later in the loop it may be a poll(2). */
    bool restarted = true;

    for (int64_t end = run_now_ms() + AWAIT_MS; run_now_ms() < end; poll(NULL, 0, 1), restarted = false) {
        kill(pid, SIGSTOP);
        await_state(pid, 'T');
        if (sleeps(pid, restarted))
            return;
        kill(pid, SIGCONT);
    }
    fail_msg("it never sleeps");
}
