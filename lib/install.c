/* Copies the running binary into a directory. */
#include "pith/install.h"

#include "pith/diag.h"
#include "pith/file.h"
#include "pith/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h> /* rename */
#include <sys/stat.h>
#include <unistd.h>

static bool install_failed(const char *path)
{
    diagf("--install: '%s': %s", path, DIAG_ERRNO);
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

/* Puts DIR/NAME into PATH; with a PREFIX, DIR/PREFIXNAME.PID, where PID is this process. False with errno. */
static bool put_path(char path[PATH_MAX], const char *dir, const char *prefix, const char *name)
{
    struct text out = { path, PATH_MAX, 0 };

    text_format(&out, "%s/%s%s", dir, prefix, name);
    if (*prefix)
        text_format(&out, ".%d", getpid());
    text_char(&out, '\0');
    errno = ENAMETOOLONG;
    return out.length <= PATH_MAX;
}

/* The process ends after this. So it may change its umask, and leaves descriptors open. */
bool install_self(const char *argv0, const char *name, const char *dir)
{
    char path[PATH_MAX], temporary[PATH_MAX];

    if (!put_path(path, dir, "", name) || !put_path(temporary, dir, ".", name))
        return install_failed(dir);
    int from = open_self(argv0);
    if (from < 0)
        return install_failed("/proc/self/exe");
    unlink(temporary); /* left behind by an earlier process of this PID that was killed while it copied */
    umask(0);
    int to = file_open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0755);
    if (to < 0)
        return install_failed(dir);
    if (copy(from, to) && close(to) == 0 && rename(temporary, path) == 0)
        return true;
    install_failed(path);
    unlink(temporary);
    return false;
}
