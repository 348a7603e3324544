/* --hold: the file by which it knows of the last run, in a folder where anybody may have put anything. */
#include "support/probe.h"
#include "support/proc.h"
#include "support/scratch.h"
#include "support/script.h"
#include "support/stall.h"
#include "support/subject.h"
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { USER = 65532, OTHER = 65533, MARKS_MAX = 64, MANY = 4096 };

#define FOLDER "/dev/shm"

static struct script_server server;
static char url[64];

/* The option of the folder, in a new tmpfs on it. */
static int start(void **state)
{
    const char *options = *state ? *state : "mode=1777";

    return mount("tmpfs", FOLDER, "tmpfs", 0, options);
}

static int stop(void **state)
{
    (void)state;
    return umount2(FOLDER, MNT_DETACH);
}

/* --- the probe ---------------------------------------------------------------------------------------- */

/* Runs the probe, which is that of USER where AS is not 0; whatever it does, it is healthy and ends in time. */
static const struct run_result *run_probe(uid_t as, const char *folder)
{
    const char *become = as ? format("exec setpriv --reuid=%u --regid=%u --clear-groups", as, as) : "exec";
    char *const argv[] = {
        (char *)"sh", (char *)"-c",
        format("%s %s -v --hold=80ms --interval=10ms --hold-state=%s %s", become, probe_binary(), folder, url), NULL
    };
    const struct run_result *result = run(NULL, argv);

    assert_status(result, 0);
    assert_took(result, 0, 1500);
    return result;
}

static void expect_stays(uid_t as)
{
    run_probe(as, FOLDER);
    assert_says(run_probe(as, FOLDER), " tries");
}

/* No run stays, and each says why. */
static void expect_plain(uid_t as, const char *folder, const char *says)
{
    for (int i = 0; i < 3; i++) {
        const struct run_result *result = run_probe(as, folder);
        assert_says_not(result, " tries");
        assert_says(result, format("\n      no --hold: %s\n", says));
    }
}

/* --- the folder --------------------------------------------------------------------------------------- */

/* What is in the folder; the name of one in *NAME, where NAME is not NULL. */
static size_t entries(char *name)
{
    DIR *folder = opendir(FOLDER);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(folder);
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.') {
            if (name)
                strcpy(name, entry->d_name);
            count++;
        }
    closedir(folder);
    return count;
}

/* The path of the file that a probe of user AS leaves. It is removed. */
static const char *mark_of(uid_t as)
{
    static char path[PATH_MAX];
    char name[NAME_MAX + 1];

    run_probe(as, FOLDER);
    assert_int_equal(entries(name), 1);
    snprintf(path, sizeof path, FOLDER "/%s", name);
    assert_int_equal(unlink(path), 0);
    return path;
}

static void put_file(const char *path, const char *text, uid_t owner)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chown(path, owner, owner), 0);
}

static void put_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(strlen(path) < sizeof address.sun_path);
    strcpy(address.sun_path, path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

/* Each of them lies where the probe's own file would. TARGET is an empty file of the user, as a mark is. */
enum trap { LINK_TO_FILE, LINK_TO_NOTHING, LINK_TO_FOLDER, FIFO, DIRECTORY, SOCKET, NOT_EMPTY, FOREIGN, TRAPS };

static void put_trap(enum trap trap, const char *path, const char *target, uid_t user)
{
    switch (trap) {
    case LINK_TO_FILE:
        assert_int_equal(symlink(target, path), 0);
        break;
    case LINK_TO_NOTHING:
        assert_int_equal(symlink("/mnt/nothing-there", path), 0);
        break;
    case LINK_TO_FOLDER:
        assert_int_equal(symlink("/", path), 0);
        break;
    case FIFO:
        assert_int_equal(mkfifo(path, 0666), 0);
        break;
    case DIRECTORY:
        assert_int_equal(mkdir(path, 0777), 0);
        break;
    case SOCKET:
        put_socket(path);
        break;
    case NOT_EMPTY:
        put_file(path, "text", user);
        return;
    default:
        put_file(path, "", OTHER);
        return;
    }
    assert_int_equal(lchown(path, user, user), 0);
}

static void what_lies_in_its_place_makes_it_a_plain_probe_and_is_not_touched(void **state)
{
    static const uid_t users[] = { 0, USER };
    const char *target = scratch_path("target");
    struct stat before, after;

    (void)state;
    for (size_t u = 0; u < COUNT(users); u++)
        for (enum trap trap = 0; trap < TRAPS; trap++) {
            const char *path = mark_of(users[u]);
            put_file(target, "", users[u]);
            put_trap(trap, path, target, users[u]);
            assert_int_equal(lstat(path, &before), 0);
            expect_plain(users[u], FOLDER, "the file cannot be made: File exists");
            assert_int_equal(lstat(path, &after), 0);
            assert_memory_equal(&before.st_mtim, &after.st_mtim, sizeof before.st_mtim);
            assert_int_equal(before.st_ino, after.st_ino);
            assert_int_equal(access(target, F_OK), 0);
            assert_int_equal(access("/mnt/nothing-there", F_OK), -1);
            assert_int_equal(remove(path), 0);
        }
}

/* Neither the folder itself nor one on the way to it. */
static void no_link_on_the_way_is_followed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(FOLDER "/real", 0777), 0);
    assert_int_equal(mkdir(FOLDER "/real/below", 0777), 0);
    assert_int_equal(symlink("real", FOLDER "/link"), 0);
    expect_plain(0, FOLDER "/link", "a symbolic link is in the path of the folder");
    expect_plain(0, FOLDER "/link/below", "a symbolic link is in the path of the folder");
    run_probe(0, FOLDER "//real/../real/./below/");
    assert_says(run_probe(0, FOLDER "//real/../real/./below/"), " tries");
}

static bool is_removed(void *folder)
{
    return rmdir(folder) == 0;
}

/* Nor is one that takes the place of the folder while a probe stays, whose mark is gone by then. */
static void a_link_that_comes_later_is_not_followed(void **state)
{
    static char folder[] = FOLDER "/real", option[] = "--hold-state=" FOLDER "/real";
    char *const argv[] = { (char *)(uintptr_t)probe_binary(),
                           (char *)"-v",
                           (char *)"--hold=500ms",
                           (char *)"--interval=10ms",
                           option,
                           url,
                           NULL };
    static struct run_result result;
    struct run_child child;

    (void)state;
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_status(run(NULL, argv), 0);
    assert_int_equal(rename(folder, FOLDER "/other"), 0); /* with a mark of this probe */
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_status(run(NULL, argv), 0);
    run_start(&child, NULL, argv);
    await(is_removed, folder, "the folder to be empty");
    assert_int_equal(symlink("other", folder), 0);
    run_finish(&child, &result);
    assert_status(&result, 0);
    assert_took(&result, 500, 500 + GRACE_MS);
    assert_says(&result, "\n      no --hold: a symbolic link is in the path of the folder\n"); /* for the next run */
}

static void a_folder_that_cannot_be_used_makes_it_a_plain_probe(void **state)
{
    (void)state;
    expect_plain(0, "/no/such/folder", "the folder cannot be opened: No such file or directory");
    expect_plain(0, "/etc/passwd", "the folder cannot be opened: Not a directory");
    expect_plain(0, format(FOLDER "/%0*d", NAME_MAX + 1, 0), "the folder cannot be opened: Filename too long");
    assert_int_equal(mkdir(FOLDER "/closed", 0700), 0);
    expect_plain(USER, FOLDER "/closed", "the folder cannot be searched: Permission denied");
    assert_int_equal(chmod(FOLDER "/closed", 0755), 0);
    expect_plain(USER, FOLDER "/closed", "the file cannot be made: Permission denied");
}

static void a_folder_that_is_read_only_makes_it_a_plain_probe(void **state)
{
    (void)state;
    run_probe(0, FOLDER);
    assert_int_equal(mount(NULL, FOLDER, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    expect_plain(0, FOLDER, "the file cannot be removed: Read-only file system");
    expect_plain(USER, FOLDER, "the file cannot be made: Read-only file system");
}

/* The state is how many files there may be: the folder is one of them. */
static void a_folder_that_is_full_makes_it_a_plain_probe(void **state)
{
    (void)state;
    put_file(FOLDER "/last", "", 0);
    expect_plain(0, FOLDER, "the file cannot be made: No space left on device");
    assert_int_equal(unlink(FOLDER "/last"), 0);
    expect_stays(0);
}

static void a_folder_with_thousands_of_files_makes_it_a_plain_probe(void **state)
{
    (void)state;
    for (int i = 2; i <= MANY; i++) /* with `.` and `..` these are more than are looked at */
        assert_int_equal(mknod(format(FOLDER "/pith-hold-%d", i), S_IFREG | 0600, 0), 0);
    expect_plain(USER, FOLDER, "the folder has too many files in it");
    assert_int_equal(entries(NULL), MANY - 1);
    assert_int_equal(unlink(FOLDER "/pith-hold-2"), 0);
    expect_stays(USER);
}

/* --- how many ----------------------------------------------------------------------------------------- */

/* A mark of a container that is gone: SECONDS after the others. */
static void put_old_mark(int number, uid_t owner)
{
    const char *path = format(FOLDER "/pith-hold-%u-%d", owner, number);
    const struct timespec times[2] = { { .tv_sec = 1000000 + number }, { .tv_sec = 1000000 + number } };

    put_file(path, "", owner);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static bool is_there(int number, uid_t owner)
{
    return access(format(FOLDER "/pith-hold-%u-%d", owner, number), F_OK) == 0;
}

static void there_are_never_more_than_64_and_the_oldest_go(void **state)
{
    enum { OLD = 200 };
    static const struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };

    (void)state;
    put_file(FOLDER "/pith-hold-by-hand", "not empty, and so not a mark", USER);
    assert_int_equal(utimensat(AT_FDCWD, FOLDER "/pith-hold-by-hand", old, 0), 0);
    for (int i = 0; i < OLD; i++) {
        int shuffled = i * 37 % OLD;
        put_old_mark(shuffled, USER);
        put_old_mark(shuffled, OTHER);
    }
    run_probe(USER, FOLDER);
    assert_int_equal(entries(NULL), 1 + OLD + MARKS_MAX);
    for (int i = 0; i < OLD; i++) {
        assert_int_equal(is_there(i, USER), i >= OLD - MARKS_MAX + 1);
        assert_true(is_there(i, OTHER)); /* which no other user may remove */
    }
    assert_says(run_probe(USER, FOLDER), " tries");
    assert_int_equal(entries(NULL), 1 + OLD + MARKS_MAX);
    assert_int_equal(access(FOLDER "/pith-hold-by-hand", F_OK), 0);
}

static void each_user_has_its_own(void **state)
{
    (void)state;
    expect_stays(USER);
    assert_says_not(run_probe(0, FOLDER), " tries");
    assert_says_not(run_probe(OTHER, FOLDER), " tries");
    assert_int_equal(entries(NULL), 3);
    expect_stays(USER);
}

/* Without stdin, 0 is a descriptor as any other: once of the folder, once of the file. */
static void a_closed_stdin_makes_no_difference(void **state)
{
    static const char *const folders[] = { FOLDER, FOLDER "/one" };

    (void)state;
    assert_int_equal(mkdir(folders[1], 0700), 0);
    for (size_t i = 0; i < COUNT(folders); i++) {
        char *const argv[] = { (char *)"sh", (char *)"-c",
                               format("exec %s -v --hold=80ms --interval=10ms --hold-state=%s %s <&-", probe_binary(),
                                      folders[i], url),
                               NULL };
        assert_says_not(run(NULL, argv), "no --hold");
        assert_says(run(NULL, argv), " tries");
    }
}

#define ROOT "/mnt/root"

/* The folder may be a volume of several containers, whose namespaces and processes may have the same numbers. */
static void each_root_has_its_own(void **state)
{
    char *const make[] = { (char *)"sh", (char *)"-c",
                           format("mkdir " ROOT " && mount -t tmpfs none " ROOT " && cd " ROOT
                                  " && mkdir -p .%s ." FOLDER " proc && mount --bind /proc proc && mount --bind " FOLDER
                                  " ." FOLDER " && rmdir .%s && cp %s .%s",
                                  probe_binary(), probe_binary(), probe_binary(), probe_binary()),
                           NULL };
    char *const argv[] = { (char *)"chroot",
                           (char *)ROOT,
                           (char *)(uintptr_t)probe_binary(),
                           (char *)"-v",
                           (char *)"--hold=80ms",
                           (char *)"--interval=10ms",
                           (char *)"--hold-state=" FOLDER,
                           url,
                           NULL };

    (void)state;
    if (getenv("PITH_INSTRUMENTED")) {
        print_message("# skip: such a probe needs its libraries, which this root lacks\n");
        skip();
    }
    assert_status(run(NULL, make), 0);
    run_probe(0, FOLDER);
    assert_says_not(run(NULL, argv), " tries");
    assert_int_equal(entries(NULL), 2);
    assert_says(run(NULL, argv), " tries");
    assert_says(run_probe(0, FOLDER), " tries");
    assert_int_equal(umount2(ROOT, MNT_DETACH), 0);
}

/* Where it cannot be told which container this is. MOUNT makes another /proc. */
static void expect_plain_behind(const char *mount, const char *says)
{
    char *const argv[] = { (char *)"unshare",
                           (char *)"--mount",
                           (char *)"sh",
                           (char *)"-c",
                           format("%s /proc && exec setpriv --reuid=%d --regid=%d --clear-groups %s -v --hold=60s %s",
                                  mount, USER, USER, probe_binary(), url),
                           NULL };

    for (int i = 0; i < 2; i++) {
        const struct run_result *result = run(NULL, argv);
        assert_status(result, 0);
        assert_says(result, format("\n      no --hold: %s: ", says));
    }
    assert_int_equal(entries(NULL), 0);
}

static void without_proc_it_is_a_plain_probe(void **state)
{
    (void)state;
    expect_plain_behind("mount -t tmpfs none", "the mount namespace cannot be told");
}

static void where_proc_hides_pid_1_it_is_a_plain_probe(void **state)
{
    (void)state;
    expect_plain_behind("mount -t proc -o hidepid=2 none", "the start of PID 1 cannot be told");
}

#define IN_FOLDER(test, options)                                                                                       \
    cmocka_unit_test_prestate_setup_teardown(test, start, stop, (void *)(uintptr_t)(options))

int main(void)
{
    subject_isolate();
    probe_use_copy();
    script_start(&server, "127.0.0.1", script_ok);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", server.port);
    const struct CMUnitTest tests[] = {
        IN_FOLDER(what_lies_in_its_place_makes_it_a_plain_probe_and_is_not_touched, NULL),
        IN_FOLDER(no_link_on_the_way_is_followed, NULL),
        IN_FOLDER(a_link_that_comes_later_is_not_followed, NULL),
        IN_FOLDER(a_folder_that_cannot_be_used_makes_it_a_plain_probe, NULL),
        IN_FOLDER(a_folder_that_is_read_only_makes_it_a_plain_probe, NULL),
        IN_FOLDER(a_folder_that_is_full_makes_it_a_plain_probe, "mode=1777,nr_inodes=2"),
        IN_FOLDER(a_folder_with_thousands_of_files_makes_it_a_plain_probe, NULL),
        IN_FOLDER(there_are_never_more_than_64_and_the_oldest_go, NULL),
        IN_FOLDER(each_user_has_its_own, NULL),
        IN_FOLDER(a_closed_stdin_makes_no_difference, NULL),
        IN_FOLDER(each_root_has_its_own, NULL),
        IN_FOLDER(without_proc_it_is_a_plain_probe, NULL),
        IN_FOLDER(where_proc_hides_pid_1_it_is_a_plain_probe, NULL),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    script_stop(&server);
    scratch_remove(NULL);
    return failed;
}
