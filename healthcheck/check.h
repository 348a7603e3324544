/* The whole check: every target, again until --wait is over, and the report. */
#ifndef HEALTHCHECK_CHECK_H
#define HEALTHCHECK_CHECK_H

#include "healthcheck/conf.h"

#include <stdbool.h>

/* Probes CONF's targets and prints the report on stdout. Whether they are healthy; false too after a usage error. */
bool check(const struct check_conf *conf);

#endif
