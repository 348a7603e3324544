/*
 * Resolves a path component by component (path_resolution(7)) and opens what is there.
 *
 * init may be root, and COMMAND's user may own folders on the way: a path that the kernel resolves as a whole could be
 * led through a symbolic link to a file that only root may write. So each component is opened with O_PATH and
 * O_NOFOLLOW, below the descriptor of the one before, and looked at before the next. A folder that is moved or replaced
 * meanwhile changes nothing any more.
 */
#include "init/place.h"

#include "init/features.h"
#include "pith/diag.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h> /* ST_RDONLY */
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 40, OTHERS_WRITE = S_IWGRP | S_IWOTH };

const struct place_how place_plain = { 0 };

static const char *const bad_link = "leads through a symbolic link that another user could have made",
                         *const bad_folder = "leads through a folder that another user could have put there",
                         *const bad_entry = "is no file, and another user could have put it there",
                         *const bad_name = "has another name, so that it could be somebody else's file",
                         *const bad_secret = "is a private file that another user could have put there";

static bool is_trusted(const struct file_status *status)
{
    return status->uid == 0 || status->uid == geteuid();
}

/* Whether another user than root and init's own can change the entries of FOLDER, which has STATUS. */
static bool is_shared(const struct file_status *status)
{
    return !is_trusted(status) || (status->mode & OTHERS_WRITE);
}

/*
 * Whether COMMAND of READER may do with what has STATUS what the bit OTHERS (S_IROTH, S_IXOTH) lets others do. As for
 * the kernel, the group's bit is the one that counts for its members. The owner can give itself any bit. Without --user
 * COMMAND has init's own rights, by which init has come this far.
 */
static bool may(const struct init_conf *reader, const struct file_status *status, mode_t others)
{
    bool in_group = status->gid == reader->gid;

    if (!reader->has_user || reader->uid == 0 || reader->uid == status->uid)
        return true;
    for (size_t i = 0; i < reader->group_count; i++)
        in_group |= status->gid == reader->groups[i];
    return status->mode & (in_group ? others << 3 : others);
}

/*
 * Whether FOLDER is mounted read-only: its mode means nothing then, and Kubernetes mounts a ConfigMap with 0777. To a
 * user whom the mode keeps from writing faccessat(2) says so first, and not every kernel tells the flags of a mount.
 */
static bool is_read_only(int folder)
{
    struct statfs system;

    return (syscall(SYS_faccessat, folder, ".", W_OK) != 0 && errno == EROFS) ||
           (fstatfs(folder, &system) == 0 && (system.f_flags & ST_RDONLY));
}

/* N where PATH is /proc/self/fd/N, or /proc/1/fd/N as PID 1, else -1. Such a descriptor is used as it is: to open it
 * again may not be permitted, and would empty a log. */
static int own_descriptor(const char *path)
{
    static const char self[] = "/proc/self/fd/", first[] = "/proc/1/fd/";
    size_t length = sizeof self - 1;

    if (!text_begins(path, self, length)) {
        length = sizeof first - 1;
        if (!text_begins(path, first, length) || getpid() != 1)
            return -1;
    }
    return (int)number_parse(path + length, INT32_MAX);
}

/* The state of a resolution. */
struct walk {
    struct place *place;
    const struct place_how *how;
    char *at, *end; /* the component that is looked at. From `end` on stands what is left of the path, in place->path */
    struct file_status folder; /* without the bits by which others may write, where it is mounted read-only */
    int links;
};

static const char *enter(struct walk *walk, int folder)
{
    if (walk->place->folder >= 0)
        close(walk->place->folder);
    walk->place->folder = folder;
    if (folder < 0 || !file_look(folder, &walk->folder))
        return DIAG_ERRNO;
    if (is_shared(&walk->folder) && is_read_only(folder))
        walk->folder.mode &= ~(mode_t)OTHERS_WRITE;
    return NULL;
}

/* Begins at the root or, for a relative path, at the working directory. A relative link goes on in the folder it is in.
 */
static const char *set_out(struct walk *walk)
{
    struct place *place = walk->place;

    place->descriptor = own_descriptor(walk->end);
    return *walk->end == '/' || place->folder < 0 ? enter(walk, file_open(*walk->end == '/' ? "/" : ".", O_PATH, 0))
                                                  : NULL;
}

/*
 * Puts the target of a symbolic link in front of what is left of the path. It is read to the start of the buffer and
 * then moved, so that no second buffer is needed.
 */
static const char *follow(struct walk *walk, int link)
{
    char *path = walk->place->path;
    long n = syscall(SYS_readlinkat, link, "", path, walk->end - path);

    close(link);
    if (n == walk->end - path || ++walk->links > LINKS_MAX)
        errno = ELOOP;
    else if (n > 0) {
        walk->end = memmove(walk->end - n, path, (size_t)n);
        return set_out(walk);
    }
    return DIAG_ERRNO;
}

/* Whether another user can move a directory into FOLDER. In a sticky folder users can only move what is their own. */
static bool may_be_moved_into(const struct file_status *folder)
{
    return is_shared(folder) && !(is_trusted(folder) && (folder->mode & S_ISVTX));
}

/*
 * Whether another user could have moved the folder ENTRY to where the walk is, and so lead init further than that user
 * gets alone: it is one that only root can write to, or that the reader could not enter. A mount cannot be moved. A
 * folder that others can write to is no gain, as who moves one can make one. A folder of init's own, unprivileged user
 * has to be good, as init finds the folders there that it made at an earlier start.
 */
static bool may_have_been_moved(const struct walk *walk, const struct file_status *entry)
{
    const struct init_conf *reader = walk->how->reader;

    return may_be_moved_into(&walk->folder) && entry->mount == walk->folder.mount &&
           ((entry->uid == 0 && !is_shared(entry)) || (reader && !may(reader, entry, S_IXOTH)));
}

static bool is_empty(int folder)
{
    char list[48] __attribute__((aligned(8))); /* what `.` and `..` take: a third entry is left for the second call */

    syscall(SYS_getdents64, folder, list, sizeof list);
    return syscall(SYS_getdents64, folder, list, sizeof list) == 0;
}

/* Whether what has STATUS has the mode of a folder that init has made and not handed over yet. Set-group-ID comes from
 * the folder that it is in. */
static bool has_new_mode(const struct file_status *status)
{
    return (status->mode & ~(mode_t)S_ISGID) == (S_IFDIR | S_ISVTX | S_IRWXU);
}

/*
 * Whether FOLDER, which was made a moment ago, is the one that was made: its name may have been given to another since.
 * That one would have something in it. It is also told by its mode, as somebody else may have found ours and used it.
 */
static bool is_new(int folder)
{
    struct file_status status;

    return (file_look(folder, &status) && has_new_mode(&status)) || is_empty(folder);
}

/*
 * Hands FOLDER over. The mode comes last: by that of a new folder the next start tells one that is not ready. Where
 * init lacks CAP_FOWNER it cannot give a mode to what is another user's, and takes the folder back for that.
 */
static bool make_ready(const struct walk *walk, int folder, bool last)
{
    const struct place_how *how = walk->how;
    mode_t mode = last ? how->mode : 0755;

    return file_give(folder, how->uid, how->gid) &&
           (syscall(SYS_fchmod, folder, mode) == 0 ||
            (errno == EPERM && file_give(folder, geteuid(), getegid()) && syscall(SYS_fchmod, folder, mode) == 0 &&
             file_give(folder, how->uid, how->gid)));
}

/* Makes the folder that the walk is at. Its descriptor, or -1 with errno: EEXIST where another one is there by now. */
static int make_folder(const struct walk *walk, bool last)
{
    int folder = walk->place->folder, made = -1;

    if (syscall(SYS_mkdirat, folder, walk->at, S_ISVTX | 0700) == 0)
        made = (int)syscall(SYS_openat, folder, walk->at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (made < 0)
        return -1;
    bool is_ours = is_new(made);
    if (is_ours && make_ready(walk, made, last))
        return made;
    int why = is_ours ? errno : EEXIST;
    close(made);
    if (is_ours) /* the next start must not find it and take it for ready */
        syscall(SYS_unlinkat, folder, walk->at, AT_REMOVEDIR);
    errno = why;
    return -1;
}

/*
 * Makes the folder that FD is, opened with O_PATH, ready where an init has left it as it made it: it was killed, or is
 * at work beside this one on the same volume. Whatever else has that mode stays as it is, and so does a folder that
 * init may not look into: it has been given to its user already. False with errno.
 */
static bool finish_folder(const struct walk *walk, int fd, const struct file_status *status, bool last)
{
    if (!has_new_mode(status) || (status->uid != geteuid() && status->uid != walk->how->uid))
        return true;
    int folder = (int)syscall(SYS_openat, fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = folder < 0 || !is_empty(folder) || make_ready(walk, folder, last);
    file_close(folder);
    return good;
}

/* Opens the component that the walk is at, without following a link. The descriptor, or -1 with errno. */
static int open_component(const struct walk *walk)
{
    return (int)syscall(SYS_openat, walk->place->folder, walk->at, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static char *skip_slashes(char *path)
{
    while (*path == '/')
        path++;
    return path;
}

/* Looks at the next component and enters it. Where it is the last one and no link, the place is found. */
static const char *step(struct walk *walk)
{
    struct place *place = walk->place;
    struct file_status entry;

    walk->at = skip_slashes(walk->end);
    walk->end = walk->at + text_until(walk->at, '/');
    bool last = *skip_slashes(walk->end) == '\0';
    char behind = *walk->end;
    *walk->end = '\0';
    int fd = open_component(walk);
    if (PITH_STEPS && fd < 0 && errno == ENOENT && walk->how->makes) {
        fd = make_folder(walk, last);
        if (fd < 0 && errno == EEXIST) /* somebody was faster, as another container that starts on the same volume */
            fd = open_component(walk);
    }
    if (!last)
        *walk->end = behind;
    place->shared = is_shared(&walk->folder);
    if (fd < 0) {
        place->name = errno == ENOENT && last ? walk->at : NULL;
        return place->name ? NULL : DIAG_ERRNO;
    }
    if (!file_look(fd, &entry) || (PITH_STEPS && walk->how->makes && !finish_folder(walk, fd, &entry, last)))
        return DIAG_ERRNO;
    if (S_ISLNK(entry.mode) && !(walk->how->keeps_link && last))
        return place->shared || !is_trusted(&entry) ? bad_link : follow(walk, fd);
    if (!last)
        return !walk->how->makes && may_have_been_moved(walk, &entry) ? bad_folder : enter(walk, fd);
    close(fd);
    place->mode = entry.mode;
    place->name = walk->at;
    return NULL;
}

COLD const char *place_find(struct place *place, const char *path, const struct place_how *how)
{
    size_t size = strlen(path) + 1;
    struct walk walk = { .place = place, .how = how };

    place->folder = -1;
    errno = ENAMETOOLONG;
    if (size > PATH_MAX)
        return DIAG_ERRNO;
    walk.end = memcpy(place->path + PATH_MAX - size, path, size);
    place->mode = 0;
    place->name = NULL;
    const char *why = set_out(&walk);
    while (!why && place->descriptor < 0 && !place->name)
        why = step(&walk);
    return why;
}

static int open_entry(const struct place *place, int flags)
{
    return (int)syscall(SYS_openat, place->folder, place->name,
                        O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_LARGEFILE | flags, 0644);
}

COLD void place_close(const struct place *place)
{
    if (place->folder >= 0)
        close(place->folder);
}

/* NULL, or why the file that FD is must not be read for READER, as another user may have put it where it is. */
static const char *refuse_to_read(int fd, const struct init_conf *reader)
{
    struct file_status status;

    if (!file_look(fd, &status))
        return DIAG_ERRNO;
    if (S_ISDIR(status.mode))
        return NULL;
    if (status.links != 1)
        return bad_name;
    return may(reader, &status, S_IROTH) ? NULL : bad_secret;
}

static int open_to_read(const struct place *place, const struct init_conf *reader, const char **why)
{
    *why = DIAG_ERRNO;
    if (place->descriptor >= 0)
        return (int)syscall(SYS_dup, place->descriptor);
    int fd = (int)syscall(SYS_openat, place->folder, *place->name ? place->name : ".",
                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_LARGEFILE);
    const char *refused = fd >= 0 && place->shared ? refuse_to_read(fd, reader) : NULL;
    if (!refused)
        return fd;
    *why = refused;
    file_close(fd);
    return -1;
}

COLD int place_read(const char *path, const struct init_conf *reader, const char **why)
{
    struct place place;
    int fd = -1;

    *why = place_find(&place, path, &(struct place_how){ .reader = reader });
    if (!*why)
        fd = open_to_read(&place, reader, why);
    place_close(&place);
    return fd;
}

static int open_fifo(const struct place *place, const char **why)
{
    int fd = open_entry(place, 0);
    struct file_status status;

    if (fd < 0 || (file_look(fd, &status) && S_ISFIFO(status.mode) && status.links == 1 && !is_trusted(&status)))
        return fd;
    *why = bad_entry;
    return -1;
}

COLD int place_open(const struct place *place, const char **why)
{
    *why = DIAG_ERRNO;
    if (!place->shared)
        return open_entry(place, O_CREAT | O_TRUNC);
    if (S_ISFIFO(place->mode))
        return open_fifo(place, why);
    if (place->mode == 0 || (S_ISREG(place->mode) && syscall(SYS_unlinkat, place->folder, place->name, 0) == 0))
        return open_entry(place, O_CREAT | O_EXCL);
    if (S_ISREG(place->mode))
        return errno == EBUSY ? open_entry(place, O_TRUNC) : -1;
    *why = bad_entry;
    return -1;
}
