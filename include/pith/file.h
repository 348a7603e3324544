/* Files, as far as libc is larger than the need. */
#ifndef PITH_FILE_H
#define PITH_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* open(2) with O_CLOEXEC: the descriptor, or -1 with errno. MODE counts with O_CREAT only. */
int file_open(const char *path, int flags, mode_t mode);

/* What a file is (inode(7)): as much of it as somebody asks for. */
struct file_status {
    uint32_t links, uid;
    mode_t mode;
};

/* Looks at FD, which may be opened with O_PATH. False with errno. */
bool file_look(int fd, struct file_status *status);

#endif
