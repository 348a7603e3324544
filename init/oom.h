/* OOM kills in the container: processes that the kernel killed because the memory of their cgroup was at its limit. */
#ifndef INIT_OOM_H
#define INIT_OOM_H

#include <stdint.h>

/*
 * How many there were so far in init's cgroup and those below it: oom_kill of memory.events (version 2) or of
 * memory.oom_control (version 1; cgroups(7), Linux 4.13). -1 where neither can be read.
 */
int64_t oom_kills(void);

#endif
