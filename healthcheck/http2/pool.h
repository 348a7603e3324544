/*
 * A pool: the memory that nghttp2 gets for one call.
 *
 * Pieces are taken from it one behind the other. None is used twice, and the pool is given back as a whole. So a server
 * cannot make healthcheck use more than the size of the pool. The functions have the form that nghttp2_mem wants.
 */
#ifndef HEALTHCHECK_HTTP2_POOL_H
#define HEALTHCHECK_HTTP2_POOL_H

#include <stddef.h>

/* Bytes of a pool. A page that is never touched costs nothing. */
enum { POOL_SIZE = 1024 * 1024 };

/* Makes a pool; NULL with errno where there is no memory. The caller owns it, and gives it back by pool_delete. */
void *pool_new(void);
void pool_delete(void *pool);

/* Like malloc(3), calloc(3), realloc(3) and free(3), of which the last does nothing. NULL where the pool is used up. */
void *pool_malloc(size_t size, void *pool);
void *pool_calloc(size_t count, size_t size, void *pool);
void *pool_realloc(void *piece, size_t size, void *pool);
void pool_free(void *piece, void *pool);

#endif
