/* What init gives up once COMMAND runs. */
#ifndef INIT_CONFINE_H
#define INIT_CONFINE_H

#include "init/options.h"

/*
 * Keeps of its capabilities those whose bits are set in KEPT, and has no program inherit any (capabilities(7)): ambient
 * ones go with those that can be inherited. False with errno; acts on this thread alone.
 */
bool capabilities_keep(uint64_t kept);

/*
 * With --user: every capability that init's own work does not take, so that COMMAND's user has nothing to gain from
 * it. Without --watch, which starts programs: every system call that init is not made of. What the kernel does not do
 * is left out, which -v tells. Cannot be undone, and no child is to be started afterwards but a probe.
 */
void confine(const struct init_conf *conf);

/* The memory of what options brought in, code that is not needed any more: it comes back by itself where it is. */
void confine_memory(void);

#endif
