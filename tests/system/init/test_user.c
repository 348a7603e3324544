/* --user: COMMAND is that user and has nothing of init's rights, and init's descriptors, HOME and groups are as that's.
 */
#include "support/proc.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SET(...) ((const char *[]){ __VA_ARGS__, NULL })

enum { USER = 65532 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

#define expect_out(text) assert_has(s.out.bytes, text)

/* --- ids --------------------------------------------------------------------------------------- */

static void command_runs_as_the_user_and_init_does_not(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(subject_run(&s, &options, "-u", "65532", "show", NULL), 0);
    expect_out("uid 65532 65532 65532\ngid 65532 65532 65532\ngroups.\nno_new_privs 1\n");
    options.set = SET("PITH_USER=1234:5678");
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    expect_out("uid 1234 1234 1234\ngid 5678 5678 5678\ngroups.\nno_new_privs 1\n");
    subject_start(&s, &options, "--user=65532", "pause", NULL);
    stream_await(&s.out, "ready");
    assert_int_equal(proc_number(s.pid, "Uid"), 0);
    assert_int_equal(proc_number(proc_child(s.pid), "Uid"), 65532);
    kill(s.pid, SIGTERM);
    assert_int_equal(subject_wait(&s), 128 + SIGTERM);
}

static void become_nobody(void *argument)
{
    (void)argument;
    if (setgid(65534) != 0 || setuid(65534) != 0)
        _exit(98);
}

static void a_user_that_may_not_be_is_125(void **state)
{
    struct subject_options options = as(state);

    options.before = become_nobody;
    assert_int_equal(subject_run(&s, &options, "-u", "0", "/bin/true", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --user: '0': Operation not permitted (init has to run as root)\n");
}

/* What engines make of an image's user: no privilege, and the groups at ARGUMENT, of which 0 is none. */
static void become_65532(void *argument)
{
    const gid_t *groups = argument;
    size_t count = 0;

    while (groups[count])
        count++;
    if (setgroups(count, groups) != 0 || setgid(65532) != 0 || setuid(65532) != 0)
        _exit(98);
}

/* Engines list the own group among the supplementary ones once more, or do not. */
static void the_user_that_init_is_already_may_be(void **state)
{
    static const char root[] = "init has to run as root",
                      others[] = "init has other groups: list those, or leave --user out";
    struct subject_options options = as(state);
    struct {
        gid_t groups[4];
        const char *user, *refused, *shown;
    } rows[] = {
        { { 0 }, "65532", NULL, "groups." },
        { { 65532 }, "65532", NULL, "groups 65532." },
        { { 7 }, "65532", others, NULL },
        { { 7, 8 }, "65532", others, NULL },
        { { 65532, 8 }, "65532:65532", others, NULL },
        { { 7 }, "65532:65532,7", NULL, "groups 7." },
        { { 7, 8, 65532 }, "65532:65532,8,7", NULL, "groups 7 8 65532." },
        { { 7 }, "65532:65532,7,65532", NULL, "groups 7." },
        { { 7 }, "65532:65532,7,8", others, NULL },
        { { 65532 }, "65532:65532,7", others, NULL },
        { { 7, 8 }, "65532:65532,7", others, NULL },
        { { 7 }, "65532:7", root, NULL },
        { { 7 }, "65532:65533,7", root, NULL },
        { { 65532 }, "65533:65532", root, NULL },
    };
    char says[160];

    options.before = become_65532;
    for (size_t i = 0; i < COUNT(rows); i++) {
        options.argument = rows[i].groups;
        int status = subject_run(&s, &options, "-u", rows[i].user, subject_child("show"), NULL);
        *says = '\0';
        if (rows[i].refused)
            snprintf(says, sizeof says, "init: --user: '%s': Operation not permitted (%s)\n", rows[i].user,
                     rows[i].refused);
        assert_string_equal(s.err.bytes, says);
        assert_int_equal(status, rows[i].refused ? 125 : 0);
        if (rows[i].shown) {
            snprintf(says, sizeof says, "uid 65532 65532 65532\ngid 65532 65532 65532\n%s\nno_new_privs 1\n",
                     rows[i].shown);
            expect_out(says);
        }
    }
}

/* --- capabilities ------------------------------------------------------------------------------ */

/* What init has when it starts. */
struct rights {
    uid_t uid;
    unsigned securebits; /* capabilities(7) */
    bool ambient;        /* CAP_SETUID can be inherited, and is ambient */
};

enum { KEEP_CAPS = 1 << 4, NO_SETUID_FIXUP = 1 << 2, NOROOT = 1 << 0 };

static void need(bool good)
{
    if (!good) {
        perror("rights");
        _exit(98);
    }
}

static void set_capabilities(bool inheritable)
{
    struct __user_cap_header_struct self = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct sets[2];

    need(syscall(SYS_capget, &self, sets) == 0);
    for (int i = 0; i < 2; i++)
        sets[i].effective = sets[i].permitted;
    if (inheritable)
        sets[0].inheritable = 1U << CAP_SETUID | 1U << CAP_NET_RAW;
    need(syscall(SYS_capset, &self, sets) == 0);
}

static void enter(void *argument)
{
    const struct rights *rights = argument;

    need(prctl(PR_SET_SECUREBITS, KEEP_CAPS) == 0);
    if (rights->uid != 0)
        need(setgroups(0, NULL) == 0 && setgid(rights->uid) == 0 && setuid(rights->uid) == 0);
    set_capabilities(rights->ambient);
    if (rights->ambient)
        need(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SETUID, 0, 0) == 0 &&
             prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0) == 0);
    need(prctl(PR_SET_SECUREBITS, rights->securebits) == 0);
}

static const struct rights all_rights[] = {
    { 0, 0, true },
    { 0, KEEP_CAPS, true },
    { 0, KEEP_CAPS | NO_SETUID_FIXUP, true },
    { 0, KEEP_CAPS | NO_SETUID_FIXUP, false },
    { USER, 0, true },
    { USER, KEEP_CAPS | NO_SETUID_FIXUP, true },
};

static void expect_capabilities(pid_t pid, bool of_root)
{
    static const char *const sets[] = { "CapInh", "CapAmb", "CapPrm", "CapEff" };

    for (size_t i = 0; i < COUNT(sets); i++)
        if ((proc_mask(pid, sets[i]) != 0) != (of_root && i >= 2))
            fail_msg("%s: %s", sets[i], proc_status(pid, sets[i]));
}

static void run_with(const struct subject_options *options, const char *user, const char *command, bool of_root)
{
    subject_start(&s, options, user, command, NULL);
    stream_await(&s.out, "ready");
    expect_capabilities(proc_child(s.pid), of_root);
    subject_end_all(NULL);
}

static void no_capability_is_left_whatever_securebits_say(void **state)
{
    struct subject_options options = as(state);

    options.before = enter;
    for (size_t i = 0; i < COUNT(all_rights); i++) {
        options.argument = (void *)(uintptr_t)&all_rights[i];
        run_with(&options, "-u65532", subject_child("pause"), false);
    }
}

/* A program with rights of its own, as ping may be: no_new_privs gives it none that its caller has not. */
static void a_program_with_capabilities_of_its_own_gets_none(void **state)
{
    struct vfs_cap_data own = { .magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE };
    struct subject_options options = as(state);
    const char *program = scratch_path("ping");
    char command[512];

    own.data[0].permitted = own.data[0].inheritable = 1U << CAP_NET_RAW;
    snprintf(command, sizeof command, "cp %s %s", subject_child("pause"), program);
    assert_int_equal(system(command), 0);
    assert_int_equal(setxattr(program, "security.capability", &own, sizeof own, 0), 0);
    options.before = enter;
    for (size_t i = 0; i < COUNT(all_rights); i++) {
        options.argument = (void *)(uintptr_t)&all_rights[i];
        run_with(&options, "-u65532", program, false);
    }
}

/* Root is what its number says; but nothing else comes through it. */
static void root_stays_root(void **state)
{
    struct subject_options options = as(state);

    options.before = enter;
    for (size_t i = 0; i < COUNT(all_rights); i++) {
        options.argument = (void *)(uintptr_t)&all_rights[i];
        if (all_rights[i].uid == 0)
            run_with(&options, "-u0", subject_child("pause"), true);
    }
}

/* Where engines drop all capabilities and add SETUID and SETGID alone, root cannot signal another user. */
static void drop_kill(void *argument)
{
    (void)argument;
    need(prctl(PR_CAPBSET_DROP, CAP_KILL) == 0);
}

static void a_signal_that_needs_a_capability_is_told_with_its_name(void **state)
{
    struct subject_options options = as(state);

    options.before = drop_kill;
    subject_start(&s, &options, "-u65532", "--stop-timeout=50ms", "pause", NULL);
    stream_await(&s.out, "ready");
    kill(s.pid, SIGTERM);
    stream_await(&s.err, "cannot send KILL");
    kill(proc_child(s.pid), SIGKILL);
    assert_int_equal(subject_wait(&s), 128 + SIGKILL);
    assert_string_equal(
        s.err.bytes, "init: cannot send TERM to COMMAND: Operation not permitted (init needs the capability KILL)\n"
                     "init: cannot send KILL to COMMAND: Operation not permitted (init needs the capability KILL)\n");
}

static void what_is_left_and_could_not_be_killed_is_told_so(void **state)
{
    struct subject_options options = as(state);

    options.before = drop_kill;
    assert_int_equal(subject_run(&s, &options, "-u65532", "-k0", "tree", "-x", "3", "child", "session", NULL), 3);
    assert_string_equal(s.err.bytes,
                        "init: processes left after --grace: 2, KILL refused (init needs the capability KILL)\n");
    subject_end_all(NULL);
}

/* --- descriptors ------------------------------------------------------------------------------- */

static void pipes_can_be_opened_again(void **state)
{
    struct subject_options options = as(state);

    assert_int_equal(
        subject_run(&s, &options, "-u65532", "sh", "-c", "echo one >/dev/stdout; echo two >/proc/self/fd/2", NULL), 0);
    assert_string_equal(s.out.bytes, "one\n");
    assert_string_equal(s.err.bytes, "two\n");
}

static void give(int fd, int as)
{
    need(fd >= 0 && dup2(fd, as) == as);
}

static void give_pipe_socket_and_terminal(void *argument)
{
    int pipe_ends[2], sockets[2], master = posix_openpt(O_RDWR | O_NOCTTY);

    need(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    give(open(ptsname(master), O_RDWR | O_NOCTTY), 0);
    need(pipe(pipe_ends) == 0 && socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
    give(pipe_ends[1], 1);
    give(sockets[1], 2);
    if (argument)
        for (int fd = 0; fd < 3; fd++)
            need(fchown(fd, *(const uid_t *)argument, 0) == 0);
}

static void give_files_and_devices(void *argument)
{
    (void)argument;
    unlink(scratch_path("null"));
    need(mknod(scratch_path("null"), S_IFCHR | 0666, makedev(1, 3)) == 0);
    give(open(scratch_path("null"), O_RDONLY), 0);
    give(open(scratch_path("log"), O_WRONLY | O_CREAT, 0644), 1);
    give(open(scratch_path("null"), O_WRONLY), 2);
}

/* The owners of init's 0 to 2, which BEFORE arranges, once COMMAND runs. */
static void expect_owners(const struct subject_options *options, const char *user, uid_t expected)
{
    char path[64];
    struct stat status;

    subject_start(&s, options, user, "sleep", "1h", NULL);
    await_name(proc_child(s.pid), "sleep");
    for (int fd = 0; fd < 3; fd++) {
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)s.pid, fd);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_uid, expected);
        assert_int_equal(status.st_gid, S_ISCHR(status.st_mode) ? status.st_gid : 0);
    }
    subject_end_all(NULL);
}

static void pipes_sockets_and_terminals_are_handed_over(void **state)
{
    struct subject_options options = as(state);

    options.own_io = true;
    options.before = give_pipe_socket_and_terminal;
    expect_owners(&options, "-u65532:7", USER);
}

/* They have a name that others use. */
static void files_and_devices_stay_whose_they_are(void **state)
{
    struct subject_options options = as(state);

    options.own_io = true;
    options.before = give_files_and_devices;
    expect_owners(&options, "-u65532", 0);
}

static void without_user_nothing_is_handed_over(void **state)
{
    static const uid_t other = 7;
    struct subject_options options = as(state);

    options.own_io = true;
    options.before = give_pipe_socket_and_terminal;
    options.argument = (void *)(uintptr_t)&other;
    expect_owners(&options, "-c", other);
}

static void close_all(void *argument)
{
    (void)argument;
    for (int fd = 0; fd < 3; fd++)
        close(fd);
}

static void closed_ones_are_no_matter(void **state)
{
    struct subject_options options = as(state);

    options.before = close_all;
    options.own_io = true;
    assert_int_equal(subject_run(&s, &options, "-u65532", "sh", "-c", "exit 3", NULL), 3);
}

/* --- the entry of the user --------------------------------------------------------------------- */

/* "" is a directory without passwd(5). */
static void mount_passwd(void *argument)
{
    need(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
    need(mount("tmpfs", "/etc", "tmpfs", 0, NULL) == 0);
    if (!*(const char *)argument)
        return;
    FILE *file = fopen("/etc/passwd", "we");
    need(file && fputs(argument, file) >= 0 && fclose(file) == 0);
}

static void home_and_group_are_of_the_users_entry(void **state)
{
    static const struct {
        const char *passwd, *user, *ids, *home;
    } rows[] = {
        { "", "-u65532", "uid 65532 65532 65532\ngid 65532 65532 65532\ngroups.\n", "/" },
        { "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:102:a b:/var/lib/nginx:/x\nb:x:101:5::/b:\n", "-u101",
          "uid 101 101 101\ngid 102 102 102\ngroups.\n", "/var/lib/nginx" },
        { "root:x:0:0:root:/root:/bin/sh\nnginx:x:101:102:a b:/var/lib/nginx:/x\n", "-u101:7",
          "uid 101 101 101\ngid 7 7 7\ngroups.\n", "/var/lib/nginx" },
        { "root:x:0:0:root:/root:/bin/sh\n", "-u101", "uid 101 101 101\ngid 101 101 101\ngroups.\n", "/" },
        { "root:x:0:3:root:/root:/bin/sh\n", "-u0", "uid 0 0 0\ngid 3 3 3\ngroups.\n", "/root" },
        /* no newline at the end, no home, no fields */
        { "a:x:101:4::/a", "-u101", "gid 4 4 4\n", "/a" },
        { "a:x:101:4:::", "-u101", "gid 4 4 4\n", "/" },
        { "a:x:101:4", "-u101", "gid 4 4 4\n", "/" },
        { "a:x:101\n101\n:::\n\n::::::::\nb:x:101:4::/b:\n", "-u101", "gid 4 4 4\n", "/b" },
        { "a:x:+101:4::/a:\na:x:0101x:4::/a:\na:x:4294967397:4::/a:\nb:x:101:4294967295::/b:\n", "-u101",
          "gid 101 101 101\n", "/" },
    };
    struct subject_options options = as(state);
    char home[64];

    options.before = mount_passwd;
    for (size_t i = 0; i < COUNT(rows); i++) {
        options.argument = (void *)(uintptr_t)rows[i].passwd;
        options.set = SET("A=a", "HOME=/root/of/init", "Z=z");
        snprintf(home, sizeof home, "variable [A=a]\nvariable [HOME=%s]\nvariable [Z=z]\n", rows[i].home);
        assert_int_equal(subject_run(&s, &options, rows[i].user, "show", NULL), 0);
        expect_out(rows[i].ids);
        expect_out(home);
        options.set = SET("A=a");
        snprintf(home, sizeof home, "variable [A=a]\nvariable [HOME=%s]\nshown\n", rows[i].home);
        assert_int_equal(subject_run(&s, &options, "-x", rows[i].user, "show", "${HOME}", NULL), 0);
        expect_out(home);
        snprintf(home, sizeof home, "argument 1 [%s]\n", rows[i].home);
        expect_out(home);
    }
}

static void without_user_home_stays(void **state)
{
    struct subject_options options = as(state);

    options.set = SET("HOME=/somewhere");
    assert_int_equal(subject_run(&s, &options, "show", NULL), 0);
    expect_out("variable [HOME=/somewhere]\n");
}

int main(void)
{
    subject_isolate();
    const struct CMUnitTest tests[] = {
        BOTH(command_runs_as_the_user_and_init_does_not),
        BOTH(a_user_that_may_not_be_is_125),
        BOTH(the_user_that_init_is_already_may_be),
        BOTH(no_capability_is_left_whatever_securebits_say),
        BOTH(a_program_with_capabilities_of_its_own_gets_none),
        BOTH(root_stays_root),
        BOTH(a_signal_that_needs_a_capability_is_told_with_its_name),
        BOTH(what_is_left_and_could_not_be_killed_is_told_so),
        BOTH(pipes_can_be_opened_again),
        BOTH(pipes_sockets_and_terminals_are_handed_over),
        BOTH(files_and_devices_stay_whose_they_are),
        BOTH(without_user_nothing_is_handed_over),
        BOTH(closed_ones_are_no_matter),
        BOTH(home_and_group_are_of_the_users_entry),
        BOTH(without_user_home_stays),
    };
    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
