/* --user: the ids that COMMAND runs as. */
#ifndef INIT_USER_H
#define INIT_USER_H

#include "init/arena.h"
#include "init/conf.h"

#include <stdbool.h>

/* Whether STRING has the form USER[:GROUP[,GROUP...]]. */
bool user_check(const char *string);

/*
 * Sets the ids that conf->user names, by passwd(5) and group(5) where it has names: uid, gid (without GROUP that of the
 * user's entry, or the uid where there is none) and further groups. Returns the home directory of the user's entry, or
 * "/", or NULL after a message. It is static, or in the free part of ARENA, six bytes or more behind its start.
 */
const char *user_find(struct init_conf *conf, struct arena *arena);

/*
 * Takes on conf->uid, conf->gid and conf->groups, gives up all capabilities (credentials(7),
 * capabilities(7); root keeps them) and sets no_new_privs. For a child that shares init's memory. With HAND_OVER,
 * descriptors 0 to 2 that are pipes, sockets or terminals are given to that user first. NULL, or with errno what to say
 * behind its text, which may be "": the child must not execute COMMAND then.
 */
const char *user_become(const struct init_conf *conf, bool hand_over);

#endif
