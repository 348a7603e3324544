/* Copies the running binary into a directory. */
#include "pith/install.h"

#include "pith/diag.h"
#include "pith/file.h"

#include <fcntl.h>
#include <stdio.h> /* renameat */
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The message for DIR, or for NAME in it where that is not empty. */
static bool install_failed(const char *dir, const char *name)
{
    diagf("--install: '%s%s%s': %s", dir, *name ? "/" : "", name, DIAG_ERRNO);
    return false;
}

static bool copy(int from, int to)
{
    char buffer[16384];
    ssize_t n;

    while ((n = read_some(from, buffer, sizeof buffer)) > 0)
        if (!write_all(to, buffer, (size_t)n))
            return false;
    return n == 0;
}

static int open_self(const char *argv0)
{
    int self = file_open("/proc/self/exe", O_RDONLY, 0);

    return self < 0 && argv0 ? file_open(argv0, O_RDONLY, 0) : self;
}

/* The process ends after this. So it may change its umask, and leaves descriptors open. */
bool install_self(const char *argv0, const char *name, const char *dir)
{
    char temporary[FILE_TEMPORARY_SIZE];
    int from = open_self(argv0);

    if (from < 0)
        return install_failed("/proc/self/exe", "");
    umask(0);
    int folder = file_open(dir, O_PATH | O_DIRECTORY, 0);
    int to = folder < 0 ? -1 : file_temporary(folder, temporary, 0755);
    if (to < 0)
        return install_failed(dir, "");
    if (copy(from, to) && close(to) == 0 && renameat(folder, temporary, folder, name) == 0)
        return true;
    install_failed(dir, name);
    syscall(SYS_unlinkat, folder, temporary, 0);
    return false;
}
