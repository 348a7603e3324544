/* --user: the ids that COMMAND runs as. */
#ifndef INIT_USER_H
#define INIT_USER_H

#include "init/options.h"

#include <stdbool.h>

/*
 * Looks conf->uid up in PASSWD, the contents of passwd(5) or "", which it cuts up. Where no group was given, conf->gid
 * becomes that of the entry, or the uid where there is none. Returns the home directory of the entry, or "/". That
 * points into PASSWD, six bytes or more behind its start, or is static.
 */
const char *user_find(struct init_conf *conf, char *passwd);

/*
 * Takes on conf->uid and conf->gid without supplementary groups, gives up all capabilities (credentials(7),
 * capabilities(7); root keeps them) and sets no_new_privs. For a child that shares init's memory. With HAND_OVER,
 * descriptors 0 to 2 that are pipes, sockets or terminals are given to that user first. False with errno: the child
 * must not execute COMMAND then.
 */
bool user_become(const struct init_conf *conf, bool hand_over);

#endif
