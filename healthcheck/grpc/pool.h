/* Memory for one call: taken piece by piece, never used twice, given back as a whole. In the form nghttp2_mem wants. */
#ifndef HEALTHCHECK_GRPC_POOL_H
#define HEALTHCHECK_GRPC_POOL_H

#include <stddef.h>

/* All there is, whatever a server sends. Pages that are not touched cost nothing. */
enum { POOL_SIZE = 1024 * 1024 };

/* An empty pool, or NULL. */
void *pool_new(void);
void pool_delete(void *pool);

/* As malloc(3) and its like; NULL where the pool is used up. */
void *pool_malloc(size_t size, void *pool);
void *pool_calloc(size_t count, size_t size, void *pool);
void *pool_realloc(void *piece, size_t size, void *pool);
void pool_free(void *piece, void *pool);

#endif
