/* What the user asked for: filled by options.c, constant from then on. */
#ifndef HEALTHCHECK_CONF_H
#define HEALTHCHECK_CONF_H

#include "healthcheck/target/target.h"

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HEADERS_MAX = 64,
    RANGES_MAX = 32,
    MATCHERS_MAX = 16, /* of each kind */
};

struct option_set;

/* HTTP statuses FROM to TO, both included. */
struct status_range {
    uint16_t from;
    uint16_t to;
};

/* A value wanted at a path of a JSON document; both C strings point to one option's value. */
struct json_match {
    struct span path;
    const char *value;
};

struct check_conf {
    /* how long */
    int64_t timeout;     /* of one try, ns */
    int64_t wait;        /* of all tries, ns; 0: one try */
    int64_t interval;    /* between tries, ns */
    int64_t max_latency; /* of a healthy probe, ns; TIME_NEVER: any */
    /* what is asked, and what of the answer (HTTP) */
    const char *method;
    size_t header_count;
    const char *user; /* NAME:PASSWORD, or NULL */
    size_t range_count;
    size_t contains_count;
    size_t regex_count;
    regex_t *compiled; /* as many; NULL where there are none */
    size_t json_count;
    bool follow;
    const char *judges_http; /* options by which such answers are judged, as typed; or NULL */
    const char *judges_tls;
    /* TLS */
    bool insecure;
    const char *cacert;
    const char *cert;
    const char *key;
    const char *servername;
    int64_t tls_min_days; /* -1: not asked for */
    /* what is probed, and when it counts */
    int family; /* AF_INET, AF_INET6, or AF_UNSPEC for both */
    bool any;
    bool readiness;
    bool dry_run; /* everything but to send; then there is no wait, no readiness, no command */
    size_t target_count;
    /* what is told */
    bool json_output;
    bool quiet;
    bool verbose;
    bool timed; /* verbose or JSON: phases are timed */
    /* what comes instead, or after */
    int (*action)(const struct check_conf *conf); /* --help and its like: returns the exit status */
    const char *install;                          /* folder of --install */
    const char *argv0;
    char *const *command; /* behind `--`, ends with NULL; or NULL */
    /* the lists that are counted above; what is beyond their counts is nothing */
    const char *headers[HEADERS_MAX]; /* `Name: value` */
    struct status_range ranges[RANGES_MAX];
    const char *contains[MATCHERS_MAX];
    const char *regexes[MATCHERS_MAX]; /* as typed, for messages */
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
