/* What init may cost: bytes, calls, instructions, page faults, memory, wakeups, descriptors. */
#include "bench/memory.h"
#include "bench/spawn.h"
#include "bench/trace.h"
#include "budgets/budget.h"
#include "support/scratch.h"
#include "support/test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Three in a hundred above what was reached, where noise cannot move it. */
enum {
    BYTES = 51500, /* README: 52 KB */
    CALLS = 15,
    INSTRUCTIONS = 1500,
    SIGNAL_INSTRUCTIONS = 131,
    ORPHAN_INSTRUCTIONS = 110,
    FAULTS = 6,      /* of both, of which COMMAND has 2 */
    ANONYMOUS = 12,  /* KiB */
    FILE_PAGES = 12, /* KiB of the file that are mapped: with the above, 24 */
    SIGNALS = 3,
    RUNS = 20,
    WATCHED_MS = 1500,
};

static const char *binary;

/* `init -- COMMAND` as PID 1, under the name it has in an image. */
static char *const *command_line(const char *command)
{
    static char *argv[4];

    argv[0] = "/init";
    argv[1] = "--";
    argv[2] = (char *)(uintptr_t)budget_floor(command);
    argv[3] = NULL;
    return argv;
}

static struct spawn_options as_pid1(void)
{
    return (struct spawn_options){ .pid1 = true, .path = binary };
}

static void its_file_is_small(void **state)
{
    (void)state;
    budget_hold_size(binary, BYTES);
}

/* How many calls there are depends on whether COMMAND is over when init first looks: the most of some runs counts. */
static void a_short_run_takes_few_calls_and_instructions_and_no_heap(void **state)
{
    const struct spawn_options options = as_pid1();
    struct trace_counts counts;
    long calls = 0;

    (void)state;
    for (int i = 0; i < RUNS; i++) {
        counts = trace_run(&options, command_line("noop"), false);
        assert_int_equal(counts.status, 0);
        calls = counts.calls > calls ? counts.calls : calls;
    }
    budget_hold("system calls", calls, CALLS);
    budget_hold_code("user instructions", counts.instructions, INSTRUCTIONS);
    budget_hold("calls of brk and mmap", counts.mappings, 0);
}

/* Of three runs the fewest: one that the machine held up may have met two events at once. */
static long instructions_for(char *event)
{
    const struct spawn_options options = as_pid1();
    long fewest = trace_event(&options, command_line("events"), event);

    for (int i = 0; i < 9; i++) { /* a busy machine may wake init once more for one */
        long instructions = trace_event(&options, command_line("events"), event);
        fewest = instructions < fewest ? instructions : fewest;
    }
    return fewest;
}

static void a_signal_and_an_orphan_take_few_instructions(void **state)
{
    (void)state;
    budget_hold_code("user instructions for a signal", instructions_for("signal"), SIGNAL_INSTRUCTIONS);
    budget_hold_code("user instructions for an orphan", instructions_for("orphan"), ORPHAN_INSTRUCTIONS);
}

/* Where the kernel puts the stack within a page is chance: the fewest of some runs are the program's own. */
static void a_short_run_touches_few_pages(void **state)
{
    const struct spawn_options options = as_pid1();
    long faults = 1000;

    (void)state;
    for (int i = 0; i < RUNS; i++) {
        struct spawn_run run = spawn_run(&options, command_line("noop"));
        assert_int_equal(run.status, 0);
        faults = run.faults < faults ? run.faults : faults;
    }
    budget_hold("page faults", faults, FAULTS);
}

static long switches(pid_t pid)
{
    char path[64], line[256];
    long sum = 0, n;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "voluntary_ctxt_switches: %ld", &n) == 1 ||
            sscanf(line, "nonvoluntary_ctxt_switches: %ld", &n) == 1)
            sum += n;
    fclose(file);
    return sum;
}

static long descriptors(pid_t pid)
{
    char path[64];
    long count = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory));)
        count += entry->d_name[0] != '.';
    closedir(directory);
    return count;
}

static pid_t start_idle(void)
{
    const struct spawn_options options = as_pid1();
    pid_t pid = spawn(&options, command_line("pause")).pid;

    budget_await_sleep(pid);
    return pid;
}

/* Here too chance has a page or two of the stack, but none of the file: what is in them `make hot` decides. */
static void hold_memory_at_rest(char *const *argv, long budget)
{
    const struct spawn_options options = as_pid1();
    long anonymous = 1000, file = 0;

    for (int i = 0; i < RUNS; i++) {
        pid_t pid = spawn(&options, argv).pid;
        budget_await_sleep(pid);
        struct memory memory = memory_of(pid);
        anonymous = memory.anonymous < anonymous ? memory.anonymous : anonymous;
        file = memory.resident - memory.anonymous > file ? memory.resident - memory.anonymous : file;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    budget_hold("anonymous memory", anonymous, budget);
    budget_hold_pages(file, FILE_PAGES);
}

static void it_idles_in_little_memory(void **state)
{
    (void)state;
    hold_memory_at_rest(command_line("pause"), ANONYMOUS);
}

/* Once COMMAND runs options are no more than a few numbers. The environment that --user makes is a page. */
static void options_bring_nothing_to_the_memory_at_rest(void **state)
{
    char *pause = (char *)(uintptr_t)budget_floor("pause");

    (void)state;
    hold_memory_at_rest((char *const[]){ "/init", "-g", "-k5s", "-v", "--", pause, NULL }, ANONYMOUS);
    hold_memory_at_rest((char *const[]){ "/init", "-w", "--stop-timeout=5s", "--", pause, NULL }, ANONYMOUS);
    hold_memory_at_rest((char *const[]){ "/init", "-u65532", "--", pause, NULL }, ANONYMOUS + 4);
}

/* By then init is confined, too. That COMMAND has answered tells that a signal was forwarded. */
static void signals_bring_in_no_further_page_of_the_file(void **state)
{
    struct spawn_options options = as_pid1();
    int64_t stamp;
    int out[2];

    (void)state;
    assert_int_equal(pipe(out), 0);
    options.out = out[1];
    pid_t pid = spawn(&options, command_line("stamp")).pid;
    close(out[1]);
    assert_int_equal(read(out[0], &stamp, sizeof stamp), sizeof stamp);
    for (int i = 0; i < SIGNALS; i++) {
        kill(pid, SIGUSR1);
        assert_int_equal(read(out[0], &stamp, sizeof stamp), sizeof stamp);
        budget_await_sleep(pid);
    }
    struct memory memory = memory_of(pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(out[0]);
    budget_hold_pages(memory.resident - memory.anonymous, FILE_PAGES);
}

static void it_idles_without_wakeups_or_descriptors(void **state)
{
    pid_t pid = start_idle();

    (void)state;
    long before = switches(pid), open = descriptors(pid);
    nanosleep(&(struct timespec){ .tv_sec = WATCHED_MS / 1000, .tv_nsec = WATCHED_MS % 1000 * 1000000 }, NULL);
    long after = switches(pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    budget_hold("wakeups", after - before, 0);
    budget_hold("descriptors beside those it was given", open - descriptors(getpid()), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_file_is_small),
        cmocka_unit_test(a_short_run_takes_few_calls_and_instructions_and_no_heap),
        cmocka_unit_test(a_signal_and_an_orphan_take_few_instructions),
        cmocka_unit_test(a_short_run_touches_few_pages),
        cmocka_unit_test(it_idles_in_little_memory),
        cmocka_unit_test(options_bring_nothing_to_the_memory_at_rest),
        cmocka_unit_test(signals_bring_in_no_further_page_of_the_file),
        cmocka_unit_test(it_idles_without_wakeups_or_descriptors),
    };

    binary = budget_file("PITH_INIT", "build/amd64/init");
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
