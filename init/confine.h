/* What init gives up once COMMAND runs. */
#ifndef INIT_CONFINE_H
#define INIT_CONFINE_H

#include "init/conf.h"

/*
 * Gives up all capabilities but those whose bits are set in KEPT, and all inheritable ones; ambient ones go with those
 * (capabilities(7)). For this thread alone. False with errno.
 */
bool capabilities_keep(uint64_t kept);

/*
 * With --user, gives up every capability that init's own work does not need. Without --watch, which starts programs,
 * refuses every system call that the rest of init does not make. What the kernel cannot do is left out, and -v says so.
 * Cannot be undone. Only a probe may be started afterwards.
 */
void confine(const struct init_conf *conf);

/*
 * Gives the pages of the code that read the options back to the kernel (MADV_DONTNEED of madvise(2)). They are read
 * from the file again if they are needed again.
 */
void confine_memory(void);

#endif
