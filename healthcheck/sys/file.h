/* Small files, read whole. */
#ifndef HEALTHCHECK_SYS_FILE_H
#define HEALTHCHECK_SYS_FILE_H

#include "pith/text.h"

#include <stdbool.h>

/*
 * Appends what the file at PATH holds to OUT: out->length > out->size says that there was more. False with errno. Where
 * it is a pipe, nobody is waited for.
 */
bool file_read(const char *path, struct text *out);

/* The same for the file NAME of process PID in /proc; false as well where the process has gone. */
bool file_read_of(int pid, const char *name, struct text *out);

/* A descriptor of /proc, or -1 where it is not mounted: a folder that is there but empty is none. */
int file_open_proc(void);

#endif
