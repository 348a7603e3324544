/*
 * probe -qtTIME TARGET --hold=0: stands in for healthcheck. TARGET is pass, fail, mute, hang, $NAME: it passes where
 * that variable is set, or a path: it passes while that is there. Says on stderr what it was started with, and on
 * stdout why it fails. With --dry-run in place of --hold=0: for wrong, and for owner where the caller is not root, it
 * says so and fails.
 */
#include "say.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int judge(const char *target)
{
    if (strcmp(target, "wrong") == 0) {
        dprintf(STDERR_FILENO, "healthcheck: wrong: 'wrong' is no target\n");
        return 1;
    }
    if (strcmp(target, "owner") == 0 && getuid() != 0) {
        say("FAIL  owner  refused: uid %d\nand a second line", getuid());
        return 1;
    }
    return 0;
}

static int verdict(const char *target)
{
    if (strcmp(target, "hang") == 0)
        for (;;)
            pause();
    if (strcmp(target, "mute") == 0)
        return 1;
    if (*target == '$'   ? getenv(target + 1) != NULL
        : *target == '/' ? access(target, F_OK) == 0
                         : strcmp(target, "pass") == 0)
        return 0;
    say("FAIL  %s  for a reason", target);
    return 1;
}

int main(int argc, char *argv[])
{
    bool dry = argc == 4 && strcmp(argv[3], "--dry-run") == 0;
    bool probe = argc == 4 && strcmp(argv[3], "--hold=0") == 0;
    const char *target = probe || dry ? argv[2] : ""; /* anything more, healthcheck would take for something else */

    if (dry)
        return judge(target);
    dprintf(STDERR_FILENO, "probe uid %d gid %d time %s of %s\n", getuid(), getgid(), probe ? argv[1] : "?", target);
    return verdict(target);
}
