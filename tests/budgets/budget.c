/* Measures and compares. */
#include "budgets/budget.h"
#include "support/test.h"

#include <limits.h>
#include <sys/stat.h>
#include <time.h>

enum { AWAIT_MS = 10000 };

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
    static char paths[4][PATH_MAX];
    static unsigned next;
    char relative[512], *path = paths[next++ % 4];

    snprintf(relative, sizeof relative, "%s/floor-%s", budget_file("PITH_BENCH", "build/amd64/bench"), name);
    assert_non_null(realpath(relative, path)); /* as an image's ENTRYPOINT has it */
    return path;
}

void budget_hold_pages(long kib, long budget)
{
    print_message("memory of the file's pages: %ld of %ld\n", kib, budget);
    if (kib > budget)
        fail_msg(
            "memory of the file's pages: %ld KiB is more than the budget of %ld: `make hot` names what brought them in",
            kib, budget);
}

/* The budgets of code are what Debian 12's compiler makes of it for amd64. */
void budget_hold_code(const char *what, long measured, long budget)
{
#if !defined __x86_64__
    budget += budget / 3;
#elif __GNUC__ > 12
    budget += budget / 20;
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
