/*
 * A mark: an empty file by which a probe tells the next one of its kind that it was healthy.
 *
 * Its name says whose it is: the probe, its user, and the instance of the container. A folder such as /dev/shm may
 * outlive a container and belong to several of them (a pod), so the instance is told by the mount namespace, the start
 * of PID 1, and the root, as namespaces and PID 1 alone may be the same for the next one. Anybody may write to such a
 * folder: no symbolic link is followed, nothing is opened but by name (O_PATH), and what is no empty file of this user
 * counts as no mark.
 */
#ifndef HEALTHCHECK_SYS_MARK_H
#define HEALTHCHECK_SYS_MARK_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    MARK_NAME_SIZE = 96,
    MARKS_MAX = 64, /* of one user in a folder */
};

struct mark {
    const char *folder;
    char name[MARK_NAME_SIZE];
};

/*
 * Names the mark of PROBE, a number, in FOLDER, which stays the caller's. NULL, or why there can be none, with errno.
 */
const char *mark_name(struct mark *mark, const char *folder, uint64_t probe);

/*
 * Takes the mark away: *TAKEN says whether there was one. Where there was none, makes room for it: of MARKS_MAX marks
 * of this user the oldest goes. NULL, or why no mark can be kept there, with errno, which is 0 where that says all.
 */
const char *mark_take(const struct mark *mark, bool *taken);

/* Whether the mark is there: one call where it is not, and no descriptor afterwards. */
bool mark_is_there(const struct mark *mark);

/*
 * Makes the mark, by mknodat(2) with MARK_MODE, which sandbox_enter can leave allowed. NULL, also where it is there
 * already, or why not, with errno, as above.
 */
const char *mark_make(const struct mark *mark);

/* What mknodat(2) makes: a regular file, for this user alone to read and write. It is never opened. */
#define MARK_MODE (0100000 | 0600)

#endif
