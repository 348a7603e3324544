/* Reads smaps_rollup. */
#include "bench/memory.h"

#include <stdio.h>

struct memory memory_of(pid_t pid)
{
    struct memory memory = { 0 };
    char path[64], line[256];
    long kib;

    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return memory;
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "Anonymous: %ld", &kib) == 1)
            memory.anonymous = kib;
        if (sscanf(line, "Private_Clean: %ld", &kib) == 1 || sscanf(line, "Private_Dirty: %ld", &kib) == 1)
            memory.unique += kib;
        if (sscanf(line, "Rss: %ld", &kib) == 1)
            memory.resident = kib;
    }
    fclose(file);
    return memory;
}
