/* Measures and compares. */
#include "budgets/budget.h"

#include "support/scratch.h"
#include "support/test.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The budgets of code are what Debian 12's compiler makes of it for amd64. */
enum { NEWER_COMPILER = __GNUC__ > 12, PAGE_KIB = 4, AWAIT_MS = 10000 };

void budget_hold(const char *what, long measured, long budget)
{
    print_message("%s: %ld of %ld\n", what, measured, budget);
    if (measured > budget)
        fail_msg("%s: %ld is more than the budget of %ld", what, measured, budget);
}

const char *budget_file(const char *variable, const char *path)
{
    const char *value = getenv(variable);

    return value && *value ? value : path;
}

const char *budget_floor(const char *name)
{
    char relative[512], *copy = scratch_path(name);

    snprintf(relative, sizeof relative, "%s/floor-%s", budget_file("PITH_BENCH", "build/amd64/bench"), name);
    if (access(copy, X_OK) != 0)
        assert_status(run(NULL, (char *[]){ "install", "-m", "755", relative, copy, NULL }), 0);
    return copy;
}

void budget_hold_pages(long kib, long budget)
{
    budget += NEWER_COMPILER ? PAGE_KIB : 0;
    print_message("memory of the file's pages: %ld of %ld\n", kib, budget);
    if (kib > budget)
        fail_msg(
            "memory of the file's pages: %ld KiB is more than the budget of %ld: `make hot` names what brought them in",
            kib, budget);
}

void budget_hold_code(const char *what, long measured, long budget)
{
#if !defined __x86_64__
    budget += budget / 3;
#else
    budget += NEWER_COMPILER ? budget / 10 : 0;
#endif
    budget_hold(what, measured, budget);
}

void budget_hold_size(const char *path, long bytes)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    budget_hold_code("bytes", (long)status.st_size, bytes);
}

static char state_of(int pid)
{
    char path[64], state = 'X';

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return state;
    if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
        state = 'X';
    fclose(file);
    return state;
}

void budget_await_sleep(int pid)
{
    for (int ms = 0; ms < AWAIT_MS; ms++) {
        if (state_of(pid) == 'S')
            return;
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
    }
    fail_msg("process %d does not come to rest", pid);
}
