/* characters_own: the same with what healthcheck has in place of libc's. */
#include "healthcheck/sys/locale.c"

#include "characters.c"
