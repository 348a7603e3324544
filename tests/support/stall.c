/* Measures how late the machine wakes a test that sleeps. */
#include "support/stall.h"

#include "support/test.h"

#include <sys/wait.h>

enum { STEP_MS = 2, STALLS_MAX = 1024 };

/* The latest ones, in a ring. */
static struct {
    int64_t end, ms;
} stalls[STALLS_MAX];
static size_t seen;

static void note(int64_t start)
{
    int64_t end = run_now_ms(), late = end - start - STEP_MS;

    if (late <= 0)
        return;
    stalls[seen % STALLS_MAX].end = end;
    stalls[seen % STALLS_MAX].ms = late;
    seen++;
}

int stall_poll(struct pollfd *fds, nfds_t count, int ms)
{
    int64_t end = run_now_ms() + ms;

    for (;;) {
        int64_t start = run_now_ms(), left = end - start;
        bool last = ms >= 0 && left <= STEP_MS;
        int n = poll(fds, count, !last ? STEP_MS : left > 0 ? (int)left : 0);
        note(start);
        if (n != 0 || last)
            return n;
    }
}

static bool has_ended(pid_t pid)
{
    siginfo_t found = { 0 };

    return waitid(P_PID, (id_t)pid, &found, WEXITED | WNOHANG | WNOWAIT) == 0 && found.si_pid == pid;
}

bool stall_poll_end(pid_t pid, struct pollfd *fds, nfds_t count, int ms)
{
    int64_t end = run_now_ms() + ms;

    if (fds[0].fd >= 0)
        return stall_poll(fds, count, ms) > 0 && (fds[0].revents & POLLIN);
    for (;;) {
        int64_t left = end - run_now_ms();
        bool last = ms >= 0 && left <= STEP_MS;
        bool some = stall_poll(fds, count, !last ? STEP_MS : left > 0 ? (int)left : 0) > 0;
        if (has_ended(pid))
            return true;
        if (some || last)
            return false;
    }
}

int64_t stall_longest(int64_t from)
{
    int64_t longest = 0;

    for (size_t i = 0; i < STALLS_MAX && i < seen; i++)
        if (stalls[i].end >= from && stalls[i].ms > longest)
            longest = stalls[i].ms;
    return longest;
}

int64_t stall_of(pid_t pid)
{
    char path[64];
    long long waited = 0;

    snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
    FILE *file = fopen(path, "re");
    if (file && fscanf(file, "%*s %lld", &waited) != 1)
        waited = 0;
    if (file)
        fclose(file);
    return waited / 1000000;
}

bool stall_spoils(const struct run_result *result, const char *wanted, int *tries)
{
    enum { TRIES_MAX = 20 };

    return !strstr(result->out, wanted) && result->stall_ms > 0 && ++*tries < TRIES_MAX;
}

void stall_judge(int64_t took, int64_t stall, int64_t least, int64_t most, const char *file, int line)
{
    if (took >= least && took - stall <= most)
        return;
    test_fail(file, line, "it took %lld ms, of which the machine stood still for %lld; wanted %lld to %lld",
              (long long)took, (long long)stall, (long long)least, (long long)most);
}
