/* What the steps that change files have in common. */
#ifndef INIT_STEPS_FILES_H
#define INIT_STEPS_FILES_H

#include "init/steps/steps.h"

#include <stdbool.h>
#include <sys/types.h>

/* Whose files are to be: COMMAND's ids. */
struct owner {
    uid_t uid;
    gid_t gid;
    const struct init_conf *conf;
    uint64_t stops; /* a set of signals. Where one is pending, COMMAND will not be started (conf_stops) */
};

/* The message that STEP has failed for PATH, with WHY a part of a message (diag.h). Returns false. */
bool file_step_failed(const struct step *step, const char *path, const char *why);

/*
 * --chown: gives step->path, and where that is a folder all that is in it, to OWNER, unless it is theirs already. Goes
 * through no symbolic link and into no other mount. What has further names (hard links) is left as it is, with a line:
 * one of them may be somebody else's file. A stop signal ends it, without a message. False after one.
 */
bool hand_over(const struct step *step, const struct owner *owner);

/*
 * --render: writes step->to from the template step->path with `${NAME}` expanded, or each `NAME.template` in the folder
 * step->path to NAME in the folder step->to. What was there is replaced at once (rename(2)): a reader sees the old file
 * or the new one. It has the mode of the template and is OWNER's. ARENA holds the texts meanwhile. False after a
 * message, and what was there is as it was.
 */
bool render(const struct step *step, const struct owner *owner, char *const environment[], struct arena *arena);

#endif
