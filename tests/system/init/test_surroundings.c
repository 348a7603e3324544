/* Init does all of its work in poor surroundings: nothing to read or write, no rights, calls that are refused. */
#include "support/proc.h"
#include "support/run.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct subject s;

/* What is poor; all of it is inherited by COMMAND. */
struct surroundings {
    bool pid1;
    bool empty_root;   /* read-only, and nothing in it but the programs: no /proc, /dev, /etc, /tmp */
    bool unprivileged; /* uid 65532, no capability, no_new_privs */
    bool hidepid;      /* /proc shows only the processes of one's own */
    int refusal;       /* the errno of all calls that are optional; 0: they work */
};

static void need(bool good)
{
    if (!good) {
        perror("surroundings");
        _exit(98);
    }
}

static void enter_empty_root(void)
{
    const char *directory = scratch_directory();

    need(mount(directory, directory, NULL, MS_BIND, NULL) == 0);
    need(mount(NULL, directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0);
    need(chroot(directory) == 0 && chdir("/") == 0);
}

static void drop_privileges(void)
{
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
        ;
    need(setgroups(0, NULL) == 0 && setgid(65532) == 0 && setuid(65532) == 0);
    need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

/* clang-format off */
#define REFUSE(call, error)                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_##call, 0, 1),  \
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)(error))
/* clang-format on */

static void refuse_calls(int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        REFUSE(prctl, error),
        REFUSE(pidfd_open, error),
        REFUSE(pidfd_send_signal, error),
        REFUSE(waitid, error),
        REFUSE(setpgid, error),
        REFUSE(ioctl, error),
        REFUSE(rt_sigqueueinfo, error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };

    need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
    need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0);
}

static void enter(void *argument)
{
    const struct surroundings *poor = argument;

    need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    if (poor->hidepid)
        need(mount("proc", "/proc", "proc", 0, "hidepid=2") == 0);
    if (poor->empty_root)
        enter_empty_root();
    if (poor->unprivileged)
        drop_privileges();
    if (poor->refusal)
        refuse_calls(poor->refusal);
}

static const char *program(const struct surroundings *poor, const char *name)
{
    const char *path = scratch_path(name);

    return poor->empty_root ? path + strlen(scratch_directory()) : path;
}

static struct subject_options in(const struct surroundings *poor)
{
    return (struct subject_options){
        .pid1 = poor->pid1, .binary = program(poor, "init"), .before = enter, .argument = (void *)(uintptr_t)poor
    };
}

/* --- the work ---------------------------------------------------------------------------------- */

static void passes_statuses_on(const struct surroundings *poor)
{
    struct subject_options options = in(poor);

    assert_int_equal(subject_run(&s, &options, program(poor, "end"), "7", NULL), 7);
    assert_string_equal(s.err.bytes, "");
    assert_int_equal(subject_run(&s, &options, "--", program(poor, "end"), "-9", NULL), 137);
    assert_int_equal(subject_run(&s, &options, "/no/such", NULL), 127);
    assert_string_equal(s.err.bytes, "init: /no/such: No such file or directory\n");
}

static void forwards(const struct surroundings *poor, const char *option)
{
    struct subject_options options = in(poor);

    subject_start(&s, &options, option, "--stop-timeout=9s", "--", program(poor, "signals"), "15", "5", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGUSR1);
    stream_await(&s.out, "got 10 ");
    sigqueue(s.pid, 40, (union sigval){ 0 });
    stream_await(&s.out, "got 40 ");
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 5);
    assert_string_equal(s.err.bytes, "");
}

static void reaps(const struct surroundings *poor)
{
    struct subject_options options = in(poor);

    subject_start(&s, &options, program(poor, "orphans"), "60", "2", "36", NULL);
    stream_await(&s.out, "made");
    await_children(s.pid, 1);
    kill(s.pid, 36);
    assert_int_equal(subject_wait(&s), 0);
    assert_string_equal(s.err.bytes, "");
}

static void cleans_up(const struct surroundings *poor, int reached)
{
    struct subject_options options = in(poor);

    subject_start(&s, &options, "--grace=1s", program(poor, "tree"), "-x", "3", "child", "orphan", "session", "daemon",
                  NULL);
    assert_int_equal(subject_wait(&s), 3);
    assert_count(s.out.bytes, " got 15\n", reached);
    assert_string_equal(s.err.bytes, "");
}

/* REACHED of its four descendants are found when COMMAND has exited. */
static void works(const struct surroundings *poor, int reached)
{
    passes_statuses_on(poor);
    forwards(poor, "-c");
    forwards(poor, "-g");
    reaps(poor);
    cleans_up(poor, reached);
}

/* --- where it works ---------------------------------------------------------------------------- */

static void in_an_empty_read_only_root(void **state)
{
    struct surroundings poor = { .pid1 = *state != NULL, .empty_root = true };

    /* without /proc an ordinary process knows of COMMAND's group alone */
    works(&poor, poor.pid1 ? 4 : 2);
}

static void without_privileges(void **state)
{
    struct surroundings poor = { .pid1 = *state != NULL, .unprivileged = true };

    works(&poor, 4);
}

static void without_privileges_in_an_empty_read_only_root(void **state)
{
    struct surroundings poor = { .pid1 = *state != NULL, .unprivileged = true, .empty_root = true };

    works(&poor, poor.pid1 ? 4 : 2);
}

static void where_proc_hides_other_processes(void **state)
{
    struct surroundings poor = { .pid1 = *state != NULL, .unprivileged = true, .hidepid = true };

    works(&poor, 4);
}

/* An ordinary process that cannot be a subreaper has nothing left to end: what COMMAND leaves is adopted elsewhere. */
static void work_with_refusals(void **state, int error)
{
    struct surroundings poor = { .pid1 = *state != NULL, .unprivileged = true, .refusal = error };

    passes_statuses_on(&poor);
    forwards(&poor, "-c");
    forwards(&poor, "-g");
    if (poor.pid1)
        reaps(&poor);
    cleans_up(&poor, poor.pid1 ? 4 : 0);
}

static void where_optional_calls_are_forbidden(void **state)
{
    work_with_refusals(state, EPERM);
}

static void where_optional_calls_do_not_exist(void **state)
{
    work_with_refusals(state, ENOSYS);
}

static void a_refused_call_is_worth_a_line_with_v(void **state)
{
    struct surroundings poor = { .pid1 = *state != NULL, .refusal = EPERM };
    struct subject_options options = in(&poor);

    assert_int_equal(subject_run(&s, &options, "-v", "-p", "TERM", program(&poor, "end"), "7", NULL), 7);
    assert_has(s.err.bytes, "init: cannot become subreaper: Operation not permitted\n");
    assert_has(s.err.bytes, "init: --parent-death-signal: Operation not permitted\n");
}

/* --- in a root of its own ---------------------------------------------------------------------- */

static int make_root(void **state)
{
    static const char *const children[] = { "end", "signals", "orphans", "tree" };

    (void)state;
    run(NULL, (char *[]){ "cp", (char *)(uintptr_t)subject_binary(), scratch_path("init"), NULL });
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++)
        run(NULL, (char *[]){ "cp", (char *)(uintptr_t)subject_child(children[i]), scratch_path(children[i]), NULL });
    return 0;
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(in_an_empty_read_only_root),
        BOTH(without_privileges),
        BOTH(without_privileges_in_an_empty_read_only_root),
        BOTH(where_proc_hides_other_processes),
        BOTH(where_optional_calls_are_forbidden),
        BOTH(where_optional_calls_do_not_exist),
        ONLY_ORDINARY(a_refused_call_is_worth_a_line_with_v),
    };
    return cmocka_run_group_tests(tests, make_root, scratch_remove);
}
