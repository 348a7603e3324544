/* --limit: resource limits of COMMAND and of the steps. */
#ifndef INIT_STEPS_LIMIT_H
#define INIT_STEPS_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct limit {
    int resource;
    struct {
        uint64_t soft, hard;
    } values; /* as prlimit(2) takes them */
};

/*
 * Parses the LENGTH bytes at STRING: NAME=SOFT[:HARD], with a name of prlimit(1) and numbers or `unlimited`. SOFT alone
 * sets both. False where it is none of that, or SOFT is above HARD.
 */
bool limit_parse(const char *string, size_t length, struct limit *limit);

/* Sets LIMIT for this process (setrlimit(2)). False with errno. */
bool limit_set(const struct limit *limit);

#endif
