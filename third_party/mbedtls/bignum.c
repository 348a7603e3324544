/* Compiles the library's big numbers so that the ten thousands that a handshake makes do not each visit libc's heap. */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <mbedtls/platform_util.h>

/* Room for the digits of one number, of twice the length of the largest curve, or the next cell that is free. */
union cell {
    union cell *next;
    unsigned char digits[160];
};

/* Nothing but digits gets here: all that a peer sends is parsed into libc's heap, which has guards. */
static struct {
    pthread_mutex_t lock;
    union cell *freed;
    size_t used;
    union cell cells[256]; /* a connection takes some fifty */
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static union cell *cell_take(void)
{
    pthread_mutex_lock(&pool.lock);
    union cell *cell = pool.freed;
    if (cell)
        pool.freed = cell->next;
    else if (pool.used < sizeof pool.cells / sizeof pool.cells[0])
        cell = &pool.cells[pool.used++];
    pthread_mutex_unlock(&pool.lock);
    return cell;
}

static void cell_give(union cell *cell)
{
    pthread_mutex_lock(&pool.lock);
    cell->next = pool.freed;
    pool.freed = cell;
    pthread_mutex_unlock(&pool.lock);
}

static void *digits_calloc(size_t count, size_t size)
{
    union cell *cell = count <= sizeof cell->digits / size ? cell_take() : NULL;

    return cell ? memset(cell, 0, count * size) : calloc(count, size);
}

static void digits_free(void *digits)
{
    if ((uintptr_t)digits - (uintptr_t)pool.cells < sizeof pool.cells)
        cell_give(digits);
    else
        free(digits);
}

static void digits_zeroize_and_free(void *digits, size_t size)
{
    if (digits)
        mbedtls_platform_zeroize(digits, size);
    digits_free(digits);
}

#include <common.h>

#include <mbedtls/platform.h>

#undef mbedtls_calloc
#undef mbedtls_free
#define mbedtls_calloc           digits_calloc
#define mbedtls_free             digits_free
#define mbedtls_zeroize_and_free digits_zeroize_and_free

#include <bignum.c>
