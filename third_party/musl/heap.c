/*
 * Lets musl's heap forget which sizes have come and gone. After a hundred times it keeps their pages ("bouncing"),
 * which spares a busy program system calls; but a probe that does the same each second, and sleeps between, only pays
 * for them.
 */
#include <string.h>

#include "mallocng/meta.h"

extern weak struct malloc_context ctx; /* NULL where nothing needs a heap */

void heap_forget(void)
{
    if (&ctx)
        memset(ctx.bounces, 0, sizeof ctx.bounces);
}
