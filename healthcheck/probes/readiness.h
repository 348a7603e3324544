/* --readiness: what an init of this container publishes in its process's name. */
#ifndef HEALTHCHECK_PROBES_READINESS_H
#define HEALTHCHECK_PROBES_READINESS_H

#include <stdint.h>

/*
 * Why this container is not ready: an init of it starts, drains or stops. NULL where there is none such. All processes
 * are looked at, as PID 1 may be another one, of a shared PID namespace or of `docker run --init`, and until DEADLINE.
 * Where DOUBT is not NULL, *DOUBT becomes why one may have been overlooked, for people, or NULL.
 */
const char *readiness_refusal(int64_t deadline, const char **doubt);

#endif
