/* init's configuration: what the command line and the environment ask for, and what that means for a signal. */
#ifndef INIT_CONF_H
#define INIT_CONF_H

#include "init/persona.h"
#include "init/signals.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct step; /* init/steps/steps.h */

enum { FILE_ENV_MAX = 32, GROUPS_MAX = 32, REWRITE_DROP = -1 };

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
    const char *user; /* USER[:GROUP[,GROUP...]] as it was given. The ids are set by prepare() */
    uid_t uid;
    gid_t gid;
    size_t group_count;
    gid_t groups[GROUPS_MAX]; /* further ones */
    bool has_steps;           /* there is something to do between the preparation of COMMAND and its start */
    struct step *steps;
    size_t step_count;
    size_t process_count; /* steps that are processes */
    const char *exit_report;
    const char *install_dir;
    size_t file_env_count;
    struct element file_env[FILE_ENV_MAX];
    uint8_t exit_map[256];             /* the status to report XOR the real one, so that zeroes map nothing */
    signed char rewrite[SIGNAL_COUNT]; /* what to forward in place of a signal; 0: the same; REWRITE_DROP: nothing */
    char *const *command;              /* NULL-terminated, in argv; empty with --pause */
};

/* Whether SIGNAL, as it arrives (before --rewrite), is a stop signal. */
static inline bool conf_is_stop(const struct init_conf *conf, int signal)
{
    return conf->stop_signals >> (signal - 1) & 1;
}

/* The signal to forward where SIGNAL arrives; 0 for none. */
static inline __attribute__((always_inline)) int conf_rewrite(const struct init_conf *conf, int signal)
{
    int to = conf->rewrite[signal];

    /* COMMAND leads a session of its own, where no shell could resume it: the kernel drops suspensions by the terminal
     */
    if (to == 0 && conf->new_session && signal_is_suspend(signal))
        return SIGSTOP;
    return to == REWRITE_DROP ? 0 : to ? to : signal;
}

/* The stop signals, as they arrive, that are forwarded as something: a set. */
uint64_t conf_stops(const struct init_conf *conf);

/* The status that init exits with where COMMAND's is STATUS, 0 to 255 (--exit-map). */
int conf_map_status(const struct init_conf *conf, int status);

#endif
