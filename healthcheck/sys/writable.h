/* Whether the user who runs a probe could have written a file that says what that user may do. */
#ifndef HEALTHCHECK_SYS_WRITABLE_H
#define HEALTHCHECK_SYS_WRITABLE_H

#include <stdbool.h>

/*
 * Whether the caller owns or could write the absolute PATH, a link on the way to it, or a folder that one of these lies
 * in. What is mounted read-only here may be writable where else it is mounted: there owners, modes and groups decide. A
 * capability that makes its user as good as root is enough. True where that cannot be told; false for uid 0, which is
 * who writes such files.
 */
bool writable_by_caller(const char *path);

#endif
