/*
 * The steps before COMMAND that change files: --remove, --mkdir, --chown, --render. What they make, whose it is, and
 * that nobody who can write to a folder on the way makes init touch anything else.
 */
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/subject.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SET(...) ((const char *[]){ __VA_ARGS__, NULL })

enum { USER = 65532, OTHER = 1234 };

static struct subject s;

static struct subject_options as(void **state)
{
    return (struct subject_options){ .pid1 = *state != NULL };
}

/* --- what a test finds and leaves -------------------------------------------------------------- */

/* A new folder with MODE that is UID's, in static storage. */
static const char *folder(mode_t mode, uid_t uid)
{
    static char path[256];
    static int number;
    char name[16];

    snprintf(name, sizeof name, "f%d", number++);
    snprintf(path, sizeof path, "%s", scratch_path(name));
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chown(path, uid, uid), 0);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static char *in(const char *at, const char *name)
{
    return format("%s/%s", at, name);
}

static char *pair(const char *from, const char *to)
{
    return format("%s:%s", from, to);
}

static void write_file(const char *path, const char *contents, mode_t mode, uid_t uid)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(contents, file) >= 0 && fclose(file) == 0);
    assert_true(chown(path, uid, uid) == 0 && chmod(path, mode) == 0);
}

static const char *contents(const char *path)
{
    static char text[4096];
    FILE *file = fopen(path, "re");
    size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;

    if (!file)
        return "(no file)";
    fclose(file);
    text[length] = '\0';
    return text;
}

static struct stat look(const char *path)
{
    struct stat status = { 0 };

    if (lstat(path, &status) != 0)
        fail_msg("%s: not there", path);
    return status;
}

#define assert_owner(path, uid, gid)                                                                                   \
    do {                                                                                                               \
        assert_int_equal(look(path).st_uid, uid);                                                                      \
        assert_int_equal(look(path).st_gid, gid);                                                                      \
    } while (0)
#define assert_mode(path, mode) assert_int_equal(look(path).st_mode & 07777, mode)
#define assert_absent(path)     assert_int_equal(access(path, F_OK), -1)

static size_t count_entries(const char *path)
{
    DIR *directory = opendir(path);
    size_t count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

/* As engines start most images: that user, no groups, no capabilities, everything but a tmpfs read-only. */
static void become_user_on_a_read_only_root(void *tmpfs)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", tmpfs, "tmpfs", 0, "mode=1777") != 0 ||
        mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0 || setgroups(0, NULL) != 0 ||
        setgid(USER) != 0 || setuid(USER) != 0)
        _exit(98);
}

static void move_to(void *directory)
{
    if (chdir(directory) != 0)
        _exit(98);
}

static void become_user(void *nothing)
{
    (void)nothing;
    if (setgroups(0, NULL) != 0 || setgid(USER) != 0 || setuid(USER) != 0)
        _exit(98);
}

/* --- remove ------------------------------------------------------------------------------------ */

static void remove_unlinks_what_is_there_and_is_content_where_nothing_is(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    char *victim = scratch_path("linked");

    write_file(victim, "", 0600, 0);
    write_file(in(at, "pid"), "1", 0600, 0);
    assert_int_equal(symlink(victim, in(at, "link")), 0);
    options.set = SET(format("PITH_REMOVE=%s,%s,%s", in(at, "pid"), in(at, "link"), in(at, "none/below")));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(subject_run(&s, &options, "true", NULL), 0);
        assert_string_equal(s.err.bytes, "");
    }
    assert_int_equal(count_entries(at), 0);
    assert_int_equal(unlink(victim), 0);
}

static void remove_takes_no_folder_and_chown_not_the_root(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    assert_int_equal(subject_run(&s, &options, "--remove", at, "echo", "no", NULL), 125);
    assert_string_equal(s.err.bytes, format("init: --remove: '%s': Is a directory\n", at));
    assert_string_equal(s.out.bytes, "");
    assert_int_equal(subject_run(&s, &options, "--remove", "//", "echo", "no", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --remove: '//': Is a directory\n");
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", "/", "echo", "no", NULL), 125);
    assert_string_equal(s.err.bytes,
                        "init: --chown: '/': is the root of all folders, which is nobody's to hand over\n");
}

/* --- mkdir ------------------------------------------------------------------------------------- */

static void mkdir_makes_the_folder_and_its_parents_for_commands_user(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.set = SET("POD=web-0");
    for (int i = 0; i < 2; i++)
        assert_int_equal(subject_run(&s, &options, "-u", "65532:65533", "--umask", "077", "--mkdir",
                                     in(at, "a/${POD}//c/:2750"), "--mkdir", in(at, "plain"), "true", NULL),
                         0);
    assert_mode(in(at, "a"), 0755);
    assert_mode(in(at, "a/web-0"), 0755);
    assert_mode(in(at, "a/web-0/c"), 02750);
    assert_mode(in(at, "plain"), 0755);
    assert_owner(in(at, "a"), 65532, 65533);
    assert_owner(in(at, "a/web-0/c"), 65532, 65533);
    assert_owner(at, 0, 0);
}

static void the_last_colon_of_the_last_component_begins_a_mode(void **state)
{
    static const char *const names[] = { "a:0",          "b:rwx:7777", "c:d/e",           "${F:-f}",
                                         "${G:-g}:0710", "./:0:0711",  "h${H:-:/}i:0712", "${J:-/}j:0" };
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.before = move_to;
    options.argument = (void *)(uintptr_t)at;
    options.set = SET("J=./");
    for (size_t i = 0; i < COUNT(names); i++)
        assert_int_equal(subject_run(&s, &options, "--mkdir", names[i], "true", NULL), 0);
    assert_mode(in(at, "a"), 0);
    assert_mode(in(at, "b:rwx"), 07777);
    assert_mode(in(at, "c:d/e"), 0755);
    assert_mode(in(at, "f"), 0755);
    assert_mode(in(at, "g"), 0710);
    assert_mode(in(at, ":0"), 0711);
    assert_mode(in(at, "h:/i"), 0712);
    assert_mode(in(at, "j"), 0);
}

static void a_colon_without_a_mode_behind_it_is_bad_usage(void **state)
{
    static const char *const names[] = { "a:", "a:17777", "a:8", "a:7-", "b/a:rwx", "a:u=rwx", "a:0700:" };
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.before = move_to;
    options.argument = (void *)(uintptr_t)at;
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(subject_run(&s, &options, "--mkdir", "new", "--mkdir", names[i], "echo", "no", NULL), 125);
        assert_string_equal(s.err.bytes,
                            format("init: --mkdir: '%s' has no octal mode behind its colon, such as 0750\n", names[i]));
    }
    assert_int_equal(subject_run(&s, &options, "--mkdir", "new", "--mkdir", ":0", "echo", "no", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --mkdir: an empty path\n");
    assert_int_not_equal(access(in(at, "new"), F_OK), 0);
}

static void a_colon_inside_of_an_expansion_separates_nothing(void **state)
{
    static const char *const rows[][3] = { { "from", "to", "${DIR:-x}/from:${DIR:-y}/to" },
                                           { "a$", "b$", "${DIR}/a$:${DIR}/b$" },
                                           { "{", "}", "${DIR}/{:${DIR}/}" } };
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.set = SET(format("DIR=%s", at));
    for (size_t i = 0; i < COUNT(rows); i++) {
        write_file(in(at, rows[i][0]), "text", 0600, 0);
        assert_int_equal(subject_run(&s, &options, "--render", rows[i][2], "true", NULL), 0);
        assert_string_equal(contents(in(at, rows[i][1])), "text");
    }
}

static void steps_of_a_variable_stand_between_commas(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    write_file(in(at, "1"), "one", 0600, 0);
    write_file(in(at, "2"), "two", 0600, 0);
    options.set = SET(format("PITH_MKDIR=%s:0700,%s:0750", in(at, "a"), in(at, "b")),
                      format("PITH_RENDER=%s,%s", pair(in(at, "1"), in(at, "a/1")), pair(in(at, "2"), in(at, "b/2"))));
    assert_int_equal(subject_run(&s, &options, "true", NULL), 0);
    assert_mode(in(at, "a"), 0700);
    assert_mode(in(at, "b"), 0750);
    assert_string_equal(contents(in(at, "a/1")), "one");
    assert_string_equal(contents(in(at, "b/2")), "two");
}

/* Of what is root's the user or the group alone may have to change. */
static void mkdir_and_chown_give_either_id(void **state)
{
    const struct subject_options options = as(state);
    static const struct {
        const char *user;
        uid_t uid;
        gid_t gid;
    } rows[] = { { "65532:0", 65532, 0 }, { "0:7", 0, 7 } };

    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *at = folder(0755, 0);
        assert_int_equal(mkdir(in(at, "old"), 0755), 0);
        assert_int_equal(subject_run(&s, &options, "-u", rows[i].user, "--mkdir", in(at, "new"), "--chown",
                                     in(at, "old"), "true", NULL),
                         0);
        assert_owner(in(at, "new"), rows[i].uid, rows[i].gid);
        assert_owner(in(at, "old"), rows[i].uid, rows[i].gid);
    }
}

static void drop_fowner(void *unused)
{
    (void)unused;
    if (prctl(PR_CAPBSET_DROP, CAP_FOWNER, 0, 0, 0) != 0)
        _exit(98);
}

/* What is another user's already can be given a mode with CAP_FOWNER only. */
static void mkdir_and_render_for_another_user_need_no_fowner(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.before = drop_fowner;
    write_file(in(at, "from"), "text", 0640, 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532:65533", "--mkdir", in(at, "a:0700"), "--render",
                                 pair(in(at, "from"), in(at, "to")), "true", NULL),
                     0);
    assert_owner(in(at, "a"), 65532, 65533);
    assert_mode(in(at, "a"), 0700);
    assert_owner(in(at, "to"), 65532, 65533);
    assert_mode(in(at, "to"), 0640);
}

static void drop_dac_override(void *unused)
{
    (void)unused;
    if (prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0) != 0 ||
        prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0) != 0)
        _exit(98);
}

/* 01700 is also the mode of a folder that init has not handed over yet. One that it cannot look into is the user's. */
static void mkdir_of_a_private_and_sticky_folder_needs_no_right_to_look_into_it(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.before = drop_dac_override;
    for (int start = 0; start < 2; start++) {
        assert_int_equal(subject_run(&s, &options, "-u", "65532", "--mkdir", in(at, "a:01700"), "true", NULL), 0);
        assert_owner(in(at, "a"), 65532, 65532);
        assert_mode(in(at, "a"), 01700);
    }
}

/* What is there already stays as it is: to hand it over is --chown's. */
static void mkdir_leaves_a_folder_that_is_there(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0700, OTHER);

    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--mkdir", in(at, ":0755"), "true", NULL), 0);
    assert_owner(at, OTHER, OTHER);
    assert_mode(at, 0700);
    write_file(in(at, "file"), "", 0600, 0);
    assert_int_equal(subject_run(&s, &options, "--mkdir", in(at, "file"), "echo", "no", NULL), 125);
    assert_string_equal(s.err.bytes, format("init: --mkdir: '%s': is there and is no folder\n", in(at, "file")));
    assert_int_equal(subject_run(&s, &options, "--mkdir", in(at, "file/below"), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "Not a directory\n");
}

/* --- chown ------------------------------------------------------------------------------------- */

static void chown_hands_a_tree_over_but_no_mount_in_it_and_nothing_beyond_a_link(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    char *mounted = in(at, "d/mounted");

    assert_true(mkdir(in(at, "d"), 0700) == 0 && mkdir(in(at, "d/e"), 0) == 0 && mkdir(mounted, 0700) == 0 &&
                mkdir(in(at, "outside"), 0700) == 0);
    write_file(in(at, "d/e/f"), "", 04755, OTHER);
    write_file(in(at, "outside/g"), "", 0600, 0);
    assert_int_equal(symlink("../outside", in(at, "d/link")), 0);
    assert_int_equal(mount(in(at, "outside"), mounted, NULL, MS_BIND, NULL), 0); /* the same file system */
    int status = subject_run(&s, &options, "-u", "65532:7", "--chown", in(at, "d"), "true", NULL);
    umount(mounted);
    assert_int_equal(status, 0);
    assert_string_equal(s.err.bytes, "");
    assert_owner(in(at, "d"), 65532, 7);
    assert_owner(in(at, "d/e"), 65532, 7);
    assert_owner(in(at, "d/e/f"), 65532, 7);
    assert_mode(in(at, "d/e/f"), 0755); /* the kernel takes set-user-ID away */
    assert_owner(in(at, "d/link"), 65532, 7);
    assert_owner(in(at, "outside"), 0, 0);
    assert_owner(in(at, "outside/g"), 0, 0);
}

/* An overlay of two file systems, as images may be: a file that only the lower one has shows that one's device. */
static const char *mount_overlay(void)
{
    const char *at = folder(0755, 0);
    char *lower = in(at, "lower"), *upper = in(at, "upper"), *merged = in(at, "merged");

    assert_true(mkdir(lower, 0755) == 0 && mkdir(upper, 0755) == 0 && mkdir(merged, 0755) == 0 &&
                mount("tmpfs", lower, "tmpfs", 0, NULL) == 0 && mount("tmpfs", upper, "tmpfs", 0, NULL) == 0);
    assert_true(mkdir(in(lower, "d"), 0755) == 0 && mkdir(in(lower, "d/e"), 0755) == 0 &&
                mkdir(in(upper, "up"), 0755) == 0 && mkdir(in(upper, "work"), 0755) == 0);
    write_file(in(lower, "d/f"), "", 0600, 0);
    write_file(in(lower, "d/e/g"), "", 0600, 0);
    if (mount("overlay", merged, "overlay", 0,
              format("xino=off,lowerdir=%s,upperdir=%s/up,workdir=%s/work", lower, upper, upper)) != 0) {
        print_message("# skip: no overlay\n");
        skip();
    }
    return merged;
}

static void chown_hands_over_what_is_in_a_lower_layer(void **state)
{
    struct subject_options options = as(state);
    const char *at = mount_overlay();
    char *merged[] = { in(at, "d"), in(at, "d/f"), in(at, "d/e"), in(at, "d/e/g") };

    assert_true(look(merged[0]).st_dev != look(merged[1]).st_dev); /* else nothing is tested here */
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", merged[0], "true", NULL), 0);
    assert_string_equal(s.err.bytes, "");
    for (size_t i = 0; i < COUNT(merged); i++)
        assert_owner(merged[i], USER, USER);
    umount(at);
    umount(in(at, "../lower"));
    umount(in(at, "../upper"));
}

static void chown_leaves_what_has_further_names_and_says_so(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    assert_int_equal(mkdir(in(at, "d"), 0755), 0);
    write_file(in(at, "secret"), "", 0600, 0);
    assert_int_equal(link(in(at, "secret"), in(at, "d/mine")), 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", in(at, "d"), "true", NULL), 0);
    assert_string_equal(
        s.err.bytes,
        format("init: --chown: '%s': 'mine' has further names (hard links): left as it is\n", in(at, "d")));
    assert_owner(in(at, "secret"), 0, 0);
    assert_owner(in(at, "d"), 65532, 65532);
}

static void chown_changes_only_what_is_not_theirs_yet(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 65532);

    write_file(in(at, "f"), "", 0600, 65532);
    struct stat before = look(in(at, "f"));
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", at, "true", NULL), 0);
    struct stat after = look(in(at, "f"));
    assert_true(before.st_ctim.tv_nsec == after.st_ctim.tv_nsec && before.st_ctim.tv_sec == after.st_ctim.tv_sec);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", in(at, "none"), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "/none': No such file or directory\n");
}

static void chown_of_a_single_file_and_of_a_deep_tree(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    write_file(in(at, "f"), "", 0600, 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", in(at, "f"), "true", NULL), 0);
    assert_owner(in(at, "f"), 65532, 65532);
    int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(chdir(at), 0);
    for (int i = 0; i < 205; i++)
        assert_true(mkdir("d", 0755) == 0 && chdir("d") == 0);
    assert_true(fchdir(here) == 0 && close(here) == 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", in(at, "d/d/d/d/d/d"), "true", NULL), 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", at, "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "has folders more than 200 deep\n");
}

/* --- render ------------------------------------------------------------------------------------ */

static void render_expands_a_template_into_a_file_of_its_mode_and_commands_user(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.set = SET("NAME=value", "OTHER=");
    write_file(in(at, "from"), "a ${NAME} ${OTHER}${OTHER:-b} ${NAME:+c} $host $$ $${NAME} ${no.such-x:-}\n\n", 0640,
               0);
    write_file(in(at, "to"), "old", 0600, 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(subject_run(&s, &options, "-u", "65532:7", "--umask", "077", "--render",
                                     pair(in(at, "from"), in(at, "to")), "true", NULL),
                         0);
    assert_string_equal(contents(in(at, "to")), "a value b c $host $ ${NAME} \n\n");
    assert_mode(in(at, "to"), 0640);
    assert_owner(in(at, "to"), 65532, 7);
    assert_int_equal(count_entries(at), 2);
}

static void render_of_a_folder_takes_its_templates(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    options.set = SET("PORT=81");
    assert_true(mkdir(in(at, "t"), 0755) == 0 && mkdir(in(at, "out"), 0755) == 0);
    write_file(in(at, "t/a.conf.template"), "a ${PORT}", 0644, 0);
    write_file(in(at, "t/b.conf.template"), "b ${PORT}", 0600, 0);
    write_file(in(at, "t/c.conf"), "${NONE}", 0600, 0);
    write_file(in(at, "t/.template"), "${NONE}", 0600, 0);
    assert_int_equal(subject_run(&s, &options, "--render", pair(in(at, "t"), in(at, "out")), "true", NULL), 0);
    assert_string_equal(contents(in(at, "out/a.conf")), "a 81");
    assert_string_equal(contents(in(at, "out/b.conf")), "b 81");
    assert_int_equal(count_entries(in(at, "out")), 2);
    /* a folder has several links, and is no other file's name for that */
    assert_true(chown(at, USER, USER) == 0 && chown(in(at, "t"), USER, USER) == 0 &&
                chown(in(at, "t/b.conf.template"), USER, USER) == 0 && chown(in(at, "out"), USER, USER) == 0);
    options.set = SET("PORT=82");
    assert_int_equal(
        subject_run(&s, &options, "-u", "65532", "--render", pair(in(at, "t"), in(at, "out")), "true", NULL), 0);
    assert_string_equal(contents(in(at, "out/b.conf")), "b 82");
}

/* As Kubernetes mounts one: read-only, with mode 0777, its files links of root's into a folder that is one. */
static void mount_config_map(void *argument)
{
    const char *at = argument;

    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(at, at, NULL, MS_BIND, NULL) != 0 || mount(NULL, at, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
        _exit(98);
}

/* The same for a container that starts as that user: whom a folder's mode keeps from writing is not told the mount. */
static void mount_config_map_for_user(void *argument)
{
    mount_config_map(argument);
    become_user(NULL);
}

static void a_user_who_may_not_write_to_it_sees_a_read_only_mount(void **state)
{
    struct subject_options options = as(state);
    const char *map = folder(0775, 0);
    char *to = scratch_path("seen"), variable[400];

    write_file(in(map, "x"), "x", 0444, 0);
    assert_int_equal(symlink("x", in(map, "link")), 0);
    snprintf(variable, sizeof variable, "KEY_FILE=%s", in(map, "link"));
    options.set = SET(variable);
    options.before = become_user;
    assert_int_equal(subject_run(&s, &options, "--file-env", "KEY", "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "leads through a symbolic link that another user could have made\n");
    options.before = mount_config_map_for_user;
    options.argument = (void *)(uintptr_t)map;
    assert_int_equal(subject_run(&s, &options, "--file-env", "KEY", "sh", "-c", "echo $KEY", NULL), 0);
    assert_string_equal(s.out.bytes, "x\n");
    options.before = mount_config_map;
    assert_int_equal(chmod(in(map, "x"), 0400), 0); /* as a Secret with that defaultMode: root gives it away */
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--render", pair(in(map, "link"), to), "true", NULL), 0);
    assert_string_equal(contents(to), "x");
    unlink(to);
}

static void a_template_may_come_from_a_config_map(void **state)
{
    struct subject_options options = as(state);
    const char *shared = format("%s", folder(0777, 0)), *map = folder(0777, 0);
    char *to = scratch_path("rendered");

    assert_int_equal(mkdir(in(map, "..2026"), 0755), 0);
    write_file(in(map, "..2026/x.template"), "x", 0644, 0);
    assert_true(symlink("..2026", in(map, "..data")) == 0 && symlink("..data/x.template", in(map, "x.template")) == 0);
    options.before = mount_config_map;
    options.argument = (void *)(uintptr_t)map;
    assert_int_equal(
        subject_run(&s, &options, "-u", "65532", "--render", pair(in(map, "x.template"), to), "true", NULL), 0);
    assert_string_equal(contents(to), "x");
    unlink(to);
    /* where others can write to it, such a link could be theirs; also behind one of the map */
    assert_true(symlink("/dev/null", in(shared, "link")) == 0 && symlink(in(shared, "link"), in(map, "away")) == 0);
    assert_int_equal(subject_run(&s, &options, "--render", pair(in(map, "away"), to), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "leads through a symbolic link that another user could have made\n");
    options.before = NULL;
    assert_int_equal(subject_run(&s, &options, "--render", pair(in(map, "x.template"), to), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "leads through a symbolic link that another user could have made\n");
    assert_absent(to);
}

/* What is judged once init has given up its system calls is judged as before. */
static void a_report_may_be_led_to_by_a_config_map(void **state)
{
    struct subject_options options = as(state);
    const char *map = folder(0777, 0);
    char *to = scratch_path("report");

    assert_int_equal(symlink(to, in(map, "report")), 0);
    options.before = mount_config_map;
    options.argument = (void *)(uintptr_t)map;
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--exit-report", in(map, "report"), "true", NULL), 0);
    assert_string_equal(s.err.bytes, "");
    assert_has(contents(to), "\"exit_code\":0");
    unlink(to);
}

static void what_cannot_be_rendered_leaves_the_old_file_and_one_line(void **state)
{
    static char large[(1 << 20) + 2], variable[100000] = "A=", growing[4 * 200 + 1];
    static const struct {
        const char *template, *says;
    } rows[] = {
        { "${NONE}", "': NONE is not set in the environment\n" },
        { "a ${", "has no closing brace\n" },
        { large, "': is larger than 1 MiB\n" },
        { growing, "/to': File too large\n" },
    };
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    char *from = in(at, "from"), *to = in(at, "to");

    memset(large, 'x', sizeof large - 1);
    memset(variable + 2, 'x', sizeof variable - 3);
    for (size_t i = 0; i + 4 < sizeof growing; i += 4)
        memcpy(growing + i, "${A}", 4);
    options.set = SET(variable);
    write_file(to, "old", 0600, 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        write_file(from, rows[i].template, 0644, 0);
        assert_int_equal(subject_run(&s, &options, "--render", pair(from, to), "echo", "no", NULL), 125);
        assert_has(s.err.bytes, rows[i].says);
        assert_count(s.err.bytes, "\n", 1);
        assert_string_equal(s.out.bytes, "");
        assert_string_equal(contents(to), "old");
        assert_int_equal(count_entries(at), 2);
    }
    large[(1 << 20) - 1] = '\0';
    write_file(from, large, 0644, 0);
    assert_int_equal(subject_run(&s, &options, "--render", pair(from, to), "true", NULL), 0);
    assert_int_equal(look(to).st_size, (1 << 20) - 1);
    int nul = open(from, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(write(nul, "a\0b", 3) == 3 && close(nul) == 0);
    assert_int_equal(subject_run(&s, &options, "--render", pair(from, to), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "': has a NUL byte\n");
    write_file(from, "good", 0644, 0);
    assert_int_equal(subject_run(&s, &options, "--render", pair(from, at), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "': is there and is no regular file\n");
    assert_int_equal(subject_run(&s, &options, "--render", pair(from, in(at, "no/to")), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "No such file or directory\n");
    assert_int_equal(subject_run(&s, &options, "--render", pair(in(at, "no"), to), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "/no': No such file or directory\n");
}

/* A FIFO that nobody writes to does not hold init up. */
static void a_template_that_is_a_fifo_does_not_hang(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    int keep;

    assert_int_equal(mkfifo(in(at, "from"), 0600), 0);
    keep = open(in(at, "from"), O_RDWR | O_CLOEXEC); /* a writer that says nothing */
    int status = subject_run(&s, &options, "--render", pair(in(at, "from"), in(at, "to")), "echo", "no", NULL);
    close(keep);
    assert_int_equal(status, 125);
    assert_absent(in(at, "to"));
}

static void mount_full_disk(void *argument)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", argument, "tmpfs", 0, "size=8k,mode=755") != 0)
        _exit(98);
    FILE *file = fopen(in(argument, "to"), "we");
    if (!file || fputs("old", file) < 0 || fclose(file) != 0)
        _exit(97);
}

static void a_full_disk_leaves_the_old_file_and_one_line(void **state)
{
    static char large[40000];
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    char *from = scratch_path("large");

    memset(large, 'x', sizeof large - 1);
    write_file(from, large, 0644, 0);
    options.before = mount_full_disk;
    options.argument = (void *)(uintptr_t)at;
    /* the disk is seen by init's namespace alone, so that COMMAND of a further init looks at it */
    assert_int_equal(subject_run(&s, &options, "sh", "-c",
                                 "\"$0\" --render \"$1\" echo no; echo $?; cat \"$2/to\"; echo; ls -A \"$2\"",
                                 subject_binary(), pair(from, in(at, "to")), at, NULL),
                     0);
    assert_string_equal(s.out.bytes, "125\nold\nto\n");
    assert_count(s.err.bytes, "No space left on device\n", 1);
    assert_count(s.err.bytes, "\n", 1);
}

struct reader {
    const char *path;
    atomic_bool ends;
    unsigned old, new, others;
};

static void *read_on(void *argument)
{
    struct reader *reader = argument;
    static char text[70000];

    while (!reader->ends) {
        int file = open(reader->path, O_RDONLY | O_CLOEXEC);
        ssize_t length = file >= 0 ? read(file, text, sizeof text) : -1;
        if (file >= 0)
            close(file);
        reader->old += length == 3;
        reader->new += length == 65536;
        reader->others += length != 3 && length != 65536;
    }
    return NULL;
}

static void a_reader_sees_the_old_file_or_the_new_one(void **state)
{
    static char large[65537];
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    const char *both = pair(in(at, "from"), in(at, "to"));
    struct reader reader = { .path = in(at, "to") };
    pthread_t thread;

    memset(large, 'x', 65536);
    write_file(in(at, "from"), large, 0644, 0);
    write_file(in(at, "to"), "old", 0644, 0);
    assert_int_equal(pthread_create(&thread, NULL, read_on, &reader), 0);
    for (int i = 0; i < 20; i++)
        subject_run(&s, &options, "--render", both, "true", NULL);
    reader.ends = true;
    pthread_join(thread, NULL);
    assert_at_least(reader.new, 1);
    assert_int_equal(reader.others, 0);
}

/* --- a hostile user of the folder -------------------------------------------------------------- */

/* What USER may have put under the name of a step's path, or into the way to it, in a volume that is its own. */
static void a_hostile_user_leads_no_step_elsewhere(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0777, USER);
    char *victim = scratch_path("victim"), *keep = scratch_path("keep");

    write_file(victim, "secret", 0600, 0);
    mkdir(keep, 0700);
    write_file(in(keep, "file"), "kept", 0600, 0);
    write_file(in(at, "from"), "attack", 0666, USER);
    assert_true(symlink(victim, in(at, "file")) == 0 && symlink(keep, in(at, "way")) == 0 &&
                link(victim, in(at, "hard")) == 0);
    assert_int_equal(lchown(in(at, "file"), USER, USER), 0);
    assert_int_equal(lchown(in(at, "way"), USER, USER), 0);
    const char *tries[][2] = {
        { "--render", pair(in(at, "file"), in(at, "out")) },
        { "--render", pair(in(at, "from"), in(at, "file")) },
        { "--render", pair(in(at, "hard"), in(at, "out")) },
        { "--render", pair(in(at, "from"), in(at, "way/file")) },
        { "--remove", in(at, "way/file") },
        { "--mkdir", in(at, "way/new") },
        { "--chown", in(at, "way/file") },
        { "--chown", in(at, "file") },
        { "--mkdir", in(at, "file") },
    };
    for (size_t i = 0; i < COUNT(tries); i++) {
        assert_int_equal(subject_run(&s, &options, "-u", "65532", tries[i][0], tries[i][1], "echo", "no", NULL), 125);
        assert_string_equal(s.out.bytes, "");
        assert_absent(in(at, "out"));
    }
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--chown", at, "--chown", in(at, "hard"), "true", NULL),
                     0);
    assert_owner(victim, 0, 0);
    assert_string_equal(contents(victim), "secret");
    assert_string_equal(contents(in(keep, "file")), "kept");
    assert_owner(in(keep, "file"), 0, 0);
    assert_int_equal(count_entries(keep), 1);
}

struct swapper {
    char folder[300], link[300];
    atomic_bool ends;
    atomic_uint swaps;
};

/* Swaps a folder for a link, over and over. At once: what is not there for a moment, init would make. */
static void *swap_on(void *argument)
{
    struct swapper *swapper = argument;

    while (!swapper->ends && renameat2(AT_FDCWD, swapper->folder, AT_FDCWD, swapper->link, RENAME_EXCHANGE) == 0)
        swapper->swaps++;
    return NULL;
}

static void a_folder_that_is_swapped_for_a_link_meanwhile_leads_nowhere(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0777, USER);
    char *keep = scratch_path("kept");
    struct swapper swapper = { .ends = false };
    pthread_t thread;

    mkdir(keep, 0700);
    write_file(in(keep, "file"), "kept", 0600, 0);
    snprintf(swapper.folder, sizeof swapper.folder, "%s/way", at);
    snprintf(swapper.link, sizeof swapper.link, "%s/link", at);
    assert_true(mkdir(swapper.folder, 0777) == 0 && chown(swapper.folder, USER, USER) == 0 &&
                symlink(keep, swapper.link) == 0);
    write_file(in(at, "way/file"), "theirs", 0666, USER);
    write_file(in(at, "from"), "attack", 0666, 0);
    assert_int_equal(pthread_create(&thread, NULL, swap_on, &swapper), 0);
    for (int i = 0; i < 30; i++) {
        subject_run(&s, &options, "-u", "65532", "--remove", in(at, "way/file"), "--chown", at, "--mkdir",
                    in(at, "way/new"), "--render", pair(in(at, "from"), in(at, "way/file")), "true", NULL);
    }
    swapper.ends = true;
    pthread_join(thread, NULL);
    assert_at_least(swapper.swaps, 30);
    assert_string_equal(contents(in(keep, "file")), "kept");
    assert_owner(in(keep, "file"), 0, 0);
    assert_owner(keep, 0, 0);
    assert_int_equal(count_entries(keep), 1);
}

/* A volume as kubelet mounts an emptyDir, 0777 and not sticky: what init has made in it, each start has to find good.
 */
static void a_user_goes_through_its_own_folder_in_a_volume_that_all_may_write_to(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0777, 0);
    char *made = in(at, "made"), *from = in(at, "from"), *to = in(at, "made/to"), *pid = in(at, "made/pid");

    write_file(from, "text", 0644, 0);
    options.before = become_user;
    for (int start = 0; start < 2; start++) {
        assert_int_equal(
            subject_run(&s, &options, "--remove", pid, "--mkdir", made, "--render", pair(from, to), "true", NULL), 0);
        assert_string_equal(s.err.bytes, "");
        assert_string_equal(contents(to), "text");
        assert_absent(pid);
        write_file(pid, "1", 0644, USER);
    }
}

/* Who can rename in the volume can put root's folder beside it under the name, and neither a mount nor its own rights.
 */
static void roots_folder_in_a_volume_that_all_may_write_to_leads_nowhere_unless_it_is_a_mount(void **state)
{
    static const struct {
        const char *user; /* NULL: none */
        bool unprivileged;
    } rows[] = { { "65532", false }, { NULL, false }, { NULL, true } };
    struct subject_options options = as(state);
    const char *at = folder(0777, 0);
    char *way = in(at, "way"), *file = in(at, "way/file"), *from = in(at, "from"), *to = in(at, "way/to");

    assert_int_equal(mkdir(way, 0755), 0);
    write_file(file, "kept", 0600, 0);
    write_file(from, "attack", 0644, 0);
    const char *tries[][2] = { { "--remove", file }, { "--chown", file }, { "--render", pair(from, file) } };
    for (size_t i = 0; i < COUNT(rows) * COUNT(tries); i++) {
        const char *user = rows[i / COUNT(tries)].user, **try = tries[i % COUNT(tries)];
        options.before = rows[i / COUNT(tries)].unprivileged ? become_user : NULL;
        assert_int_equal(
            subject_run(&s, &options, user ? "-u" : "-v", user ? user : "-v", try[0], try[1], "echo", "no", NULL), 125);
        assert_has(s.err.bytes, "leads through a folder that another user could have put there\n");
        assert_string_equal(contents(file), "kept");
        assert_owner(file, 0, 0);
    }
    options.before = NULL;
    assert_int_equal(mount(way, way, NULL, MS_BIND, NULL), 0);
    int status = subject_run(&s, &options, "-u", "65532", "--remove", file, "--render", pair(from, to), "true", NULL);
    umount(way);
    assert_int_equal(status, 0);
    assert_absent(file);
    assert_owner(to, USER, USER);
}

/* A user who may write to a folder may also rename there what is root's alone, and what is made of it is the user's. */
static void a_private_file_under_the_name_of_a_template_is_not_told(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, USER);
    char *both = pair(in(at, "from"), in(at, "out"));

    write_file(in(at, "from"), "secret", 0600, 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--render", both, "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "/from': is a private file that another user could have put there\n");
    assert_absent(in(at, "out"));
    assert_int_equal(subject_run(&s, &options, "--render", both, "true", NULL), 0); /* root's own, for root */
    assert_true(unlink(in(at, "out")) == 0 && chown(in(at, "from"), USER, USER) == 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--render", both, "true", NULL), 0);
    assert_string_equal(contents(in(at, "out")), "secret");
}

static void chown_to(const char *path, uid_t uid, gid_t gid)
{
    assert_int_equal(chown(path, uid, gid), 0);
}

/* Where others can write, anybody's file can be under a name. What COMMAND's user could not read it is not told. */
static void what_commands_user_cannot_read_is_not_told_from_a_volume_that_all_may_write_to(void **state)
{
    static const struct {
        const char *user, *name;
        bool told;
    } rows[] = {
        { "65532", "others", false },
        { "65532", "group", false },
        { "65532:4", "group", true },
        { "65532:1,4", "group", true },
        { "65532:1,5", "group", false },
        { "65532:4", "not-group", false },
        { "65532", "not-group", true },
        { "65532", "own", true },
        { "65532", "closed/file", false },
        { "65532", "open/file", true },
        { "65532:4", "for-group/file", true },
        { "65532", "for-group/file", false },
        { "0", "others", true },
        { "0", "closed/file", true },
        { "1234", "closed/file", true },
    };
    struct subject_options options = as(state);
    const char *at = folder(0777, 0);
    char *to = scratch_path("told"), variable[400];

    write_file(in(at, "own"), "told", 0600, USER);
    write_file(in(at, "others"), "told", 0600, OTHER);
    write_file(in(at, "group"), "told", 0640, 0);
    write_file(in(at, "not-group"), "told", 0604, 0);
    chown_to(in(at, "group"), 0, 4);
    chown_to(in(at, "not-group"), 0, 4);
    assert_true(mkdir(in(at, "closed"), 0700) == 0 && mkdir(in(at, "open"), 0711) == 0 &&
                mkdir(in(at, "for-group"), 0710) == 0);
    write_file(in(at, "closed/file"), "told", 0644, OTHER);
    write_file(in(at, "open/file"), "told", 0644, OTHER);
    write_file(in(at, "for-group/file"), "told", 0644, OTHER);
    chown_to(in(at, "closed"), OTHER, OTHER);
    chown_to(in(at, "open"), OTHER, OTHER);
    chown_to(in(at, "for-group"), OTHER, 4);
    for (size_t i = 0; i < COUNT(rows); i++) {
        char *from = in(at, rows[i].name);
        options.set = SET(variable);
        snprintf(variable, sizeof variable, "KEY_FILE=%s", from);
        subject_run(&s, &options, "-u", rows[i].user, "--file-env", "KEY", "sh", "-c", "echo $KEY", NULL);
        assert_string_equal(s.out.bytes, rows[i].told ? "told\n" : "");
        options.set = NULL;
        assert_int_equal(subject_run(&s, &options, "-u", rows[i].user, "--render", pair(from, to), "true", NULL),
                         rows[i].told ? 0 : 125);
        if (!rows[i].told)
            assert_has(s.err.bytes, " that another user could have put there\n");
        assert_int_equal(unlink(to), rows[i].told ? 0 : -1);
    }
    assert_int_equal(subject_run(&s, &options, "--render", pair(in(at, "others"), to), "true", NULL), 0);
    unlink(to);
}

/* --file-env tells COMMAND what a file holds: in a volume of COMMAND's user that must be no file of somebody else. */
static void a_hostile_user_has_no_secret_read_from_elsewhere(void **state)
{
    static const char *const names[] = { "link", "hard", "others", "private", "way/file" };
    struct subject_options options = as(state);
    const char *at = folder(0755, USER);
    char *victim = scratch_path("v"), *another = scratch_path("a"), *keep = scratch_path("k"), variable[400];

    mkdir(keep, 0700);
    write_file(victim, "secret", 0600, 0);
    write_file(another, "secret", 0600, OTHER);
    write_file(in(keep, "file"), "secret", 0600, 0);
    write_file(in(at, "private"), "secret", 0600, 0);
    write_file(in(at, "own"), "theirs\n", 0600, USER);
    assert_true(symlink(victim, in(at, "link")) == 0 && lchown(in(at, "link"), USER, USER) == 0 &&
                link(victim, in(at, "hard")) == 0 && link(another, in(at, "others")) == 0 &&
                symlink(keep, in(at, "way")) == 0);
    options.set = SET(variable);
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(variable, sizeof variable, "KEY_FILE=%s", in(at, names[i]));
        assert_int_equal(subject_run(&s, &options, "-u", "65532", "--file-env", "KEY", "sh", "-c", "echo $KEY", NULL),
                         125);
        assert_string_equal(s.out.bytes, "");
        assert_has(s.err.bytes, " could ");
        assert_count(s.err.bytes, "\n", 1);
    }
    snprintf(variable, sizeof variable, "KEY_FILE=%s", in(at, "own"));
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--file-env", "KEY", "sh", "-c", "echo $KEY", NULL), 0);
    assert_string_equal(s.out.bytes, "theirs\n");
    unlink(victim);
    unlink(another);
}

static void a_template_that_is_an_open_descriptor_is_read_as_it_is(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    assert_true(write(ends[1], "of ${A}", 7) == 7 && close(ends[1]) == 0);
    options.in = ends[0];
    options.set = SET("A=b");
    assert_int_equal(subject_run(&s, &options, "--render", pair("/dev/stdin", in(at, "to")), "true", NULL), 0);
    close(ends[0]);
    assert_string_equal(contents(in(at, "to")), "of b");
    options.in = 0;
    assert_int_equal(subject_run(&s, &options, "--mkdir", "/proc/self/fd/1", "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "is there and is no folder\n");
}

/* A template of a hostile user, rendered for root, must not become a program with root's rights. */
static void render_passes_no_set_user_id_on(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0777, USER);

    write_file(in(at, "from"), "#!/bin/sh\n", 07755, USER);
    assert_int_equal(subject_run(&s, &options, "--render", pair(in(at, "from"), in(at, "to")), "true", NULL), 0);
    assert_mode(in(at, "to"), 0755);
}

/* What is left of a folder that could not be made ready would be taken for ready by the next start. */
static void a_folder_that_cannot_be_handed_over_is_not_left(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0777, 0);

    options.before = become_user;
    assert_int_equal(subject_run(&s, &options, "-u", "65533", "--mkdir", in(at, "a"), "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "/a': Operation not permitted\n");
    assert_absent(in(at, "a"));
}

/* As init makes one that it has not handed over yet: its own, empty, and of a mode that nobody else gives. */
static void a_folder_that_was_left_half_made_is_finished(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    char *half = in(at, "half"), *below = in(at, "half/below"), *full = in(at, "full"), *others = in(at, "others");

    assert_true(mkdir(half, 0700) == 0 && chmod(half, 03700) == 0 && mkdir(full, 0700) == 0 &&
                mkdir(in(full, "x"), 0700) == 0 && chmod(full, 01700) == 0 && mkdir(others, 0700) == 0);
    chown_to(others, OTHER, OTHER);
    assert_int_equal(chmod(others, 01700), 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532:7", "--mkdir", in(at, "half/below:0750"), "--mkdir", full,
                                 "--mkdir", others, "true", NULL),
                     0);
    assert_owner(half, USER, 7);
    assert_mode(half, 0755);
    assert_owner(below, USER, 7);
    assert_mode(below, 0750);
    assert_owner(full, 0, 0);
    assert_mode(full, 01700);
    assert_owner(others, OTHER, OTHER);
    assert_mode(others, 01700);
    assert_true(rmdir(below) == 0 && chown(half, 0, 0) == 0 && chmod(half, 01700) == 0);
    options.before = become_user; /* whose it is not */
    assert_int_equal(subject_run(&s, &options, "--mkdir", half, "true", NULL), 0);
    assert_owner(half, 0, 0);
    options.before = NULL;
    assert_int_equal(subject_run(&s, &options, "--mkdir", in(at, "half:02711"), "true", NULL), 0);
    assert_mode(half, 02711);
}

/* --- races that strace holds open -------------------------------------------------------------- */

/* The signal comes before the first folder is made, and stops init when it has been: until CONT. */
#define STOPPED_BEHIND_IT "inject=mkdirat:signal=STOP:when=1"

static const struct subject_options traced = { .binary = "/usr/bin/strace", .argv0 = "strace" };

static bool stands(void *path)
{
    return access(path, F_OK) == 0;
}

/* The init that strace has started, which is its one child; 0 before that. */
static pid_t traced_init(void)
{
    pid_t child = 0;

    proc_children(s.pid, &child, 1);
    return child;
}

/* Whether init is in the call that makes a folder. */
static bool makes_folder(void *nothing)
{
    char path[64];
    long call = -1;

    (void)nothing;
    snprintf(path, sizeof path, "/proc/%d/syscall", traced_init()); /* format() would take the caller's strings back */
    return sscanf(contents(path), "%ld", &call) == 1 && call == SYS_mkdirat;
}

static void skip_without_strace(void)
{
    if (access(traced.binary, X_OK) != 0) {
        print_message("# skip: no strace\n");
        skip();
    }
}

static void start_traced(const char *how, const char *path)
{
    skip_without_strace();
    subject_start(&s, &traced, "-o", "/dev/null", "-e", "trace=mkdirat", "-e", how, subject_binary(), "-u", "65532",
                  "--mkdir", path, "true", NULL);
}

/* Between mkdirat(2) and the descriptor of what it made, the name may be given to a folder that is not COMMAND's. */
static void a_folder_that_is_put_in_the_place_of_a_new_one_is_not_handed_over(void **state)
{
    const char *at = folder(0777, USER);
    char *new = in(at, "new"), *private = in(at, "private");

    (void)state;
    assert_int_equal(mkdir(private, 0700), 0);
    write_file(in(private, "file"), "secret", 0600, 0);
    start_traced(STOPPED_BEHIND_IT, new);
    await(stands, new, "the folder that init makes");
    assert_true(rmdir(new) == 0 && rename(private, new) == 0);
    kill(traced_init(), SIGCONT);
    subject_wait(&s);
    assert_owner(new, 0, 0);
    assert_mode(new, 0700);
}

/* Two containers that start on a new volume at the same time: each finds what the other one has made. */
static void a_folder_that_another_init_makes_meanwhile_is_as_good(void **state)
{
    const char *at = folder(0755, USER);
    char *first = in(at, "a"), *below = in(at, "a/b");

    (void)state;
    start_traced("inject=mkdirat:delay_enter=2000000:when=1", below);
    await(makes_folder, NULL, "init to make the folder");
    assert_int_equal(mkdir(first, 0755), 0);
    assert_int_equal(subject_wait(&s), 0);
    assert_owner(first, 0, 0);
    assert_owner(below, USER, USER);
}

/* The other one has made its folder below, before this one could hand its own over. */
static void a_new_folder_that_another_init_uses_at_once_is_handed_over(void **state)
{
    const char *at = folder(0755, USER);
    char *first = in(at, "a"), *below = in(at, "a/b");

    (void)state;
    start_traced(STOPPED_BEHIND_IT, below);
    await(stands, first, "the folder that init makes");
    assert_int_equal(mkdir(below, 0755), 0);
    kill(traced_init(), SIGCONT);
    assert_int_equal(subject_wait(&s), 0);
    assert_owner(first, USER, USER);
    assert_mode(first, 0755);
}

/* Wherever the machine goes down: the next start makes good what this one has left. */
static void a_kill_while_a_folder_is_made_leaves_none_that_passes_for_ready(void **state)
{
    static const char *const calls[] = { "mkdirat", "openat", "statx", "fchownat", "fchmod" };
    struct subject_options options = { .pid1 = false };
    const char *at = folder(0755, 0);
    size_t kills = 0;

    (void)state;
    skip_without_strace();
    for (size_t i = 0; i < COUNT(calls); i++)
        for (int n = 1, status = 128 + SIGKILL; status == 128 + SIGKILL; n++) {
            char *path = format("%s/%s%d", at, calls[i], n);
            subject_start(&s, &traced, "-o", "/dev/null", "-e", format("trace=%s", calls[i]), "-e",
                          format("inject=%s:signal=KILL:when=%d", calls[i], n), subject_binary(), "-u", "65532:7",
                          "--mkdir", path, "true", NULL);
            status = subject_wait(&s);
            kills += status != 0;
            assert_int_equal(subject_run(&s, &options, "-u", "65532:7", "--mkdir", path, "true", NULL), 0);
            assert_owner(path, USER, 7);
            assert_mode(path, 0755);
        }
    assert_at_least(kills, COUNT(calls));
}

/* vfat and some network file systems do not. What is empty is taken for the folder that was made. */
static void a_new_folder_is_handed_over_where_no_sticky_bit_is_kept(void **state)
{
    const char *at = folder(0755, USER);
    char *new = in(at, "new");

    (void)state;
    start_traced(STOPPED_BEHIND_IT, new);
    await(stands, new, "the folder that init makes");
    assert_int_equal(chmod(new, 0755), 0);
    kill(traced_init(), SIGCONT);
    assert_int_equal(subject_wait(&s), 0);
    assert_owner(new, USER, USER);
}

/* --- order, and without privileges ------------------------------------------------------------- */

static void files_are_done_in_the_documented_order(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);

    write_file(in(at, "x"), "in the way", 0600, 0);
    write_file(in(at, "from"), "${MADE}", 0600, 0);
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--before", "cat ${OUT}", "--render",
                                 pair(in(at, "from"), "${OUT}"), "--chown", in(at, "x"), "--mkdir", in(at, "x:0500"),
                                 "--remove", in(at, "x"), "--env", "MADE=of ${ONE}", "--env",
                                 in("OUT=", in(at, "x/y") + 1), "--env", "ONE=late", "true", NULL),
                     125); /* --env is in order, too */
    assert_has(s.err.bytes, "ONE is not set");
    assert_string_equal(contents(in(at, "x")), "in the way"); /* nothing was done */
    assert_int_equal(subject_run(&s, &options, "-u", "65532", "--before", "cat ${OUT}", "--render",
                                 pair(in(at, "from"), "${OUT}"), "--chown", in(at, "x"), "--mkdir", in(at, "x:0500"),
                                 "--remove", in(at, "x"), "--env", "ONE=first", "--env", "MADE=of ${ONE}", "--env",
                                 in("OUT=", in(at, "x/y") + 1), "true", NULL),
                     0);
    assert_string_equal(s.out.bytes, "of first");
}

/* A file or a folder is descriptor 0 then, by turns: each of them is once, at one of two depths. */
static void files_are_done_where_stdin_is_closed(void **state)
{
    struct subject_options options = as(state);

    options.before = subject_close_stdin;
    for (int deep = 0; deep < 2; deep++) {
        const char *at = folder(0755, 0);
        if (deep)
            assert_int_equal(mkdir(at = in(at, "deep"), 0755), 0);
        assert_true(mkdir(in(at, "old"), 0755) == 0 && mkdir(in(at, "t"), 0755) == 0 &&
                    mkdir(in(at, "out"), 0755) == 0);
        write_file(in(at, "old/f"), "", 0600, 0);
        write_file(in(at, "gone"), "", 0600, 0);
        write_file(in(at, "t/x.template"), "x", 0600, 0);
        assert_int_equal(symlink("t/x.template", in(at, "link")), 0);
        assert_int_equal(subject_run(&s, &options, "-u", "65532", "--remove", in(at, "gone"), "--mkdir", in(at, "a/b"),
                                     "--chown", in(at, "old"), "--render", pair(in(at, "link"), in(at, "a/b/y")),
                                     "--render", pair(in(at, "t"), in(at, "out")), "true", NULL),
                         0);
        assert_string_equal(s.err.bytes, "");
        assert_absent(in(at, "gone"));
        assert_owner(in(at, "a/b"), USER, USER);
        assert_owner(in(at, "old/f"), USER, USER);
        assert_string_equal(contents(in(at, "a/b/y")), "x");
        assert_string_equal(contents(in(at, "out/x")), "x");
    }
}

static void without_privileges_on_a_read_only_root_a_tmpfs_is_enough(void **state)
{
    struct subject_options options = as(state);
    const char *at = folder(0755, 0);
    char *from = scratch_path("template");

    write_file(from, "port ${PORT}", 0644, 0);
    options.set = SET("PORT=8080");
    options.before = become_user_on_a_read_only_root;
    options.argument = (void *)(uintptr_t)at;
    assert_int_equal(subject_run(&s, &options, "--mkdir", in(at, "conf/d:0700"), "--render",
                                 pair(from, in(at, "conf/d/x")), "--chown", in(at, "conf"), "--remove", in(at, "pid"),
                                 "--once", "/nowhere:cat ${PWD:+}/dev/null", "cat", in(at, "conf/d/x"), NULL),
                     0);
    assert_string_equal(s.out.bytes, "port 8080");
    assert_string_equal(s.err.bytes, "");
    assert_int_equal(subject_run(&s, &options, "--mkdir", "/new", "echo", "no", NULL), 125);
    assert_string_equal(s.err.bytes, "init: --mkdir: '/new': Read-only file system\n");
    assert_int_equal(subject_run(&s, &options, "--chown", "/etc/passwd", "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "init: --chown: '");
    assert_int_equal(subject_run(&s, &options, "--remove", "/etc/passwd", "echo", "no", NULL), 125);
    assert_has(s.err.bytes, "init: --remove: '/etc/passwd': ");
    assert_int_equal(access("/etc/passwd", F_OK), 0);
}

/* A tree can be large. TERM comes with the first file of two that is handed over: the other one, and the folder, stay.
 */
static void a_stop_signal_ends_chown_in_the_midst_of_a_tree(void **state)
{
    const char *at = folder(0755, 0);

    (void)state;
    skip_without_strace();
    write_file(in(at, "a"), "", 0600, 0);
    write_file(in(at, "b"), "", 0600, 0);
    subject_start(&s, &traced, "-o", "/dev/null", "-e", "trace=fchownat", "-e", "inject=fchownat:signal=TERM:when=1",
                  subject_binary(), "-u", "65532", "--chown", at, "echo", "no", NULL);
    assert_int_equal(subject_wait(&s), 128 + SIGTERM);
    assert_string_equal(s.out.bytes, "");
    assert_int_equal((look(in(at, "a")).st_uid == USER) + (look(in(at, "b")).st_uid == USER), 1);
    assert_owner(at, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(remove_unlinks_what_is_there_and_is_content_where_nothing_is),
        BOTH(remove_takes_no_folder_and_chown_not_the_root),
        BOTH(mkdir_makes_the_folder_and_its_parents_for_commands_user),
        BOTH(the_last_colon_of_the_last_component_begins_a_mode),
        BOTH(a_colon_without_a_mode_behind_it_is_bad_usage),
        BOTH(a_colon_inside_of_an_expansion_separates_nothing),
        BOTH(steps_of_a_variable_stand_between_commas),
        BOTH(mkdir_and_chown_give_either_id),
        BOTH(mkdir_leaves_a_folder_that_is_there),
        BOTH(mkdir_and_render_for_another_user_need_no_fowner),
        BOTH(mkdir_of_a_private_and_sticky_folder_needs_no_right_to_look_into_it),
        BOTH(chown_hands_a_tree_over_but_no_mount_in_it_and_nothing_beyond_a_link),
        BOTH(chown_hands_over_what_is_in_a_lower_layer),
        BOTH(chown_leaves_what_has_further_names_and_says_so),
        BOTH(chown_changes_only_what_is_not_theirs_yet),
        BOTH(chown_of_a_single_file_and_of_a_deep_tree),
        BOTH(render_expands_a_template_into_a_file_of_its_mode_and_commands_user),
        BOTH(render_of_a_folder_takes_its_templates),
        BOTH(a_template_may_come_from_a_config_map),
        BOTH(a_user_who_may_not_write_to_it_sees_a_read_only_mount),
        BOTH(a_report_may_be_led_to_by_a_config_map),
        BOTH(what_cannot_be_rendered_leaves_the_old_file_and_one_line),
        BOTH(a_template_that_is_a_fifo_does_not_hang),
        BOTH(a_full_disk_leaves_the_old_file_and_one_line),
        BOTH(a_reader_sees_the_old_file_or_the_new_one),
        BOTH(a_hostile_user_leads_no_step_elsewhere),
        BOTH(a_folder_that_is_swapped_for_a_link_meanwhile_leads_nowhere),
        BOTH(a_user_goes_through_its_own_folder_in_a_volume_that_all_may_write_to),
        BOTH(roots_folder_in_a_volume_that_all_may_write_to_leads_nowhere_unless_it_is_a_mount),
        BOTH(a_private_file_under_the_name_of_a_template_is_not_told),
        BOTH(what_commands_user_cannot_read_is_not_told_from_a_volume_that_all_may_write_to),
        BOTH(a_hostile_user_has_no_secret_read_from_elsewhere),
        BOTH(a_template_that_is_an_open_descriptor_is_read_as_it_is),
        BOTH(a_folder_that_cannot_be_handed_over_is_not_left),
        BOTH(a_folder_that_was_left_half_made_is_finished),
        BOTH(render_passes_no_set_user_id_on),
        ONLY_ORDINARY(a_folder_that_is_put_in_the_place_of_a_new_one_is_not_handed_over),
        ONLY_ORDINARY(a_stop_signal_ends_chown_in_the_midst_of_a_tree),
        ONLY_ORDINARY(a_folder_that_another_init_makes_meanwhile_is_as_good),
        ONLY_ORDINARY(a_new_folder_that_another_init_uses_at_once_is_handed_over),
        ONLY_ORDINARY(a_new_folder_is_handed_over_where_no_sticky_bit_is_kept),
        ONLY_ORDINARY(a_kill_while_a_folder_is_made_leaves_none_that_passes_for_ready),
        BOTH(files_are_done_in_the_documented_order),
        BOTH(files_are_done_where_stdin_is_closed),
        BOTH(without_privileges_on_a_read_only_root_a_tmpfs_is_enough),
    };

    subject_isolate();
    return cmocka_run_group_tests_name("files", tests, NULL, scratch_remove);
}
