/* What an init that was taken over cannot do once COMMAND runs: its own process is made to try. */
#include "support/inject.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* capabilities(7) */
enum { DAC_OVERRIDE = 1 << 1, KILL = 1 << 5, SETGID = 1 << 6, SETUID = 1 << 7 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

static bool is_confined(void *argument)
{
    (void)argument;
    return proc_filters(s.pid) == 1 && proc_number(s.pid, "NoNewPrivs") != 0; /* gVisor does not tell it */
}

static void end(int signal, int status)
{
    kill(s.pid, signal);
    assert_int_equal(subject_wait(&s), status);
}

/* An init that has forwarded a signal, and will not be confined where it has to start probes. */
static void start_woken(void **state, const char *a, const char *b)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-v", a, b, "signals", "15", "5", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    kill(s.pid, SIGUSR2);
    stream_await(&s.out, "got 12 ");
    await_state(s.pid, 'S');
}

static void init_is_confined_when_it_sleeps_again(void **state)
{
    start_woken(state, "--", "env");
    await(is_confined, NULL, "the filter");
    end(SIGTERM, 5);
    assert_lacks(s.err.bytes, "give up");
}

static void an_init_with_more_rights_than_command_is_so_at_once(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "-u65532", "signals", "15", "5", NULL);
    await(is_confined, NULL, "the filter");
    stream_await(&s.out, "ready");
    end(SIGTERM, 5);
}

/* COMMAND and what is started beside it are as free as ever. */
static void command_is_not_confined(void **state)
{
    struct subject_options options = as(state);

    subject_start(&s, &options, "--grace=1s", "signals", "15", "5", NULL);
    stream_await(&s.out, "ready");
    pid_t command = proc_child(s.pid);
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    await(is_confined, NULL, "the filter");
    assert_int_equal(proc_filters(command), 0);
    assert_int_equal(proc_number(command, "NoNewPrivs"), proc_number(getpid(), "NoNewPrivs"));
    end(SIGTERM, 5);
}

/* --- the calls --------------------------------------------------------------------------------- */

#ifdef __x86_64__
/* Each of them does something, or fails with another error, where it is not refused: the second test sees to that. */
static const struct attempt refused[] = {
    ATTEMPT(execve, INJECT_NO_PATH, 0, 0),
    ATTEMPT(execveat, AT_FDCWD, INJECT_NO_PATH, 0, 0, 0),
    ATTEMPT(clone, CLONE_SIGHAND),
    ATTEMPT(clone3, 0, 0),
    ATTEMPT(open, INJECT_NO_PATH, O_WRONLY),
    ATTEMPT(open, INJECT_NO_PATH, O_RDWR | O_CREAT | O_EXCL | O_DIRECTORY),
    ATTEMPT(openat, AT_FDCWD, INJECT_NO_PATH, O_RDWR),
    ATTEMPT(openat, AT_FDCWD, INJECT_NO_PATH, O_TRUNC),
    ATTEMPT(openat2, AT_FDCWD, INJECT_NO_PATH, 0, 0),
    ATTEMPT(truncate, INJECT_NO_PATH, 0),
    ATTEMPT(unlink, INJECT_NO_PATH),
    ATTEMPT(unlinkat, AT_FDCWD, INJECT_NO_PATH, 0),
    ATTEMPT(rename, INJECT_NO_PATH, INJECT_NO_PATH),
    ATTEMPT(chmod, INJECT_NO_PATH, 0777),
    ATTEMPT(mount, INJECT_NO_PATH, INJECT_NO_PATH, INJECT_NO_PATH),
    ATTEMPT(chroot, INJECT_NO_PATH),
    ATTEMPT(unshare, 0),
    ATTEMPT(setns, -1, 0),
    ATTEMPT(socket, AF_UNIX, SOCK_STREAM, 0),
    ATTEMPT(connect, -1, 0, 0),
    ATTEMPT(ptrace, -1),
    ATTEMPT(process_vm_readv, INJECT_OWN_PID, 0, 0, 0, 0),
    ATTEMPT(mmap, 0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
    ATTEMPT(mprotect, 0, 0, PROT_EXEC),
    ATTEMPT(memfd_create, INJECT_NO_PATH, 0),
    ATTEMPT(setuid, 0),
    ATTEMPT(prctl, PR_SET_DUMPABLE, 1),
    ATTEMPT(prctl, PR_GET_DUMPABLE),
    ATTEMPT(ioctl, 0, TIOCSTI, INJECT_NO_PATH),
    ATTEMPT(bpf, -1),
    ATTEMPT(reboot, 0),
};

static void what_init_does_not_need_is_refused(void **state)
{
    start_woken(state, "--", "env");
    await(is_confined, NULL, "the filter");
    inject_begin(s.pid);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        long result = inject_attempt(s.pid, &refused[i]);
        if (result != -EPERM)
            fail_msg("%s: %ld", refused[i].name, result);
    }
    assert_true(inject_attempt(s.pid, &(struct attempt)ATTEMPT(openat, AT_FDCWD, INJECT_A_PATH, O_RDONLY)) >= 0);
    assert_int_equal(inject_attempt(s.pid, &(struct attempt)ATTEMPT(kill, INJECT_OWN_PID, 0)), 0);
    end(SIGKILL, 128 + SIGKILL);
}

/* Nothing ends an init: it would take the container with it. */
static void another_architectures_calls_are_refused(void **state)
{
    enum { MKDIR_32 = 39 }; /* the number of getpid(2) to those of 64 bits, which is not refused */
    static const long none[6];

    start_woken(state, "--watch=tcp://127.0.0.1:1", "--watch-interval=1h");
    inject_begin(s.pid);
    if (inject_call_32(s.pid, MKDIR_32, none) != -EFAULT) {
        print_message("# skip: this kernel has no 32-bit programs\n");
        skip();
    }
    end(SIGKILL, 128 + SIGKILL);
    start_woken(state, "--", "env");
    await(is_confined, NULL, "the filter");
    inject_begin(s.pid);
    assert_int_equal(inject_call_32(s.pid, MKDIR_32, none), -EPERM);
    end(SIGKILL, 128 + SIGKILL);
}

/* The attempts above are real ones: nothing else stands in their way. */
static void without_the_filter_none_of_it_is_refused(void **state)
{
    start_woken(state, "--watch=tcp://127.0.0.1:1", "--watch-interval=1h");
    assert_int_equal(proc_filters(s.pid), 0);
    inject_begin(s.pid);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        long result = inject_attempt(s.pid, &refused[i]);
        if (result == -EPERM || result == INJECT_ENDED)
            fail_msg("%s: %ld", refused[i].name, result);
    }
    end(SIGKILL, 128 + SIGKILL);
}

static void a_report_is_all_that_may_be_written(void **state)
{
    start_woken(state, "--exit-report=/dev/null", "--");
    await(is_confined, NULL, "the filter");
    inject_begin(s.pid);
    assert_int_equal(inject_attempt(s.pid, &(struct attempt)ATTEMPT(openat, AT_FDCWD, INJECT_NO_PATH, O_WRONLY)),
                     -ENOENT);
    assert_int_equal(inject_attempt(s.pid, &(struct attempt)ATTEMPT(unlinkat, AT_FDCWD, INJECT_NO_PATH, 0)), -ENOENT);
    assert_int_equal(inject_attempt(s.pid, &(struct attempt)ATTEMPT(rename, INJECT_NO_PATH, INJECT_NO_PATH)), -EPERM);
    end(SIGKILL, 128 + SIGKILL);
}
#endif

/* --- capabilities ------------------------------------------------------------------------------ */

struct wanted {
    unsigned long long capabilities;
};

static bool has_only(void *argument)
{
    const struct wanted *wanted = argument;

    return proc_mask(s.pid, "CapEff") == wanted->capabilities && proc_mask(s.pid, "CapPrm") == wanted->capabilities &&
           proc_mask(s.pid, "CapInh") == 0 && proc_mask(s.pid, "CapAmb") == 0 && proc_number(s.pid, "NoNewPrivs") != 0;
}

static void with_user_init_keeps_what_its_work_takes(void **state)
{
    static const struct {
        const char *option;
        unsigned capabilities;
    } rows[] = {
        { "--grace=1s", KILL },
        { "--exit-report=/dev/null", KILL | DAC_OVERRIDE },
        { "--watch=tcp://127.0.0.1:1", KILL | SETGID | SETUID },
    };
    struct subject_options options = as(state);

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wanted wanted = { rows[i].capabilities };
        subject_start(&s, &options, "-u65532", rows[i].option, "signals", "15", "5", NULL);
        stream_await(&s.out, "ready");
        await(has_only, &wanted, rows[i].option);
        end(SIGTERM, 5);
        assert_string_equal(s.err.bytes, "");
    }
}

/* What was not given is not asked for. */
static void drop_all(void *argument)
{
    (void)argument;
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
        ;
    if (setuid(0) != 0 || unshare(CLONE_NEWNS) != 0)
        _exit(98);
}

static void where_there_are_none_nothing_is_lost(void **state)
{
    struct subject_options options = as(state);

    options.before = drop_all;
    subject_start(&s, &options, "-v", "-u0", "signals", "15", "5", NULL);
    stream_await(&s.out, "ready");
    await(is_confined, NULL, "the filter");
    assert_true(proc_mask(s.pid, "CapEff") == 0);
    end(SIGTERM, 5);
    assert_lacks(s.err.bytes, "give up");
}

/* --- the work goes on -------------------------------------------------------------------------- */

static void what_another_user_leaves_is_ended(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(
        subject_run(&s, &options, "-u65532", "--grace=9s", "tree", "-x", "3", "orphan", "daemon", "session", NULL), 3);
    assert_count(s.out.bytes, " got 15", 3);
}

static void hide(void *argument)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("proc", "/proc", "proc", 0, argument) != 0)
        _exit(98);
}

static void it_is_where_proc_hides_it_too(void **state)
{
    struct subject_options options = as(state);

    options.before = hide;
    options.argument = (void *)"hidepid=2";
    assert_int_equal(subject_run(&s, &options, "-u65532", "--grace=9s", "tree", "-x", "3", "daemon", NULL), 3);
    assert_count(s.out.bytes, " got 15", 1);
}

/* Who may not trace a process does not see it, and init has given that right up. It knows that it has children. */
static void it_is_where_proc_shows_none_of_them(void **state)
{
    struct subject_options options = as(state);

    options.before = hide;
    options.argument = (void *)"hidepid=4";
    assert_int_equal(subject_run(&s, &options, "-v", "-u65532", "--grace=9s", "tree", "-x", "3", "orphan", NULL), 3);
    assert_count(s.out.bytes, " got 15", 1);
    if (!*state)
        assert_has(s.err.bytes, "init: /proc shows none: only COMMAND's process group gets TERM\n");
}

static void become_nobody(void *argument)
{
    (void)argument;
    if (setgid(65532) != 0 || setuid(65532) != 0)
        _exit(98);
}

/* `echo >/proc/1/fd/1` is how cron jobs and exec'd shells log; who may do that may read this. */
static void others_of_its_user_may_look_at_it_still(void **state)
{
    struct subject_options options = as(state);
    char path[64];
    int status;

    options.before = become_nobody;
    subject_start(&s, &options, "--grace=1s", "signals", "15", "5", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    await(is_confined, NULL, "the filter");
    snprintf(path, sizeof path, "/proc/%d/environ", (int)s.pid);
    pid_t other = fork();
    if (other == 0) {
        become_nobody(NULL);
        _exit(open(path, O_RDONLY | O_CLOEXEC) < 0);
    }
    assert_int_equal(waitpid(other, &status, 0), other);
    assert_int_equal(status, 0);
    end(SIGTERM, 5);
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(init_is_confined_when_it_sleeps_again),
        BOTH(an_init_with_more_rights_than_command_is_so_at_once),
        BOTH(command_is_not_confined),
#ifdef __x86_64__
        BOTH(what_init_does_not_need_is_refused),
        BOTH(without_the_filter_none_of_it_is_refused),
        BOTH(another_architectures_calls_are_refused),
        BOTH(a_report_is_all_that_may_be_written),
#endif
        BOTH(with_user_init_keeps_what_its_work_takes),
        BOTH(where_there_are_none_nothing_is_lost),
        BOTH(what_another_user_leaves_is_ended),
        BOTH(it_is_where_proc_hides_it_too),
        BOTH(it_is_where_proc_shows_none_of_them),
        BOTH(others_of_its_user_may_look_at_it_still),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
