/*
 * Follows a path, component by component, as the kernel does (path_resolution(7)), and asks at each one whether the
 * user of this process could have changed it.
 */
#include "healthcheck/sys/writable.h"

#include "pith/capability.h"
#include "pith/text.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { LINKS_MAX = 40, GROUPS_MAX = 256 };

/* Whether an id is none: a filter of system calls can make geteuid(2) and its like return -errno. */
static bool is_unknown(unsigned id)
{
    return id > (unsigned)-4096;
}

/* Capabilities that make who has one as good as root, or as the owner of every file (capabilities(7)). */
static const uint32_t powers = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_FOWNER | 1U << CAP_SETGID |
                               1U << CAP_SETUID | 1U << CAP_SYS_MODULE | 1U << CAP_SYS_RAWIO | 1U << CAP_SYS_CHROOT |
                               1U << CAP_SYS_PTRACE | 1U << CAP_SYS_ADMIN | 1U << CAP_MKNOD | 1U << CAP_SETFCAP;

/* Whether this process has one of them, or that cannot be told. */
static bool has_powers(void)
{
    struct capability_head self = { CAPABILITY_VERSION, 0 };
    struct capability_set sets[CAPABILITY_SETS];

    return syscall(SYS_capget, &self, sets) != 0 || (sets[0].permitted & powers);
}

/* Whether the caller is in GROUP. True as well where that cannot be told, as there are too many groups. */
static bool is_in_group(gid_t group)
{
    gid_t groups[GROUPS_MAX];
    int count = getgroups(GROUPS_MAX, groups);

    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    gid_t own = getegid();
    return count < 0 || own == group || is_unknown(own);
}

/* Whether PATH has an access control list, acl(5). The group bits of the mode are then a mask, and say little. */
static bool has_acl(const char *path)
{
    return getxattr(path, "system.posix_acl_access", NULL, 0) >= 0 || (errno != ENODATA && errno != EOPNOTSUPP);
}

/* Whether the caller could have changed what is at PATH. What leads there is not looked at. */
static bool is_callers(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0 || status.st_uid == geteuid() || (status.st_mode & S_IWOTH))
        return true;
    if ((status.st_mode & S_IWGRP) && (is_in_group(status.st_gid) || has_acl(path)))
        return true;
    /* A file system may have rules of its own. Only with these two errors it says no. */
    return access(path, W_OK) == 0 || (errno != EACCES && errno != EROFS);
}

/* Replaces the component of PATH from BEGIN to END by the target of the symbolic link that it is. False: too long. */
static bool follow_link(char path[PATH_MAX], size_t begin, size_t end, const char *link, size_t length)
{
    char followed[PATH_MAX];
    struct text out = { followed, sizeof followed, 0 };

    if (link[0] != '/')
        text_bytes(&out, path, begin + 1);
    text_bytes(&out, link, length);
    text_string(&out, path + end);
    if (out.length >= sizeof followed)
        return false;
    strcpy(path, text_end(&out));
    return true;
}

/*
 * Reads the symbolic link that the first END bytes of PATH name, and returns its length. Where they name no link it
 * returns 0, or -1 if the caller could have changed what they name, or if that cannot be told.
 */
static ssize_t read_link(char *path, size_t end, char link[PATH_MAX])
{
    char next = path[end];

    path[end] = '\0';
    ssize_t length = readlink(path, link, PATH_MAX);
    if (length < 0 && errno == EINVAL)
        length = is_callers(path) ? -1 : 0;
    path[end] = next;
    return length;
}

bool writable_by_caller(const char *file)
{
    char path[PATH_MAX], link[PATH_MAX];
    size_t end = 0; /* up to here PATH has no links any more, and none of it was the caller's */
    unsigned links = 0;
    uid_t user = geteuid();

    if (user == 0)
        return false;
    if (is_unknown(user) || has_powers() || is_callers("/"))
        return true;
    text_copy(path, sizeof path, file, strlen(file));
    while (path[end]) {
        size_t begin = end;
        end += 1 + text_until(path + end + 1, '/');
        ssize_t length = read_link(path, end, link);
        if (length < 0 || (length > 0 && (++links > LINKS_MAX || !follow_link(path, begin, end, link, (size_t)length))))
            return true;
        if (length > 0)
            end = 0;
    }
    return false;
}
