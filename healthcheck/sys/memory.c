/* Gets memory from the kernel by mmap(2). */
#include "healthcheck/sys/memory.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

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
    munmap(memory, size);
}

/* The range may begin below the stack: the kernel then takes what is there, and nothing else lies so near. */
__attribute__((noinline)) void memory_release_stack(void)
{
    enum { DEPTH = 1024 * 1024 };
    size_t page = (size_t)getpagesize();
    uintptr_t end = ((uintptr_t)__builtin_frame_address(0) & ~(page - 1)) - page;

    madvise((void *)(end - DEPTH), DEPTH, MADV_DONTNEED);
}
