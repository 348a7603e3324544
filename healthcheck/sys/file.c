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
    int tries = INTERRUPTIONS_MAX;
    char more;

    for (;;) {
        size_t room = out->size - text_kept(out);
        ssize_t n = room > 0 ? read(fd, out->start + out->length, room) : read(fd, &more, 1);
        if (n < 0 && errno == EINTR && --tries)
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

bool file_read_of(int pid, const char *name, struct text *out)
{
    char path[64];
    struct text full = { path, sizeof path, 0 };

    text_string(&full, "/proc/");
    text_number(&full, (uint64_t)pid);
    text_strings(&full, "/", name, NULL);
    return file_read(text_end(&full), out);
}

int file_open_proc(void)
{
    return access("/proc/self/stat", F_OK) == 0 ? file_open("/proc", O_RDONLY | O_DIRECTORY, 0) : -1;
}
