/* What stands in for functions of musl. */
#include "third_party/musl/qsort.c"

#include <stdint.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { ELEMENTS_MAX = 6, VALUES = 4, MANY = 5000 };

/* An element of WIDTH bytes, all of which move with its first one. */
struct elements {
    size_t width;
    unsigned char bytes[MANY * 24];
};

static void set(struct elements *elements, size_t index, unsigned char value)
{
    memset(elements->bytes + index * elements->width, value, elements->width);
}

static int by_first_byte(const void *a, const void *b, void *argument)
{
    assert_ptr_equal(argument, &by_first_byte);
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* Sorts COUNT of them: they are in order then, each is whole, and there are as many of each value as before. */
static void check(struct elements *elements, size_t count)
{
    long before[256] = { 0 };

    for (size_t i = 0; i < count; i++)
        before[elements->bytes[i * elements->width]]++;
    qsort_r(elements->bytes, count, elements->width, by_first_byte, (void *)(uintptr_t)&by_first_byte);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *element = elements->bytes + i * elements->width;
        before[element[0]]--;
        assert_true(i == 0 || element[-(ptrdiff_t)elements->width] <= element[0]);
        for (size_t byte = 1; byte < elements->width; byte++)
            assert_int_equal(element[byte], element[0]);
    }
    for (size_t value = 0; value < 256; value++)
        assert_int_equal(before[value], 0);
}

static void every_order_of_a_few_elements_is_sorted(void **state)
{
    static struct elements elements;

    (void)state;
    for (elements.width = 1; elements.width <= 3; elements.width++)
        for (size_t count = 0, orders = 1; count <= ELEMENTS_MAX; count++, orders *= VALUES)
            for (size_t order = 0; order < orders; order++) {
                for (size_t i = 0, rest = order; i < count; i++, rest /= VALUES)
                    set(&elements, i, (unsigned char)(rest % VALUES));
                check(&elements, count);
            }
}

static void many_large_elements_are_sorted(void **state)
{
    static struct elements elements = { .width = 24 };
    uint32_t random = 1;

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        random = random * 1664525 + 1013904223;
        set(&elements, i, (unsigned char)(random >> 24));
    }
    check(&elements, MANY);
    check(&elements, MANY); /* sorted ones */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_order_of_a_few_elements_is_sorted),
        cmocka_unit_test(many_large_elements_are_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
