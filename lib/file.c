/* Opens, reads and writes files. */
#include "pith/file.h"

#include "pith/duration.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { TRIES = 16 }; /* of a name that is to be new */

/* By syscall(2): libc's open(2) is variadic and can be cancelled, so it is larger than the functions that call it. */
int file_open(const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_LARGEFILE, mode);
}

int file_temporary(int folder, char name[FILE_TEMPORARY_SIZE], mode_t mode)
{
    int fd = -1;

    for (int try = 0; try < TRIES && fd < 0 && (try == 0 || errno == EEXIST); try++) {
        struct text out = { name, FILE_TEMPORARY_SIZE, 0 };
        text_string(&out, ".pith-");
        text_number(&out, (uint64_t)time_now());
        fd = (int)syscall(SYS_openat, folder, text_end(&out),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_LARGEFILE, mode);
    }
    return fd;
}

/* By statx(2), whose structure is the same on every architecture. libc's fstat(3) has code to convert the others. */
bool file_look(int fd, struct file_status *status)
{
    enum { BASIC_STATS = 0x7ff, MOUNT = 0x1000 };
    struct {
        uint32_t mask, block_size;
        uint64_t attributes;
        uint32_t links, uid, gid;
        uint16_t mode, unused;
        uint64_t inode, size;
        uint64_t others[10];
        uint32_t device[4]; /* two of a device file, two of its file system */
        uint64_t mount;
        uint64_t rest[13];
    } file;

    if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, BASIC_STATS | MOUNT, &file) != 0)
        return false;
    *status = (struct file_status){ .links = file.links,
                                    .uid = file.uid,
                                    .gid = file.gid,
                                    .mode = file.mode,
                                    .size = file.size,
                                    .device = (uint64_t)file.device[2] << 32 | file.device[3],
                                    .mount = file.mask & MOUNT ? file.mount : 0 };
    return true;
}

void file_close(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
}

/* Makes CALL, which is SYS_read or SYS_write. Not inlined, as it has several callers and init is to be small. */
static HOT __attribute__((noinline)) ssize_t transfer(long call, int fd, const char *bytes, size_t size)
{
    int tries = INTERRUPTIONS_MAX;
    ssize_t n;

    do
        n = syscall(call, fd, bytes, size);
    while (n < 0 && errno == EINTR && --tries);
    return n;
}

ssize_t read_some(int fd, char *bytes, size_t size)
{
    return transfer(SYS_read, fd, bytes, size);
}

/* Whether FD has something to read, or is at its end, before UNTIL. */
static bool await_input(int fd, int64_t until)
{
    struct pollfd input = { .fd = fd, .events = POLLIN };
    int64_t left = until - time_now();

    errno = ETIMEDOUT;
    return left > 0 && poll(&input, 1, (int)(left / NS_PER_MS)) != 0;
}

bool read_all(int fd, int64_t until, struct text *out)
{
    ssize_t n = 1;

    while (n > 0 && out->length < out->size) {
        if (until && !await_input(fd, until))
            return false;
        n = read_some(fd, out->start + out->length, out->size - out->length);
        out->length += n > 0 ? (size_t)n : 0;
    }
    return n >= 0;
}

HOT bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = transfer(SYS_write, fd, bytes, length);
        if (n < 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

bool file_give(int fd, uid_t uid, gid_t gid)
{
    struct file_status status;

    return file_look(fd, &status) &&
           ((status.uid == uid && status.gid == gid) || syscall(SYS_fchownat, fd, "", uid, gid, AT_EMPTY_PATH) == 0);
}
