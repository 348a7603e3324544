/*
 * probe -qtTIME TARGET: stands in for healthcheck. TARGET is pass, fail, hang, $NAME: it passes where that variable is
 * set, or a path: it passes while that is there. Says what it was started with on stdout.
 */
#include "say.h"

#include <stdlib.h>
#include <string.h>

int main(int argc, char *argv[])
{
    const char *target = argc == 3 ? argv[2] : ""; /* anything more, healthcheck would take for something else */

    say("probe uid %d gid %d time %s of %s", getuid(), getgid(), argc == 3 ? argv[1] : "?", target);
    if (strcmp(target, "hang") == 0)
        for (;;)
            pause();
    if (*target == '$')
        return getenv(target + 1) ? 0 : 1;
    if (*target == '/')
        return access(target, F_OK) == 0 ? 0 : 1;
    return strcmp(target, "pass") == 0 ? 0 : 1;
}
