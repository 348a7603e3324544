/* Files that init writes although another user may be able to change what lies on the way to them. */
#ifndef INIT_PLACE_H
#define INIT_PLACE_H

#include "init/conf.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

/* An entry of a folder that is there or can be made. The folder is held open, so that it stays the same one. */
struct place {
    int descriptor;   /* N where the path leads to /proc/self/fd/N, as /dev/stderr does; else -1 */
    int folder;       /* of the entry, opened with O_PATH */
    const char *name; /* of the entry, in `path`; what it names is no symbolic link */
    mode_t mode;      /* of what is there (st_mode of stat(2)); 0: nothing */
    bool shared;      /* another user than root and init's own can replace the entry at any time */
    char path[PATH_MAX];
};

/* What place_find does beyond finding. All zero: nothing. */
struct place_how {
    bool keeps_link; /* a symbolic link as the last component is the place itself */
    bool makes;      /* folders that are missing, or were left half made, are made, the last component too */
    mode_t mode;     /* of the last one; the others have 0755 */
    uid_t uid;       /* whose they are */
    gid_t gid;
    const struct init_conf *reader; /* whose COMMAND is told what is there, so that it has to be able to get there */
};

extern const struct place_how place_plain; /* all zero */

/*
 * Finds the place that PATH names. A symbolic link, also as the last component, is followed only where nobody but root
 * and init's own user could have made it (symlink(7)). NULL, or the reason why not, which is a part of a message
 * (diag.h). The caller closes the folder of *PLACE in any case (place_close).
 */
const char *place_find(struct place *place, const char *path, const struct place_how *how);

void place_close(const struct place *place);

/*
 * Finds PATH and opens the file there for reading, without waiting for the writer of a FIFO. What it holds is for
 * COMMAND of READER. In a shared folder a file is refused that has further names or that COMMAND's user could not read,
 * as another user may have put it there (link(2), rename(2)). The descriptor, which the caller closes, or -1 with the
 * reason in *WHY.
 */
int place_read(const char *path, const struct init_conf *reader, const char **why);

/*
 * Opens what is at PLACE for writing. It does not wait for the reader of a FIFO. A regular file is emptied; where there
 * is none it is made, with mode 0644.
 *
 * In a shared folder an entry could be a hard link to a file of somebody else. There a regular file is unlinked and
 * made anew, unless it is a mount point; a FIFO has to belong to another user and to have no other name; and everything
 * else is refused. The descriptor, which the caller closes, or -1 with the reason in *WHY, a part of a message
 * (diag.h).
 */
int place_open(const struct place *place, const char **why);

#endif
