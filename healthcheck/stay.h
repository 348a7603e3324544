/*
 * What a probe with --hold has beside its tries: the mark of the last run, and what is told of the tries. hold.h
 * decides.
 */
#ifndef HEALTHCHECK_STAY_H
#define HEALTHCHECK_STAY_H

#include "healthcheck/conf.h"
#include "healthcheck/hold.h"
#include "healthcheck/result.h"
#include "healthcheck/sys/mark.h"

struct stay {
    struct hold hold;
    struct mark mark;
    const char *obstacle;         /* why there can be no mark, or NULL */
    int error;                    /* the errno that says more of it */
    int64_t slowest[TARGETS_MAX]; /* healthy try of each target, ns */
};

/*
 * Takes the mark of the last run, which CONF's options and targets name, and with it decides whether this run may stay.
 * For as long as it runs there is none, so that whatever ends it, the next run is a plain one. Before sandbox_enter.
 */
void stay_begin(struct stay *stay, const struct check_conf *conf);

/* Whether a mark has come since: another probe with the same options and targets runs in this container. */
bool stay_has_rival(const struct stay *stay);

/* Looks at how long a try took, and at the end adds to the reasons of healthy targets what came of several tries. */
void stay_note(struct stay *stay, const struct result *results, size_t count);
void stay_tell(const struct stay *stay, struct result *results, size_t count);

/* Leaves a mark for the next run: the last thing that a healthy run does. */
void stay_end(struct stay *stay);

/* Puts the line that says why there can be no mark; nothing where there can. */
void stay_put_obstacle(const struct stay *stay, struct text *out);

#endif
