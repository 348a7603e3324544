/* Places in the file system that a path names, where another user may change what lies on the way to them. */
#ifndef INIT_PLACE_H
#define INIT_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* Where an entry is, or would be made. A folder that is moved or replaced meanwhile changes nothing: it is held open.
 */
struct place {
    int descriptor;   /* where the path means one of init's own (/proc/self/fd/N, /dev/stderr): its number; else -1 */
    int folder;       /* of the entry, opened with O_PATH */
    const char *name; /* of the entry, in `path`; what it names is no symbolic link */
    mode_t mode;      /* of what is there (stat(2)); 0: nothing */
    bool shared;      /* another user than init's and root can put something else there at any time */
    char path[PATH_MAX];
};

/*
 * Finds the place that PATH names. Symbolic links are followed only where nobody but init's user and root could have
 * made them, the last component too (symlink(7)). NULL, or the reason why not, a part of a message (diag.h). The two
 * descriptors are the caller's.
 */
const char *place_find(struct place *place, const char *path);

/*
 * Opens what is at PLACE for writing, without waiting for a FIFO's reader. A regular file is emptied, and made, with
 * mode 0644, where there is none. In a shared folder it is unlinked and made anew, unless it is a mount point: it could
 * be a hard link to another's file. For the same reason a FIFO there has to belong to another user and have no other
 * name, and whatever else there is is left alone. -1, and why not in *WHY, as above.
 */
int place_open(const struct place *place, const char **why);

#endif
