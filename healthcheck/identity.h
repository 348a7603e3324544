/* Which probe this is, among those of one container: a number made of its options and targets. */
#ifndef HEALTHCHECK_IDENTITY_H
#define HEALTHCHECK_IDENTITY_H

#include "healthcheck/conf.h"

#include <stdint.h>

/*
 * A hash (FNV-1a, 64 bits) of the words of the command line as typed, the variables of options, and the targets. It
 * ends up in the name of a file that every user may see, so nothing secret goes into it that a list of processes does
 * not show as well: no user, header or password of a variable, and no variable that is no option's. Pure.
 */
uint64_t identity_of(const struct check_conf *conf, char *const environment[]);

#endif
