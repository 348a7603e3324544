/* Prepares what COMMAND is given: its arguments (--expand) and its environment (--file-env, HOME for --user). */
#ifndef INIT_PREPARE_H
#define INIT_PREPARE_H

#include "init/arena.h"
#include "init/child.h"
#include "init/conf.h"

/*
 * Fills in the arguments and the environment of *COMMAND. They are those of CONF and ENVIRONMENT, or copies where CONF
 * asks for changes; the copies live as long as init. PITH_* variables are taken out of ENVIRONMENT. Sets conf->gid
 * where
 * --user was given a uid alone. False after a message: COMMAND must not be started then.
 */
bool prepare(struct init_conf *conf, char *environment[], struct child_spec *command);

#endif
