/* Reads small files. */
#include "healthcheck/sys/file.h"

#include "pith/cold.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool read_all(int fd, struct text *out)
{
    char more;

    for (;;) {
        size_t room = out->size - text_fits(out);
        ssize_t n = room > 0 ? read(fd, out->start + out->length, room) : read(fd, &more, 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        out->length += (size_t)n;
        if (room == 0)
            return true;
    }
}

bool file_read(const char *path, struct text *out)
{
    int fd = file_open(path, O_RDONLY | O_NONBLOCK, 0);

    if (fd < 0)
        return false;
    bool read = read_all(fd, out);
    int error = errno;
    close(fd);
    errno = error;
    return read;
}

HOT int file_raise(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int higher = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(fd);
    errno = error;
    return higher;
}
