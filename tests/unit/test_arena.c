/* Memory that is handed out piece by piece, and what is read into it. */
#include "init/arena.h"
#include "support/test.h"

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

enum { SIZE = 64 };

static _Alignas(16) char memory[SIZE + 16];

static struct arena make_arena(void)
{
    memset(memory, '#', sizeof memory);
    return (struct arena){ memory, SIZE };
}

static void pieces_are_aligned_and_end_with_the_arena(void **state)
{
    struct arena arena = make_arena();

    (void)state;
    assert_true(arena_take(&arena, 1) == (void *)memory);
    assert_true(arena_take(&arena, sizeof(void *)) == (void *)(memory + sizeof(void *)));
    assert_true(arena_take(&arena, 0) == (void *)(memory + 2 * sizeof(void *)));
    assert_null(arena_take(&arena, SIZE - 2 * sizeof(void *) + 1));
    assert_int_equal(errno, E2BIG);
    assert_true(arena_take(&arena, SIZE - 2 * sizeof(void *)) == (void *)(memory + 2 * sizeof(void *)));
    assert_null(arena_take(&arena, 1));
    assert_true(arena_take(&arena, 0) == (void *)(memory + SIZE));
}

static void what_is_written_behind_the_pieces_is_kept(void **state)
{
    struct arena arena = make_arena();

    (void)state;
    arena_take(&arena, sizeof(void *));
    struct text text = arena_text(&arena);
    assert_true(text.start == memory + sizeof(void *));
    assert_int_equal(text.size, SIZE - sizeof(void *));
    assert_int_equal(text.length, 0);
    text_string(&text, "abc");
    assert_string_equal(text_end(&text), "abc");
    text_char(&text, '\0');
    assert_true(arena_keep(&arena, &text) == text.start);
    text = arena_text(&arena);
    assert_true(text.start == memory + 2 * sizeof(void *));
    for (int i = 0; i <= SIZE; i++)
        text_char(&text, 'x');
    assert_null(arena_keep(&arena, &text));
}

static void a_list_ends_with_null_and_has_room_in_front(void **state)
{
    struct arena arena = make_arena();
    char strings[] = "one\0\0three";

    (void)state;
    char **list = arena_list(&arena, strings, 3);
    assert_true((char *)list == memory + sizeof *list);
    assert_string_equal(list[0], "one");
    assert_string_equal(list[1], "");
    assert_string_equal(list[2], "three");
    assert_null(list[3]);
    assert_true(arena.at == memory + 5 * sizeof *list);
    arena = make_arena();
    assert_null(arena_list(&arena, strings, SIZE / sizeof *list - 1));
    list = arena_list(&arena, strings, 0);
    assert_null(list[0]);
}

/* Of a file that is as large as the room it is not known whether it has ended. */
static void a_file_is_read_where_it_is_smaller_than_the_room(void **state)
{
    static const size_t sizes[] = { 0, 1, 31, 32, 33 };

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct text text = { memory, 32, 0 };
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], "0123456789012345678901234567890123456789", sizes[i]), sizes[i]);
        close(ends[1]);
        assert_int_equal(arena_read(ends[0], &text), sizes[i] < 32);
        if (sizes[i] < 32)
            assert_int_equal(text.length, sizes[i]);
        else
            assert_int_equal(errno, E2BIG);
        close(ends[0]);
    }
}

static void a_writer_that_says_nothing_is_waited_for_a_second(void **state)
{
    struct text text = { memory, 32, 0 };
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_false(arena_read(ends[0], &text));
    assert_int_equal(errno, ETIMEDOUT);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_end_with_the_arena),
        cmocka_unit_test(what_is_written_behind_the_pieces_is_kept),
        cmocka_unit_test(a_list_ends_with_null_and_has_room_in_front),
        cmocka_unit_test(a_file_is_read_where_it_is_smaller_than_the_room),
        cmocka_unit_test(a_writer_that_says_nothing_is_waited_for_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
