/*
 * Memory straight from the kernel, in whole pages.
 *
 * Few parts need any: long requests, bodies, lists. So a heap is brought along by TLS and regular expressions alone.
 */
#ifndef HEALTHCHECK_SYS_MEMORY_H
#define HEALTHCHECK_SYS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * SIZE bytes, all zero; NULL with errno. The caller owns them, and gives them back by memory_free with the same SIZE.
 * Of NULL it gives nothing back.
 */
void *memory_get(size_t size);
void memory_free(void *memory, size_t size);

/*
 * Makes SIZE bytes at MEMORY, which are whole pages of such memory, unreadable and unwritable: whoever touches them
 * ends by SIGSEGV. This is for the end of a stack. False with errno.
 */
bool memory_guard(void *memory, size_t size);

#endif
