/* --readiness: an init of this container publishes in the name of its process what it is doing. */
#ifndef HEALTHCHECK_PROBES_READINESS_H
#define HEALTHCHECK_PROBES_READINESS_H

#include <stdint.h>

/*
 * Why this container is not ready: an init of it is starting, draining or stopping. NULL where none is. The string is
 * static.
 *
 * All processes are looked at, up to DEADLINE (CLOCK_MONOTONIC, ns): PID 1 may be another process, in a shared PID
 * namespace, or with `docker run --init`. Where DOUBT is not NULL, *DOUBT tells people why an init may have been
 * overlooked, or is NULL.
 */
const char *readiness_refusal(int64_t deadline, const char **doubt);

#endif
