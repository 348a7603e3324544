/* HTTP responses: what our parser makes of them is what llhttp makes of them, but for what is explained. */
#include "differ.h"
#include "fuzz.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct difference *explanation;
    const char *verdict;

    if (size > DIFFER_INPUT_MAX)
        return 0;
    char *exact = fuzz_bytes(data, size);
    if (differ(exact, size, &explanation, &verdict) != AGREED && !explanation) {
        fprintf(stderr, "unexplained: %s\n", verdict);
        abort();
    }
    free(exact);
    return 0;
}
