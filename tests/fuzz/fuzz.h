/* What the fuzzers share: exact copies of the input, so that a read past its end is seen, and quiet messages. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A copy of SIZE bytes that ends where its memory ends; the caller frees it. */
static inline char *fuzz_bytes(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1);

    assert(copy);
    memcpy(copy, data, size);
    return copy;
}

/* The same as a C string: up to the first NUL. */
static inline char *fuzz_string(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1);

    assert(copy);
    memcpy(copy, data, size);
    copy[size] = '\0';
    return copy;
}

/* Cuts a C string into at most MAX lines in place; returns how many. */
static inline int fuzz_lines(char *string, char *lines[], int max)
{
    int n = 0;

    for (char *line = strtok(string, "\n"); line && n < max; line = strtok(NULL, "\n"))
        lines[n++] = line;
    return n;
}

#endif
