/* init's configuration: what the command line and the environment ask for. */
#ifndef INIT_OPTIONS_H
#define INIT_OPTIONS_H

#include "init/persona.h"
#include "init/signals.h"
#include "pith/option.h"

#include <stdint.h>
#include <sys/types.h>

enum { FILE_ENV_MAX = 32, REWRITE_DROP = -1 };

enum init_task { TASK_RUN, TASK_PAUSE, TASK_INSTALL, TASK_HELP, TASK_VERSION, TASK_LICENSE };

/* Filled by options_parse, constant from then on. Times are nanoseconds. Strings point into argv and the environment.
 */
struct init_conf {
    const struct persona *persona;
    enum init_task task;
    bool group;
    bool new_session;
    bool subreaper; /* asked for */
    bool warn_on_reap;
    bool expand;
    bool cleans; /* --grace was given: what COMMAND leaves behind is ended */
    int verbosity;
    uint64_t stop_signals;    /* a set */
    int parent_death_signal;  /* 0: none */
    int64_t grace;            /* that processes have when COMMAND has exited */
    int64_t stop_timeout;     /* 0: none */
    int64_t stop_delay;       /* 0: none */
    int64_t run_timeout;      /* 0: none */
    const char *watch_target; /* NULL: no watch */
    int64_t watch_interval;
    int64_t watch_timeout;
    int64_t watch_start_period;
    unsigned watch_retries;
    bool has_variables; /* there are PITH_* variables in the environment, which COMMAND must not get */
    bool has_user;
    bool has_group; /* `gid` was given; else prepare() sets it */
    uid_t uid;
    gid_t gid;
    const char *user; /* as it was given, for messages */
    const char *exit_report;
    const char *install_dir;
    size_t file_env_count;
    struct {
        const char *at; /* not terminated: an element of a comma list */
        size_t length;
    } file_env[FILE_ENV_MAX];
    uint8_t exit_map[256];             /* the status to report XOR the real one, so that zeroes map nothing */
    signed char rewrite[SIGNAL_COUNT]; /* what to forward in place of a signal; 0: the same; REWRITE_DROP: nothing */
    char *const *command;              /* NULL-terminated, in argv */
};

extern const struct option_set init_options;

/*
 * Fills *CONF from the persona, the environment and the command line, each of which beats the one before. The caller
 * has set the persona and zeroed the rest. False after a message.
 */
bool options_parse(struct init_conf *conf, int argc, char *const argv[], char *const environment[]);

/* Whether SIGNAL, as it arrives (before --rewrite), is a stop signal. */
bool options_is_stop(const struct init_conf *conf, int signal);

/* The signal to forward where SIGNAL arrives; 0 for none. */
int options_rewrite(const struct init_conf *conf, int signal);

/* The status that init exits with where COMMAND's is STATUS, 0 to 255 (--exit-map). */
int options_map_status(const struct init_conf *conf, int status);

#endif
