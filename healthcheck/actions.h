/* The tasks that take the place of a check: --help and its like. */
#ifndef HEALTHCHECK_ACTIONS_H
#define HEALTHCHECK_ACTIONS_H

#include "healthcheck/conf.h"

/* Each prints on stdout, --install copies the binary. They return the exit status. */
int action_help(const struct check_conf *conf);
int action_version(const struct check_conf *conf);
int action_license(const struct check_conf *conf);
int action_list_probes(const struct check_conf *conf);
int action_install(const struct check_conf *conf);

#endif
