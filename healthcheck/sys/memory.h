/* Memory of a page and more, straight from the kernel: the few who need some do not bring a heap along. */
#ifndef HEALTHCHECK_SYS_MEMORY_H
#define HEALTHCHECK_SYS_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* SIZE zero bytes, or NULL with errno (mmap(2)). The caller gives them back with memory_free and the same SIZE. */
void *memory_get(size_t size);
void memory_free(void *memory, size_t size);

/* Makes SIZE bytes of such memory, whole pages, end the process that touches them. False where it cannot. */
bool memory_guard(void *memory, size_t size);

#endif
