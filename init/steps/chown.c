/*
 * --chown: hands a tree over to COMMAND's user.
 *
 * That user may change the tree meanwhile. So every entry is opened without following a link (O_PATH, O_NOFOLLOW) and
 * what follows is done to the descriptor, whatever stands under the name by then.
 */
#include "init/place.h"
#include "init/steps/files.h"
#include "pith/diag.h"
#include "pith/entries.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Folders are as deep as this at most: each takes a descriptor while what is in it is handed over. */
enum { DEPTH_MAX = 200 };

struct tree {
    const struct step *step;
    const struct owner *owner;
    uint64_t device, mount; /* of its root */
    int depth;
};

static bool give_entry(struct tree *tree, int folder, const char *name);

/* The message that WHAT and WHY hold for NAME, which is in the tree or its root. */
static void tell_of(const struct tree *tree, const char *name, const char *what, const char *why)
{
    bool below = tree->depth > 0;

    diagf("--chown: '%s%s%s'%s%s", tree->step->path, below ? "': '" : "", below ? name : "", what, why);
}

static bool is_to_stop(const struct tree *tree)
{
    return signals_are_pending(tree->owner->stops);
}

static bool chown_failed(const struct tree *tree, const char *name)
{
    tell_of(tree, name, ": ", DIAG_ERRNO);
    return false;
}

/* Hands over what is in FOLDER. */
static bool give_entries(struct tree *tree, int folder)
{
    struct entries entries = { .folder = folder };
    const char *name;

    while ((name = entries_next(&entries)))
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !give_entry(tree, folder, name))
            return false;
    return entries.length == 0 || file_step_failed(tree->step, tree->step->path, DIAG_ERRNO);
}

/* What is in a folder comes before the folder, so that one that is theirs has been done. FD was opened with O_PATH. */
static bool give_folder(struct tree *tree, int fd, const char *name)
{
    int folder = (int)syscall(SYS_openat, fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0)
        return chown_failed(tree, name);
    if (++tree->depth > DEPTH_MAX) {
        close(folder);
        return file_step_failed(tree->step, tree->step->path, "has folders more than 200 deep");
    }
    bool good = give_entries(tree, folder);
    tree->depth--;
    close(folder);
    return good;
}

static bool give(struct tree *tree, int fd, const char *name, const struct file_status *status)
{
    if (S_ISDIR(status->mode) && !give_folder(tree, fd, name))
        return false;
    if ((status->uid == tree->owner->uid && status->gid == tree->owner->gid) || is_to_stop(tree))
        return true;
    if (!S_ISDIR(status->mode) && status->links > 1) {
        tell_of(tree, name, " has further names (hard links): ", "left as it is");
        return true;
    }
    return file_give(fd, tree->owner->uid, tree->owner->gid) || chown_failed(tree, name);
}

/*
 * Whether what has STATUS is in the mount of the tree. A kernel that does not tell mounts (before 5.8) tells devices.
 * Else these do not count, as a file in an overlay may have the device of its layer.
 */
static bool is_inside(const struct tree *tree, const struct file_status *status)
{
    return status->mount == tree->mount && (status->mount || status->device == tree->device);
}

/* An entry that is gone meanwhile, or a mount of its own, is left alone. After a stop signal each entry is. */
static bool give_entry(struct tree *tree, int folder, const char *name)
{
    if (is_to_stop(tree))
        return true;
    int fd = (int)syscall(SYS_openat, folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct file_status status;

    if (fd < 0)
        return errno == ENOENT || chown_failed(tree, name);
    bool good = file_look(fd, &status) || chown_failed(tree, name);
    if (tree->depth == 0) {
        tree->device = status.device;
        tree->mount = status.mount;
    }
    if (good && is_inside(tree, &status))
        good = give(tree, fd, name, &status);
    close(fd);
    return good;
}

COLD bool hand_over(const struct step *step, const struct owner *owner)
{
    struct tree tree = { .step = step, .owner = owner };
    struct place place;
    const char *why = place_find(&place, step->path, &place_plain);

    if (!why && place.name && !*place.name)
        why = "is the root of all folders, which is nobody's to hand over";
    if (!why && place.mode == 0) {
        errno = ENOENT;
        why = DIAG_ERRNO;
    }
    bool good = why ? file_step_failed(step, step->path, why) : give_entry(&tree, place.folder, place.name);
    place_close(&place);
    return good;
}
