/* A piece of a string that somebody else owns. */
#ifndef HEALTHCHECK_SPAN_H
#define HEALTHCHECK_SPAN_H

#include <stddef.h>

/* Not terminated; `at` is NULL where there is none. */
struct span {
    const char *at;
    size_t length;
};

#endif
