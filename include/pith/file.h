/*
 * Opening, reading and writing files, by functions that are smaller than libc's.
 *
 * A call that a signal interrupts (EINTR) is made again. One that is interrupted INTERRUPTIONS_MAX times in a row fails
 * with EINTR: then it is no signal that interrupts it, but a filter of system calls that always answers so.
 */
#ifndef PITH_FILE_H
#define PITH_FILE_H

#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { INTERRUPTIONS_MAX = 1 << 16, FILE_TEMPORARY_SIZE = 32 };

/* open(2) with O_CLOEXEC. Returns the descriptor, or -1 with errno. MODE counts with O_CREAT only. */
int file_open(const char *path, int flags, mode_t mode);

/*
 * Makes a file in FOLDER, which may be opened with O_PATH, to be written and then moved over the one that it replaces.
 * Puts into NAME what it is called: by the time, as several processes that work in one folder may all be PID 1 of their
 * containers. The descriptor, or -1 with errno.
 */
int file_temporary(int folder, char name[FILE_TEMPORARY_SIZE], mode_t mode);

/* Of what a file is (inode(7)), the part that somebody asks for. */
struct file_status {
    uint32_t links, uid, gid;
    mode_t mode;
    uint64_t size;
    uint64_t device; /* of the file system that it is in, as major and minor number */
    uint64_t mount;  /* of the mount that it is seen through; 0 before Linux 5.8 */
};

/* Looks at the file behind FD by statx(2). FD may have been opened with O_PATH. False with errno. */
bool file_look(int fd, struct file_status *status);

/* close(2), after which errno is what it was before. */
void file_close(int fd);

/* read(2): up to SIZE bytes. Returns how many, 0 at the end, or -1 with errno. */
ssize_t read_some(int fd, char *bytes, size_t size);

/*
 * Appends to OUT what FD holds up to its end, or as much as has room: where out->length is out->size afterwards, there
 * may be more.
 *
 * UNTIL is a time on CLOCK_MONOTONIC in ns. Before each read(2) the function waits for input up to that time, and fails
 * with ETIMEDOUT when it has come: this is for a FIFO, whose writer may be late. With 0 it does not wait; FD is then a
 * file, or was opened with O_NONBLOCK. False with errno.
 */
bool read_all(int fd, int64_t until, struct text *out);

/* write(2) until all LENGTH bytes are written. False with errno. */
bool write_all(int fd, const char *bytes, size_t length);

/* Makes FD, which may be opened with O_PATH, UID's and GID's, unless it is already (chown(2)). False with errno. */
bool file_give(int fd, uid_t uid, gid_t gid);

#endif
