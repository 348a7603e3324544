/* Runs the real healthcheck. */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include "support/run.h"

/*
 * healthcheck with the arguments up to NULL, in this program's environment without any HEALTHCHECK_* variable but those
 * in probe_variables (ends with NULL). The result lives until the next call.
 */
const struct run_result *probe(const char *argument, ...) __attribute__((sentinel));
extern const char *probe_variables[16];

/* The absolute path of the healthcheck under test: that of PITH_HEALTHCHECK, or PATH from now on. */
const char *probe_binary(void);
void probe_use(const char *path);

/* From now on a copy in scratch_directory: other users cannot run what lies in a home of mode 0700. */
void probe_use_copy(void);

/* A string in static storage until the 32nd call from now (printf(3)). */
char *format(const char *pattern, ...) __attribute__((format(printf, 1, 2)));

#endif
