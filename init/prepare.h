/* What COMMAND is given: its arguments after --expand, its environment after --file-env and --user. */
#ifndef INIT_PREPARE_H
#define INIT_PREPARE_H

#include "init/child.h"
#include "init/options.h"

/*
 * Sets the arguments and the environment of *COMMAND: those of CONF and ENVIRONMENT, out of which it takes init's own
 * variables, and what CONF asks for in memory that is taken once and never given back. Sets conf->gid where only the
 * uid was given. False after a message.
 */
bool prepare(struct init_conf *conf, char *environment[], struct child_spec *command);

#endif
