/* Opens files. */
#include "pith/file.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* libc's is variadic and a point of cancellation, which makes it larger than the functions that call it. */
int file_open(const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_LARGEFILE, mode);
}
