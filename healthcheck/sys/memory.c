/* Gets memory from the kernel by mmap(2). */
#include "healthcheck/sys/memory.h"

#include <sys/mman.h>

void *memory_get(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return memory == MAP_FAILED ? NULL : memory;
}

bool memory_guard(void *memory, size_t size)
{
    return mmap(memory, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}

void memory_free(void *memory, size_t size)
{
    if (memory) /* address 0 is one to munmap(2), and programs lie not far above it */
        munmap(memory, size);
}
