/* The memory that the kernel gives, and the pool of it that nghttp2 gets. */
#include "healthcheck/http2/pool.h"
#include "healthcheck/sys/memory.h"
#include "support/test.h"

#include <stdalign.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECES = 300 };

static void *pool;

static int begin(void **state)
{
    (void)state;
    pool = pool_new();
    return pool ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    pool_delete(pool);
    return 0;
}

static void assert_filled(const unsigned char *bytes, size_t size, int value)
{
    for (size_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], value);
}

static void pieces_are_aligned_and_lie_apart(void **state)
{
    unsigned char *pieces[PIECES];

    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = pool_malloc(i, pool);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)(i % 250) + 1, i);
    }
    for (size_t i = 0; i < PIECES; i++) {
        pool_free(pieces[i], pool);
        assert_filled(pieces[i], i, (int)(i % 250) + 1);
    }
}

static void what_is_cleared_is_zero(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        unsigned char *piece = pool_calloc(7, 11, pool);
        assert_non_null(piece);
        assert_filled(piece, 77, 0);
        memset(piece, 255, 77);
        memset(pool_malloc(30, pool), 255, 30);
    }
    assert_non_null(pool_calloc(0, 8, pool));
    assert_non_null(pool_calloc(SIZE_MAX, 0, pool));
}

static void a_piece_that_grows_keeps_its_bytes(void **state)
{
    unsigned char *piece = pool_realloc(NULL, 20, pool);

    (void)state;
    assert_non_null(piece);
    memset(piece, 7, 20);
    unsigned char *behind = pool_malloc(50, pool);
    memset(behind, 8, 50);
    assert_true(pool_realloc(piece, 20, pool) == piece);
    assert_true(pool_realloc(piece, 5, pool) == piece);
    unsigned char *grown = pool_realloc(piece, 21, pool);
    assert_non_null(grown);
    assert_filled(grown, 20, 7);
    memset(grown, 9, 21);
    assert_filled(behind, 50, 8);
    assert_non_null(pool_realloc(pool_malloc(0, pool), 1, pool));
    assert_non_null(pool_realloc(NULL, 0, pool));
}

/* Beside what stands in front of the pool and of each piece. */
static void a_pool_is_handed_out_to_its_end(void **state)
{
    static const size_t sizes[] = { 1, 1000, POOL_SIZE - 64 };

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        unsigned char *piece, *last = NULL;
        size_t count = 0;
        for (pool = pool_new(); (piece = pool_malloc(sizes[i], pool)); count++)
            memset(last = piece, 1, sizes[i]);
        assert_at_least(count, POOL_SIZE / (sizes[i] + 64));
        assert_true(last + sizes[i] <= (unsigned char *)pool + POOL_SIZE);
        pool_delete(pool);
    }
}

static void what_has_no_room_is_refused(void **state)
{
    (void)state;
    assert_null(pool_malloc(POOL_SIZE, pool));
    assert_null(pool_malloc(SIZE_MAX, pool));
    assert_null(pool_calloc(SIZE_MAX / 2 + 2, 2, pool));
    assert_null(pool_calloc(2, SIZE_MAX / 2 + 2, pool));
    assert_null(pool_realloc(NULL, POOL_SIZE, pool));
    unsigned char *piece = pool_malloc(8, pool);
    memset(piece, 3, 8);
    assert_null(pool_realloc(piece, POOL_SIZE, pool));
    assert_filled(piece, 8, 3);
}

/* As of free(3): munmap(2) of address 0 unmaps what lies above it, where 32-bit Arm has the program itself. */
static void what_is_no_memory_is_not_given_back(void **state)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *lowest =
        mmap((void *)0x10000, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

    (void)state;
    assert_true(lowest == (void *)0x10000);
    memory_free(NULL, 0x10000 + page);
    assert_int_equal(msync(lowest, page, MS_ASYNC), 0); /* else it is no longer mapped */
    munmap(lowest, page);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pieces_are_aligned_and_lie_apart),   TEST(what_is_cleared_is_zero),
        TEST(a_piece_that_grows_keeps_its_bytes), cmocka_unit_test(a_pool_is_handed_out_to_its_end),
        TEST(what_has_no_room_is_refused),        cmocka_unit_test(what_is_no_memory_is_not_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
