/*
 * Whether the user who runs a probe could have written a file.
 *
 * This is asked of the allow file, which says what that user may probe. An intruder in the container could otherwise
 * write it, and have healthcheck reach other hosts.
 */
#ifndef HEALTHCHECK_SYS_WRITABLE_H
#define HEALTHCHECK_SYS_WRITABLE_H

#include <stdbool.h>

/*
 * Whether the caller owns or could write the file at the absolute PATH, a symbolic link on the way to it, or a folder
 * that one of these is in. Owners, modes, groups and access control lists decide, also where the file system is mounted
 * read-only: it may be mounted writable elsewhere. A capability that makes its user as good as root is enough.
 *
 * True as well where this cannot be told. False for uid 0, who is the one that writes such files.
 */
bool writable_by_caller(const char *path);

#endif
