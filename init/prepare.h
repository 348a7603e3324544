/* What COMMAND is given: its arguments after --expand, its environment after --file-env. */
#ifndef INIT_PREPARE_H
#define INIT_PREPARE_H

#include "init/options.h"

/*
 * Sets *ARGV and *ENVIRONMENT to what CONF asks for: as they are where it asks for nothing, else
 * in memory that is taken once and never given back. False after a message.
 */
bool prepare(const struct init_conf *conf, char *const **argv, char *const **environment);

#endif
