/*
 * Resolves a path component by component (path_resolution(7)) and opens what is there.
 *
 * init may be root, and COMMAND's user may own folders on the way: a path that the kernel resolves as a whole could be
 * led through a symbolic link to a file that only root may write. So each component is opened with O_PATH and
 * O_NOFOLLOW, below the descriptor of the one before, and looked at before the next. A folder that is moved or replaced
 * meanwhile changes nothing any more.
 */
#include "init/place.h"

#include "pith/diag.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LINKS_MAX = 40, OTHERS_WRITE = S_IWGRP | S_IWOTH };

static const char bad_link[] = "leads through a symbolic link that another user could have made",
                  bad_folder[] = "leads through a folder that another user could have put there",
                  bad_entry[] = "is no file, and another user could have put it there";

static bool is_trusted(const struct file_status *status)
{
    return status->uid == 0 || status->uid == geteuid();
}

/* Whether another user than root and init's own can change the entries of FOLDER. */
static bool is_shared(const struct file_status *folder)
{
    return !is_trusted(folder) || (folder->mode & OTHERS_WRITE);
}

/* N where PATH is /proc/self/fd/N, else -1. Such a descriptor is used as it is: to open it again may not be permitted.
 */
static int own_descriptor(const char *path)
{
    static const char own[] = "/proc/self/fd/";
    enum { LENGTH = sizeof own - 1 };

    return text_begins(path, own, LENGTH) ? (int)number_parse(path + LENGTH, INT32_MAX) : -1;
}

/* The state of a resolution. */
struct walk {
    struct place *place;
    char *at, *end; /* the component that is looked at. From `end` on stands what is left of the path, in place->path */
    struct file_status folder;
    int links;
};

static const char *enter(struct walk *walk, int folder)
{
    if (walk->place->folder >= 0)
        close(walk->place->folder);
    walk->place->folder = folder;
    return folder >= 0 && file_look(folder, &walk->folder) ? NULL : DIAG_ERRNO;
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

/* Looks at the next component and enters it. Where it is the last one and no link, the place is found. */
static const char *step(struct walk *walk)
{
    struct place *place = walk->place;
    struct file_status entry;
    char behind;

    while (*walk->end == '/')
        walk->end++;
    walk->at = walk->end;
    walk->end += text_until(walk->at, '/');
    behind = *walk->end;
    *walk->end = '\0';
    int fd = (int)syscall(SYS_openat, place->folder, walk->at, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    *walk->end = behind;
    place->shared = is_shared(&walk->folder);
    if (fd < 0) {
        place->name = errno == ENOENT && !behind ? walk->at : NULL;
        return place->name ? NULL : DIAG_ERRNO;
    }
    if (!file_look(fd, &entry))
        return DIAG_ERRNO;
    if (S_ISLNK(entry.mode))
        return place->shared || !is_trusted(&entry) ? bad_link : follow(walk, fd);
    if (behind)
        return may_be_moved_into(&walk->folder) && !is_shared(&entry) ? bad_folder : enter(walk, fd);
    close(fd);
    place->mode = entry.mode;
    place->name = walk->at;
    return NULL;
}

COLD const char *place_find(struct place *place, const char *path)
{
    size_t size = strlen(path) + 1;
    struct walk walk = { .place = place };

    errno = ENAMETOOLONG;
    if (size > PATH_MAX)
        return DIAG_ERRNO;
    walk.end = memcpy(place->path + PATH_MAX - size, path, size);
    place->folder = -1;
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
                        O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | O_LARGEFILE | flags, 0644);
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
