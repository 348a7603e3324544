/* Files, as far as libc is larger than the need. */
#ifndef PITH_FILE_H
#define PITH_FILE_H

#include <sys/types.h>

/* open(2) with O_CLOEXEC: the descriptor, or -1 with errno. MODE counts with O_CREAT only. */
int file_open(const char *path, int flags, mode_t mode);

#endif
