/* What the kernel's OOM killer does to the container. */
#ifndef INIT_OOM_H
#define INIT_OOM_H

#include <stdint.h>

/*
 * How many processes of init's own cgroup and those below it were killed so far because their memory was at its limit:
 * memory.events of version 2, memory.oom_control of version 1 (cgroups(7), Linux 4.13). -1 where that cannot be seen.
 */
int64_t oom_kills(void);

#endif
