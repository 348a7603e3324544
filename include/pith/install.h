/* --install: a binary that puts itself where an image without it can use it. */
#ifndef PITH_INSTALL_H
#define PITH_INSTALL_H

#include <stdbool.h>

/*
 * Copies the running binary to DIR/NAME with mode 0755, through a temporary name in DIR and
 * rename(2), so that a running copy there is no obstacle and nobody sees half a file. The binary is
 * /proc/self/exe, or ARGV0 without /proc. False after a message; nothing is left behind then.
 */
bool install_self(const char *argv0, const char *name, const char *dir);

#endif
