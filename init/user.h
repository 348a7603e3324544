/* --user: who COMMAND is. */
#ifndef INIT_USER_H
#define INIT_USER_H

#include "init/options.h"

#include <stdbool.h>

/*
 * Finds conf->uid in PASSWD, the contents of passwd(5), or "", which is cut up. Sets conf->gid, where it was not given,
 * to that of the entry, or else the uid. The home directory: of the entry, or "/". It points into PASSWD, six bytes or
 * more behind its start, or is static.
 */
const char *user_find(struct init_conf *conf, char *passwd);

/*
 * Becomes conf->user, without further groups and capabilities, with no_new_privs: in a child that shares memory. Of
 * descriptors 0 to 2 those that are pipes, sockets and terminals become that user's before, with HAND_OVER. False with
 * errno, and what has been given up by then is.
 */
bool user_become(const struct init_conf *conf, bool hand_over);

#endif
