/* What the user asked for: filled by options.c, constant from then on. */
#ifndef HEALTHCHECK_CONF_H
#define HEALTHCHECK_CONF_H

#include "healthcheck/probes/probe.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct option_set;

struct check_conf {
    struct probe_conf probe; /* what each probe has to know */
    /* what is probed, how long, and when it counts */
    size_t target_count;
    bool any;         /* one healthy target is enough */
    bool readiness;   /* unhealthy while init shuts down */
    int64_t timeout;  /* of one try, ns */
    bool repeats;     /* there may be several tries, by one of the next two; the other one is 0 */
    bool paced;       /* one of them was typed */
    int64_t wait;     /* until healthy: of all tries, ns */
    int64_t hold;     /* while healthy: of all tries, ns */
    int64_t interval; /* between tries, ns; 0: not said */
    /* options, as typed, or NULL: */
    const char *judges_http; /* by which answers of HTTP are judged */
    const char *needs_tls;
    const char *speaks_http; /* for HTTP alone */
    const char *in_header;   /* for HTTP and gRPC alone */
    const char *connects;    /* needs a target to connect to */
    /* what asks for HEAD, for a certificate, for its key: the option or the variable; or NULL */
    const char *heads;
    const char *certifies;
    const char *keys;
    /* what is told */
    bool json_output;
    bool quiet;
    bool no_hints; /* nothing is told of what may be the reason of a failure */
    bool verbose;
    /* what comes instead, or after */
    int (*action)(const struct check_conf *conf); /* --help and its like: returns the exit status */
    const char *acts;                             /* its option, as it is shown */
    const char *install;                          /* folder of --install */
    const char *hold_state;                       /* folder of the mark of --hold; NULL: /dev/shm */
    char *const *argv;                            /* as typed, with argv[0] */
    char *const *command;                         /* behind `--`, ends with NULL; or NULL */
    /* room for the lists that are counted above or in `probe`; what is beyond their counts is not initialised */
    const char *headers[HEADERS_MAX];
    struct status_range ranges[RANGES_MAX];
    const char *contains[MATCHERS_MAX];
    const char *regexes[MATCHERS_MAX];
    struct json_match json[MATCHERS_MAX];
    const char *targets[TARGETS_MAX]; /* expanded */
};

/* The table of options, prefix HEALTHCHECK_. */
extern const struct option_set check_options;

/*
 * Fills *CONF from ENVIRONMENT and then from the command line, and checks it as a whole, but for the
 * targets, which are expanded and not yet taken apart. False after one message on stderr.
 */
bool options_parse(struct check_conf *conf, int argc, char *const argv[], char *const environment[]);

#endif
