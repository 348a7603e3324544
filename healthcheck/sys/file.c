/* Reads small files. */
#include "healthcheck/sys/file.h"

#include "healthcheck/sys/memory.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOUNTS_SIZE = 262144 };

bool file_read(const char *path, struct text *out)
{
    int fd = file_open(path, O_RDONLY | O_NONBLOCK, 0);

    if (fd < 0)
        return false;
    bool read = read_all(fd, 0, out);
    file_close(fd);
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

bool file_proc_hides(void)
{
    static const char option[] = "hidepid=";
    struct text mounts = { memory_get(MOUNTS_SIZE), MOUNTS_SIZE, 0 };

    if (!mounts.start)
        return false;
    file_read("/proc/self/mountinfo", &mounts);
    bool hides = memmem(mounts.start, text_kept(&mounts), option, sizeof option - 1) != NULL;
    memory_free(mounts.start, MOUNTS_SIZE);
    return hides;
}
