/* Copies of a parser's input that end where the memory ends: one byte read too many is a fault. */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <stddef.h>

enum { GUARD_MAX = 2 * 1024 * 1024 };

/*
 * LENGTH bytes (at most GUARD_MAX) that the page behind protects (PROT_NONE). The memory is used again by the next
 * call.
 */
char *guarded(const void *bytes, size_t length);

#endif
