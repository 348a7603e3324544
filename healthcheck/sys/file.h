/* Reads small files whole, such as those of /proc. */
#ifndef HEALTHCHECK_SYS_FILE_H
#define HEALTHCHECK_SYS_FILE_H

#include "pith/text.h"

#include <stdbool.h>

/*
 * Appends what the file at PATH holds to OUT, as much as has room (read_all of pith/file.h). Does not wait where it is
 * a FIFO. False with errno.
 */
bool file_read(const char *path, struct text *out);

/* The same for the file /proc/PID/NAME. Fails with ENOENT or ESRCH where the process is gone. */
bool file_read_of(int pid, const char *name, struct text *out);

/* Opens /proc for a walk (pith/pids.h). Returns a descriptor, or -1 where /proc is not mounted, or is a mere folder. */
int file_open_proc(void);

/* Whether /proc is mounted with the option hidepid, so that processes of other users are not seen (proc(5)). */
bool file_proc_hides(void);

#endif
