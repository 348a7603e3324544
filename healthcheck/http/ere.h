/* Tells what regcomp(3) would need to compile an extended regular expression (regex(7)). Pure. */
#ifndef HEALTHCHECK_HTTP_ERE_H
#define HEALTHCHECK_HTTP_ERE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether PATTERN, and all others whose bytes are in *WEIGHT, can be compiled in 32 MiB and in a tenth of a second.
 * Adds to *WEIGHT what PATTERN takes. Short ones can need much more: nested repetitions multiply, and what many
 * alternatives at one place need grows by their square. For a PATTERN that regcomp(3) refuses, either may be returned.
 */
bool ere_is_small(const char *pattern, uint64_t *weight);

#endif
