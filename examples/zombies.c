/* Counts zombies by reading /proc/PID/stat, see proc(5). */
#include "examples/zombies.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The file is "PID (NAME) STATE ...", and NAME may hold spaces and parentheses. */
static bool is_zombie(const char *pid)
{
    char path[64], stat[512];
    char *name_end = NULL;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%.20s/stat", pid);
    file = fopen(path, "re");
    if (!file)
        return false;
    if (fgets(stat, sizeof stat, file))
        name_end = strrchr(stat, ')');
    fclose(file);
    return name_end && strncmp(name_end, ") Z", 3) == 0;
}

int zombies_count(void)
{
    DIR *proc = opendir("/proc");
    int count = 0;

    if (!proc)
        return -1;
    for (struct dirent *entry; (entry = readdir(proc));)
        count += isdigit((unsigned char)entry->d_name[0]) && is_zombie(entry->d_name);
    closedir(proc);
    return count;
}
