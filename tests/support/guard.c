/* Places bytes in front of a page that must not be touched. */
#include "support/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *map(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *memory = mmap(NULL, GUARD_MAX + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || mprotect(memory + GUARD_MAX, page, PROT_NONE) != 0) {
        perror("guard");
        exit(EXIT_FAILURE);
    }
    return memory + GUARD_MAX;
}

char *guarded(const void *bytes, size_t length)
{
    static char *end;

    if (!end)
        end = map();
    memcpy(end - length, bytes, length);
    return end - length;
}
