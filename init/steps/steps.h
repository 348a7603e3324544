/*
 * The steps before COMMAND: what images do in an entrypoint script, one option each. They are kept in the order in
 * which they are given, and done in the order of enum step_kind.
 */
#ifndef INIT_STEPS_H
#define INIT_STEPS_H

#include "init/arena.h"
#include "init/conf.h"
#include "pith/option.h"

#include <sys/types.h>

enum { STEPS_MAX = 64 };

enum step_kind {
    STEP_ENV,    /* --env NAME=VALUE */
    STEP_UMASK,  /* --umask MODE; the last one counts */
    STEP_LIMIT,  /* --limit NAME=SOFT[:HARD] */
    STEP_REMOVE, /* --remove PATH */
    STEP_MKDIR,  /* --mkdir PATH[:MODE] */
    STEP_CHOWN,  /* --chown PATH */
    STEP_RENDER, /* --render FROM:TO */
    STEP_BEFORE, /* --before COMMAND */
    STEP_ONCE,   /* --once PATH:COMMAND; done together with --before */
    STEP_KINDS,
};

struct step {
    enum step_kind kind;
    const char *at; /* as it was given, not terminated: it may be an element of a list */
    size_t length;

    /* Set by steps_prepare, with what was to be expanded. */
    const char *path; /* of --remove, --mkdir, --chown, --once; FROM of --render */
    const char *to;   /* TO of --render; MODE of --mkdir, or NULL */
    char **argv;      /* of --before and --once */
};

/* A setter of option.h for their rows, each of which has its enum step_kind in `field`. Checks the form of the value.
 */
const char *step_set(void *conf, const struct option_value *value);

/*
 * Does the steps of --env in ENVIRONMENT, which has a free place for each behind its end, and expands what the others
 * were given. Sets has_steps and process_count. Nothing else is changed. False after a message.
 */
bool steps_prepare(struct init_conf *conf, char *environment[], struct arena *arena);

/*
 * Does the steps that change files: --remove, --mkdir, --chown, --render. Stops before the next one where a stop signal
 * is pending. False after a message.
 */
bool steps_files(const struct init_conf *conf, char *const environment[]);

/* The N-th (0: first) step of --before and --once. There are conf->process_count. */
const struct step *step_process(const struct init_conf *conf, size_t n);

/* Sets umask and limits of the calling process, which is about to become COMMAND or a step. False after a message. */
bool steps_limit(const struct init_conf *conf);

/* The name of the option. */
const char *step_option(enum step_kind kind);

#endif
