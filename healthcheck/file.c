/* Reads small files. */
#include "healthcheck/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool file_read_fd(int fd, struct text *out)
{
    char bytes[1024];
    ssize_t n;

    do {
        n = read(fd, bytes, sizeof bytes);
        if (n > 0)
            text_bytes(out, bytes, (size_t)n);
    } while ((n > 0 && out->length <= out->size) || (n < 0 && errno == EINTR));
    return n >= 0;
}

bool file_read(const char *path, struct text *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return false;
    bool read = file_read_fd(fd, out);
    int error = errno;
    close(fd);
    errno = error;
    return read;
}

int file_raise(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(fd);
    errno = error;
    return higher;
}
