/* The options of init: the command line and the environment become its configuration. */
#ifndef INIT_OPTIONS_H
#define INIT_OPTIONS_H

#include "init/conf.h"
#include "pith/option.h"

extern const struct option_set init_options;

/*
 * Fills *CONF from the persona, the environment and the command line, each of which beats the one before. The caller
 * has set the persona and zeroed the rest. False after a message.
 */
bool options_parse(struct init_conf *conf, int argc, char *const argv[], char *const environment[]);

#endif
