/* What it takes to compile an extended regular expression (regcomp(3)), told before it is done. Pure. */
#ifndef HEALTHCHECK_HTTP_ERE_H
#define HEALTHCHECK_HTTP_ERE_H

#include <stdbool.h>

/*
 * Whether PATTERN can be compiled in 32 MiB and a tenth of a second: repetitions inside of others multiply, and many
 * alternatives at one place grow by their square. What is no expression at all may be either.
 */
bool ere_is_small(const char *pattern);

#endif
