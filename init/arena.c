/* Memory at the break, and what is read into it. */
#include "init/arena.h"

#include "pith/duration.h"
#include "pith/file.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* execve(2) takes 6 MiB of strings at most. */
enum { ARENA_SIZE = 16 << 20 };

/* brk(2), as mmap(2) differs between architectures and libc's wrapper for it is large. */
bool arena_open(struct arena *arena)
{
    uintptr_t start = (uintptr_t)syscall(SYS_brk, NULL);

    *arena = (struct arena){ (char *)start, ARENA_SIZE };
    errno = ENOMEM;
    return (uintptr_t)syscall(SYS_brk, start + ARENA_SIZE) == start + ARENA_SIZE;
}

void *arena_take(struct arena *arena, size_t size)
{
    size_t aligned = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    void *taken = arena->at;

    errno = E2BIG;
    if (aligned > arena->size)
        return NULL;
    arena->at += aligned;
    arena->size -= aligned;
    return taken;
}

struct text arena_text(const struct arena *arena)
{
    return (struct text){ arena->at, arena->size, 0 };
}

char *arena_keep(struct arena *arena, const struct text *text)
{
    return arena_take(arena, text->length);
}

char **arena_list(struct arena *arena, char *strings, size_t count)
{
    char **list = arena_take(arena, (count + 2) * sizeof *list);

    if (!list)
        return NULL;
    list++;
    list[count] = NULL;
    for (size_t i = 0; i < count; i++, strings += strlen(strings) + 1)
        list[i] = strings;
    return list;
}

bool arena_read(int file, struct text *out)
{
    if (!read_all(file, time_now() + NS_PER_S, out))
        return false;
    errno = E2BIG;
    return out->length < out->size;
}
