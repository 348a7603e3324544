/* Hands out the memory of a pool, piece behind piece. */
#include "healthcheck/http2/pool.h"

#include "healthcheck/sys/memory.h"

#include <stdint.h>
#include <string.h>

/* The head of a piece of memory, which is handed out behind it. */
struct piece {
    _Alignas(max_align_t) size_t size;
};

/* The head of a pool. */
struct pool {
    struct piece *next; /* where the next piece begins */
};

void *pool_new(void)
{
    struct pool *pool = memory_get(POOL_SIZE);

    if (pool)
        pool->next = (struct piece *)pool + 1;
    return pool;
}

void pool_delete(void *pool)
{
    memory_free(pool, POOL_SIZE);
}

void *pool_malloc(size_t size, void *pool_)
{
    struct pool *pool = pool_;
    struct piece *piece = pool->next;
    size_t units = size / sizeof *piece + 2, left = POOL_SIZE / sizeof *piece - (size_t)(piece - (struct piece *)pool);

    if (units > left)
        return NULL;
    piece->size = size;
    pool->next = piece + units;
    return piece + 1;
}

/* All memory of the pool is zero: it comes from the kernel, and no piece is handed out twice. */
void *pool_calloc(size_t count, size_t size, void *pool)
{
    return size > 0 && count > SIZE_MAX / size ? NULL : pool_malloc(count * size, pool);
}

void *pool_realloc(void *bytes, size_t size, void *pool)
{
    size_t old = bytes ? ((struct piece *)bytes - 1)->size : 0;
    void *moved = old >= size && bytes ? bytes : pool_malloc(size, pool);

    if (moved && moved != bytes && old > 0)
        memcpy(moved, bytes, old);
    return moved;
}

void pool_free(void *bytes, void *pool)
{
    (void)bytes, (void)pool;
}
