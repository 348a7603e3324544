/* Sorts in place of musl's qsort_r(3), whose smoothsort of millions of elements overruns its stack (CVE-2026-40200). */
#include <stddef.h>

typedef int compare(const void *, const void *, void *);

void __qsort_r(void *elements, size_t count, size_t width, compare *cmp, void *argument);

static void swap(unsigned char *a, unsigned char *b, size_t width)
{
    for (size_t i = 0; i < width; i++) {
        unsigned char byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

/* Moves the element ROOT down a heap whose greatest element is the first. */
static void sink(unsigned char *heap, size_t root, size_t count, size_t width, compare *cmp, void *argument)
{
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        unsigned char *greater = heap + child * width, *parent = heap + root * width;

        if (child + 1 < count && cmp(greater, greater + width, argument) < 0) {
            greater += width;
            child++;
        }
        if (cmp(parent, greater, argument) >= 0)
            return;
        swap(parent, greater, width);
    }
}

void __qsort_r(void *elements, size_t count, size_t width, compare *cmp, void *argument)
{
    unsigned char *heap = elements;

    for (size_t root = count / 2; root-- > 0;)
        sink(heap, root, count, width, cmp, argument);
    for (size_t last = count; last-- > 1;) {
        swap(heap, heap + last * width, width);
        sink(heap, 0, last, width, cmp, argument);
    }
}

extern __typeof__(__qsort_r) qsort_r __attribute__((weak, alias("__qsort_r")));
