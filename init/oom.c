/* Asks the memory controller for the OOM kills of init's own cgroup. */
#include "init/oom.h"

#include "pith/diag.h"
#include "pith/file.h"
#include "pith/layout.h"
#include "pith/text.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { SIZE = 4096 };

/* The first bytes of the file MOUNT CGROUP NAME as a C string in CONTENTS; "" where it cannot be read. */
static char *read_start(char contents[SIZE], const char *mount, const char *cgroup, const char *name)
{
    char path[PATH_MAX];
    struct text out = { path, sizeof path, 0 };
    ssize_t n = -1;

    text_format(&out, "%s%s%s", mount, cgroup, name);
    int file = file_open(text_end(&out), O_RDONLY, 0);
    if (file >= 0) {
        n = read_some(file, contents, SIZE - 1);
        close(file);
    }
    contents[n > 0 ? n : 0] = '\0';
    return contents;
}

static int64_t count_in(const char *mount, const char *cgroup, const char *name)
{
    static const char key[] = "oom_kill ";
    enum { LENGTH = sizeof key - 1 };
    char contents[SIZE], *rest = read_start(contents, mount, cgroup, name);

    while (*rest) {
        const char *line = text_cut(&rest, '\n');
        if (text_begins(line, key, LENGTH))
            return number_parse(line + LENGTH, INT64_MAX / 16);
    }
    return -1;
}

/* /proc names the cgroup as the host does, but a container may have its own cgroup as the root of the mount: try both.
 */
static int64_t count_below(const char *mount, const char *cgroup, const char *name)
{
    int64_t count = count_in(mount, cgroup, name);

    return count < 0 ? count_in(mount, "", name) : count;
}

COLD int64_t oom_kills(void)
{
    char cgroups[SIZE], *rest = read_start(cgroups, "/proc/self/cgroup", "", "");
    int64_t count = -1;

    /* NUMBER:CONTROLLERS:CGROUP, where version 2, the last one, has no controllers */
    while (*rest && count < 0) {
        char *line = text_cut(&rest, '\n');
        text_cut(&line, ':');
        const char *controllers = text_cut(&line, ':');
        if (strcmp(controllers, "memory") == 0)
            count = count_below("/sys/fs/cgroup/memory", line, "/memory.oom_control");
        else if (*controllers == '\0')
            count = count_below("/sys/fs/cgroup", line, "/memory.events");
    }
    return count;
}
