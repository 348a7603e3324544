/* Marks: empty files that tell the next probe how the last one ended. */
#include "healthcheck/sys/mark.h"

#include "healthcheck/sys/file.h"
#include "pith/entries.h"
#include "pith/file.h"
#include "pith/pids.h"
#include "pith/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    ENTRIES_MAX = 4096, /* of a folder that are looked at: more than that is no place to keep anything */
    STAT_SIZE = 1024,
};

static const char prefix[] = "pith-hold-";

/* --- the name ---------------------------------------------------------------------------------- */

/*
 * The facts of statx(2) that tell one root from the next: which file system and mount it is, and when it was made. All
 * are 0 where they cannot be had.
 */
static uint64_t root_number(void)
{
    enum { UNIQUE_MOUNT = 0x4000, MOUNT = 0x1000, BIRTH = 0x800, INODE = 0x100 };
    struct {
        uint32_t head[8];
        uint64_t inode, sizes[3], access[2], birth[2], times[4];
        uint32_t special[2], device[2];
        uint64_t mount, rest[13];
    } root = { 0 };

    syscall(SYS_statx, AT_FDCWD, "/", 0, UNIQUE_MOUNT | MOUNT | BIRTH | INODE, &root);
    const uint64_t facts[] = { root.inode, root.birth[0], root.birth[1], root.mount, root.device[0], root.device[1] };
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        number = (number ^ facts[i]) * UINT64_C(0x9e3779b97f4a7c15);
    return number;
}

/* The number of the mount namespace: what stands in the brackets of mnt:[4026531841]. */
static bool put_namespace(struct text *name)
{
    char link[64];
    ssize_t length = readlink("/proc/self/ns/mnt", link, sizeof link - 1);

    if (length <= 0)
        return false;
    link[length] = '\0';
    size_t from = text_until(link, '['), to = text_until(link, ']');
    if (from >= to)
        return false;
    text_bytes(name, link + from + 1, to - from - 1);
    return true;
}

/* When PID 1 started, in ticks after boot. */
static bool put_start(struct text *name)
{
    char bytes[STAT_SIZE];
    struct text file = { bytes, sizeof bytes, 0 };
    struct pid_stat stat;

    if (!file_read_of(1, "stat", &file) || !pid_stat_parse(bytes, text_kept(&file), &stat))
        return false;
    text_number(name, (uint64_t)stat.field[PID_START]);
    return true;
}

const char *mark_name(struct mark *mark, const char *folder, uint64_t probe)
{
    struct text name = { mark->name, sizeof mark->name, 0 };

    mark->folder = folder;
    text_string(&name, prefix);
    text_number(&name, geteuid());
    text_string(&name, "-");
    if (!put_namespace(&name))
        return "the mount namespace cannot be told";
    text_string(&name, "-");
    if (!put_start(&name))
        return "the start of PID 1 cannot be told";
    text_string(&name, "-");
    text_number(&name, root_number());
    text_string(&name, "-");
    text_number(&name, probe);
    text_end(&name);
    return NULL;
}

/* --- the folder -------------------------------------------------------------------------------- */

static int open_below(int folder, const char *name, int flags)
{
    return openat(folder, name, flags | O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

/* Sets errno to ELOOP where NAME, which could not be opened as a folder, is a symbolic link. */
static void tell_link(int folder, const char *name)
{
    char target[1];

    if (errno != ENOTDIR)
        return;
    errno = syscall(SYS_readlinkat, folder, name, target, sizeof target) > 0 ? ELOOP : ENOTDIR;
}

/* Opens the folder PATH by name, one step after the other, as a link in place of any of them is refused. */
static int open_folder(const char *path)
{
    char step[NAME_MAX + 1];
    int folder = open_below(AT_FDCWD, *path == '/' ? "/" : ".", O_DIRECTORY);

    while (folder >= 0) {
        while (*path == '/')
            path++;
        size_t length = text_until(path, '/');
        if (length == 0)
            return folder;
        int next = length < sizeof step ? open_below(folder, text_copy(step, sizeof step, path, length), O_DIRECTORY)
                                        : (errno = ENAMETOOLONG, -1);
        if (next < 0)
            tell_link(folder, step);
        file_close(folder);
        folder = next;
        path += length;
    }
    return -1;
}

/* --- the marks in it --------------------------------------------------------------------------- */

/* A descriptor of NAME where it is an empty file of this user, or -1. */
static int open_mark(int folder, const char *name)
{
    struct file_status file;
    int mark = open_below(folder, name, 0);

    if (mark < 0)
        return -1;
    if (file_look(mark, &file) && S_ISREG(file.mode) && file.uid == geteuid() && file.size == 0)
        return mark;
    close(mark);
    return -1;
}

/* Removes the mark, if it is there. *REMOVED: the very file that was looked at is the one that went. False with errno.
 */
static bool remove_mark(int folder, const char *name, bool *removed)
{
    struct file_status file;
    int mark = open_mark(folder, name);

    if (mark < 0)
        return true;
    bool gone = unlinkat(folder, name, 0) == 0;
    *removed = gone && file_look(mark, &file) && file.links == 0;
    file_close(mark);
    return gone;
}

/* The newest marks of this user that have been seen: one less than there may be, as one is going to be made. */
struct newest {
    size_t count;
    struct {
        struct timespec time;
        char name[MARK_NAME_SIZE];
    } marks[MARKS_MAX - 1];
};

static bool is_older(struct timespec a, struct timespec b)
{
    return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

/* Counts the mark NAME; where there are too many, the oldest is removed. */
static void count_mark(struct newest *newest, int folder, const char *name)
{
    struct stat file;
    size_t oldest = 0;

    if (strncmp(name, prefix, sizeof prefix - 1) != 0 || strlen(name) >= MARK_NAME_SIZE ||
        fstatat(folder, name, &file, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(file.st_mode) || file.st_size > 0 ||
        file.st_uid != geteuid())
        return;
    size_t at = newest->count;
    if (at < MARKS_MAX - 1) {
        newest->count++;
    } else {
        for (size_t i = 1; i < newest->count; i++)
            if (is_older(newest->marks[i].time, newest->marks[oldest].time))
                oldest = i;
        bool new_is_older = is_older(file.st_mtim, newest->marks[oldest].time);
        unlinkat(folder, new_is_older ? name : newest->marks[oldest].name, 0);
        if (new_is_older)
            return;
        at = oldest;
    }
    newest->marks[at].time = file.st_mtim;
    strcpy(newest->marks[at].name, name);
}

/* A reason that says all has no errno. */
static const char *without_errno(const char *why)
{
    errno = 0;
    return why;
}

/* Looks at all marks in the folder. NULL, or why that cannot be done, with errno. */
static const char *make_room(int folder)
{
    struct entries walk = { .folder = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    const char *unsearched = "the folder cannot be searched";
    struct newest newest;
    size_t count = 0;
    const char *name;

    if (walk.folder < 0)
        return unsearched;
    newest.count = 0;
    while ((name = entries_next(&walk)) && count++ < ENTRIES_MAX)
        count_mark(&newest, folder, name);
    file_close(walk.folder);
    return name ? without_errno("the folder has too many files in it") : walk.length == 0 ? NULL : unsearched;
}

/* --- what a probe does ------------------------------------------------------------------------- */

static const char *unopened(void)
{
    return errno == ELOOP ? without_errno("a symbolic link is in the path of the folder")
                          : "the folder cannot be opened";
}

const char *mark_take(const struct mark *mark, bool *taken)
{
    int folder = open_folder(mark->folder);

    *taken = false;
    if (folder < 0)
        return unopened();
    bool removed = remove_mark(folder, mark->name, taken);
    const char *why = !removed ? "the file cannot be removed" : *taken ? NULL : make_room(folder);
    file_close(folder);
    return why;
}

/* Whether NAME below FOLDER, a descriptor, is a mark. */
static bool is_mark(int folder, const char *name)
{
    int fd = open_mark(folder, name);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

bool mark_is_there(const struct mark *mark)
{
    char path[PATH_MAX];
    struct text full = { path, sizeof path, 0 };

    text_strings(&full, mark->folder, "/", mark->name, NULL);
    if (!is_mark(AT_FDCWD, text_end(&full)))
        return false;
    int folder = open_folder(mark->folder); /* the path could have led through a link */
    bool there = folder >= 0 && is_mark(folder, mark->name);
    if (folder >= 0)
        close(folder);
    return there;
}

const char *mark_make(const struct mark *mark)
{
    int folder = open_folder(mark->folder);

    if (folder < 0)
        return unopened();
    bool made =
        syscall(SYS_mknodat, folder, mark->name, MARK_MODE, 0) == 0 || (errno == EEXIST && is_mark(folder, mark->name));
    file_close(folder);
    return made ? NULL : "the file cannot be made";
}
