/* characters_own: the same with what healthcheck has in place of libc's. */
#include "healthcheck/locale.c"

#include "characters.c"
