/* Variables of an environment, which is a list of `NAME=value` strings that ends with NULL (environ(7)). Pure. */
#ifndef PITH_ENVIRONMENT_H
#define PITH_ENVIRONMENT_H

#include <stddef.h>

/*
 * The value of the variable whose name is the LENGTH bytes at NAME; NULL where it is not set. The value points into
 * ENVIRONMENT. Where a name stands twice, the first entry counts, as for getenv(3).
 */
const char *environment_get(char *const environment[], const char *name, size_t length);

/*
 * How many bytes at the start of STRING can be the name of a variable: letters, digits except as the first byte, `_`,
 * `.` and `-`. 0 where not even the first byte can.
 */
size_t environment_name(const char *string);

#endif
