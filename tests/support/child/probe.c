/*
 * probe -t TIME -- TARGET: stands in for healthcheck. TARGET is pass, fail, hang, or a path: it passes while that is there.
 * Says what it was started with on stdout.
 */
#include "say.h"

#include <string.h>

int main(int argc, char *argv[])
{
    const char *target = argv[argc - 1];

    say("probe uid %d gid %d time %s of %s", getuid(), getgid(), argc > 1 ? argv[1] : "?", target);
    if (strcmp(target, "hang") == 0)
        for (;;)
            pause();
    if (*target == '/')
        return access(target, F_OK) == 0 ? 0 : 1;
    return strcmp(target, "pass") == 0 ? 0 : 1;
}
