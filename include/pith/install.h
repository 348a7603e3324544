/* --install: the binary copies itself to where another container, whose image lacks it, finds it. */
#ifndef PITH_INSTALL_H
#define PITH_INSTALL_H

#include <stdbool.h>

/*
 * Copies the running binary to DIR/NAME with mode 0755. It is /proc/self/exe; where /proc is not mounted, ARGV0.
 *
 * The copy is written to a temporary name in DIR (file_temporary) and then moved (rename(2)). So nobody sees half a
 * file, and neither a copy that runs already nor another install is an obstacle. False after a message; nothing is left
 * behind then.
 */
bool install_self(const char *argv0, const char *name, const char *dir);

#endif
