/*
 * Memory for what is made before COMMAND starts: arguments, variables, the texts of files. init has no heap. The arena
 * is a piece of address space at the break (brk(2)), of which pages that are never written cost nothing. Nothing is
 * given back.
 */
#ifndef INIT_ARENA_H
#define INIT_ARENA_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>

/* What is left of it. What stands at `at` may be written as scratch until the next arena_take. */
struct arena {
    char *at;
    size_t size;
};

/* Makes *ARENA. False with errno where the kernel refuses. */
bool arena_open(struct arena *arena);

/* SIZE bytes, aligned for pointers, or NULL with errno E2BIG. */
void *arena_take(struct arena *arena, size_t size);

/* What is left, as an empty text to write to. */
struct text arena_text(const struct arena *arena);

/* Keeps TEXT, which arena_text began: its start, or NULL with errno E2BIG where it did not fit. */
char *arena_keep(struct arena *arena, const struct text *text);

/*
 * A list of the COUNT C strings that stand one behind the other at STRINGS, which is ended by NULL and has a free place
 * before it (command.h). NULL with errno E2BIG.
 */
char **arena_list(struct arena *arena, char *strings, size_t count);

/*
 * Reads the rest of FILE behind what *OUT holds, for a second at the most: every signal is blocked, so that none would
 * end the wait for a FIFO that nobody writes to. False with errno, E2BIG where OUT has not a byte more room than that.
 */
bool arena_read(int file, struct text *out);

#endif
