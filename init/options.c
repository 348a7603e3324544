/* The table of init's options, and a setter for each. */
#include "init/options.h"

#include "init/features.h"
#include "init/steps/steps.h"
#include "init/user.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/environment.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <string.h>
#include <unistd.h>

enum { LIST_PIECE = 64, RETRIES_MAX = 1000000, NUMERIC_REWRITE_MAX = 31 };

/*
 * Copies the next element of *LIST, one with commas, to PIECE and moves *LIST behind it. False at the end of the list.
 * An element that is too long for PIECE cannot be valid and becomes "", which is refused.
 */
static bool next_piece(const char **list, char piece[LIST_PIECE])
{
    if (!*list)
        return false;
    struct element element = text_element(*list, ',');
    text_copy(piece, LIST_PIECE, element.at, element.length < LIST_PIECE ? element.length : 0);
    *list = text_behind(element, ',');
    return true;
}

/* Cuts PIECE at its first SEPARATOR and returns what follows, or NULL where there is none. */
static char *cut(char *piece, char separator)
{
    char *at = piece + text_until(piece, separator);

    if (!*at)
        return NULL;
    *at = '\0';
    return at + 1;
}

static const char *set_single_child(void *conf, const struct option_value *value)
{
    (void)value;
    ((struct init_conf *)conf)->group = false;
    ((struct init_conf *)conf)->new_session = false;
    return NULL;
}

static const char *set_parent_death_signal(void *conf, const struct option_value *value)
{
    int signal = signal_parse(value->string);

    ((struct init_conf *)conf)->parent_death_signal = signal;
    return signal ? NULL : "is not a signal";
}

static const char *set_exit_map(void *conf, const struct option_value *value)
{
    uint8_t *map = ((struct init_conf *)conf)->exit_map;
    const char *list = value->string;
    char piece[LIST_PIECE];

    if (value->fresh)
        memset(map, 0, 256);
    while (next_piece(&list, piece)) {
        const char *code_string = cut(piece, ':'), *to_string = cut(piece, '-');
        int64_t code = code_string ? number_parse(code_string, 255) : 0;
        int64_t from = number_parse(piece, 255), to = to_string ? number_parse(to_string, 255) : from;
        if (code < 0 || from < 0 || to < from)
            return "is not FROM[-TO][:CODE] with statuses from 0 to 255";
        for (; from <= to; from++)
            map[from] = (uint8_t)(from ^ code);
    }
    return NULL;
}

static void explain(const char *text)
{
    write_all(STDERR_FILENO, text, strlen(text));
}

/* The signal that STRING names, REWRITE_DROP for `0` and `none`, or 0 where it is neither. */
static int parse_rewritten(const char *string, bool numeric)
{
    if (strcmp(string, "0") == 0 || (!numeric && text_is(string, "none")))
        return REWRITE_DROP;
    if (!numeric)
        return signal_parse(string);
    int64_t number = number_parse(string, NUMERIC_REWRITE_MAX);
    return number > 0 ? (int)number : 0;
}

static const char *bad_rewrite(const char *usage)
{
    if (!usage)
        return "is not FROM:TO with two signals (TO may be 0 for none)";
    explain(usage);
    return "";
}

static const char *set_rewrite(void *conf, const struct option_value *value)
{
    struct init_conf *into = conf;
    const char *usage = value->from_environment ? NULL : into->persona->rewrite;
    const char *list = value->string;
    char piece[LIST_PIECE];

    if (value->fresh)
        memset(into->rewrite, 0, sizeof into->rewrite);
    while (next_piece(&list, piece)) {
        const char *to_string = cut(piece, ':');
        int from = parse_rewritten(piece, usage), to = to_string ? parse_rewritten(to_string, usage) : 0;
        if (from <= 0 || to == 0)
            return bad_rewrite(usage);
        /* dumb-init takes every number */
        if (!usage && SIGNALS_KEPT >> (from - 1) & 1)
            return "rewrites KILL, STOP or CHLD, which init never forwards";
        into->rewrite[from] = (signed char)to;
    }
    return NULL;
}

static const char *set_grace(void *conf, const struct option_value *value)
{
    ((struct init_conf *)conf)->cleans = true;
    return duration_parse(value->string, &((struct init_conf *)conf)->grace);
}

static const char *set_span(void *conf, const struct option_value *value)
{
    const char *why = option_set_duration(conf, value);

    return why ? why : *(int64_t *)value->field ? NULL : "is not a duration above 0";
}

static const char *set_watch_retries(void *conf, const struct option_value *value)
{
    int64_t retries = number_parse(value->string, RETRIES_MAX);

    if (retries <= 0)
        return "is not a number from 1 to 1000000";
    ((struct init_conf *)conf)->watch_retries = (unsigned)retries;
    return NULL;
}

static const char *set_file_env(void *conf, const struct option_value *value)
{
    struct init_conf *into = conf;
    const char *list = value->string;

    if (value->fresh)
        into->file_env_count = 0;
    do {
        struct element name = text_element(list, ',');
        if (name.length == 0 || environment_name(name.at) < name.length)
            return "is not a variable's name";
        if (name.length > strlen("_FILE") && text_begins(name.at + name.length - strlen("_FILE"), LITERAL("_FILE")))
            return "may not end with _FILE";
        if (into->file_env_count == FILE_ENV_MAX)
            return "is one name too many (32 at most)";
        into->file_env[into->file_env_count++] = name;
        list = text_behind(name, ',');
    } while (list);
    return NULL;
}

static const char *set_user(void *conf, const struct option_value *value)
{
    ((struct init_conf *)conf)->has_user = true;
    ((struct init_conf *)conf)->user = value->string;
    return user_check(value->string) ? NULL : "is not USER[:GROUP[,GROUP...]] with names or numbers";
}

static const char *set_stop_signal(void *conf, const struct option_value *value)
{
    uint64_t *stop_signals = &((struct init_conf *)conf)->stop_signals;
    const char *list = value->string;
    char piece[LIST_PIECE];

    if (value->fresh)
        *stop_signals = 0;
    while (next_piece(&list, piece)) {
        int signal = signal_parse(piece);
        if (!signal || (SIGNALS_KEPT >> (signal - 1) & 1))
            return "is not a signal that init can forward";
        *stop_signals |= SIGNAL_BIT(signal);
    }
    return NULL;
}

static const char *set_verbose(void *conf, const struct option_value *value)
{
    struct init_conf *into = conf;
    int64_t level = value->string ? number_parse(value->string, 9) : value->fresh ? 1 : into->verbosity + 1;

    if (level < 0)
        return "is not a number from 0 to 9";
    into->verbosity = (int)level;
    return NULL;
}

static const char *set_install(void *conf, const struct option_value *value)
{
    ((struct init_conf *)conf)->task = TASK_INSTALL;
    ((struct init_conf *)conf)->install_dir = value->string;
    return *value->string ? NULL : "is not a directory";
}

/* The rows of tasks hold the task's number in `field`, as they store nothing else. */
static const char *set_task(void *conf, const struct option_value *value)
{
    ((struct init_conf *)conf)->task = (enum init_task)((char *)value->field - (char *)conf);
    return NULL;
}

#define FIELD(name) offsetof(struct init_conf, name)

static const struct option rows[] = {
    { 'g', OPTION_FLAG, FIELD(group), "group\tforward signals to COMMAND's process group", option_set_flag },
    { 'c', OPTION_ACTION, 0, "single-child\tforward to COMMAND alone (undoes -g)", set_single_child },
    { 's', OPTION_FLAG, FIELD(subreaper), "subreaper\tadopt orphans (automatic when not PID 1)", option_set_flag },
    { 'p', OPTION_VALUE, 0, "parent-death-signal SIG\tget SIG when init's parent dies", set_parent_death_signal },
    { 'e', OPTION_VALUE, 0, "exit-map FROM[-TO][:CODE]\texit with CODE (0) where COMMAND exits FROM..TO",
      set_exit_map },
    { 'r', OPTION_VALUE, 0, "rewrite FROM:TO\tforward TO where FROM arrives; TO 0: nothing", set_rewrite },
    { 'k', OPTION_VALUE, FIELD(grace), "grace DURATION\tafter COMMAND: TERM the rest, KILL after this", set_grace },
    { 0, OPTION_VALUE, FIELD(stop_timeout), "stop-timeout DURATION\tKILL a COMMAND that outlives a stop signal so long",
      option_set_duration },
    { 0, OPTION_VALUE, FIELD(stop_delay), "stop-delay DURATION\twait before a stop signal is forwarded",
      option_set_duration },
    { 0, OPTION_VALUE, 0, "stop-signal SIG\ta stop signal, in place of TERM, INT and RTMIN+3", set_stop_signal },
    { 0, OPTION_VALUE, FIELD(run_timeout), "run-timeout DURATION\tstop a COMMAND that runs longer: status 124",
      option_set_duration },
    { 0, OPTION_VALUE, FIELD(watch_target), "watch TARGET\tprobe TARGET, stop COMMAND when unhealthy",
      option_set_string },
    { 0, OPTION_VALUE, FIELD(watch_interval), "watch-interval DURATION\tfrom one probe to the next (30s)", set_span },
    { 0, OPTION_VALUE, FIELD(watch_timeout), "watch-timeout DURATION\ttime for one probe (3s)", set_span },
    { 0, OPTION_VALUE, 0, "watch-retries N\tfailures in a row that mean unhealthy (3)", set_watch_retries },
    { 0, OPTION_VALUE, FIELD(watch_start_period),
      "watch-start-period DURATION\ttime in which failures do not count (0s)", option_set_duration },
    { 'x', OPTION_FLAG, FIELD(expand), "expand\texpand ${NAME}, ${NAME:-default} in COMMAND", option_set_flag },
    { 0, OPTION_VALUE, 0, "file-env NAME\tset NAME from the file that NAME_FILE names", set_file_env },
#if PITH_STEPS
    { 0, OPTION_VALUE, STEP_ENV, "env NAME=VALUE\tset NAME; ${...} in VALUE is expanded", step_set },
    { 0, OPTION_VALUE, STEP_UMASK, "umask MODE\tumask of COMMAND and the steps", step_set },
    { 0, OPTION_VALUE, STEP_LIMIT, "limit NAME=SOFT[:HARD]\tresource limit of COMMAND and the steps", step_set },
    { 0, OPTION_VALUE, STEP_REMOVE, "remove PATH\tunlink a file that may be there", step_set },
    { 0, OPTION_VALUE, STEP_MKDIR, "mkdir PATH[:MODE]\tmake a folder and parents for COMMAND's user", step_set },
    { 0, OPTION_VALUE, STEP_CHOWN, "chown PATH\tgive a file or a tree to COMMAND's user", step_set },
    { 0, OPTION_VALUE, STEP_RENDER, "render FROM:TO\twrite TO from the template FROM", step_set },
    { 0, OPTION_VALUE, STEP_BEFORE, "before COMMAND\trun COMMAND first; one that fails ends init", step_set },
    { 0, OPTION_VALUE, STEP_ONCE, "once PATH:COMMAND\tthe same, where PATH is not there", step_set },
#endif
    { 'u', OPTION_VALUE, 0, "user USER[:GROUP[,GROUP]...]\trun COMMAND as these, no_new_privs set", set_user },
    { 0, OPTION_VALUE, FIELD(exit_report), "exit-report PATH\twrite how COMMAND ended to PATH, as JSON",
      option_set_string },
    { 'w', OPTION_FLAG, FIELD(warn_on_reap), "warn-on-reap\ta line for each orphan reaped", option_set_flag },
    { 'v', OPTION_COUNT, 0, "verbose\tmore lines on stderr; repeat for still more", set_verbose },
    { 'P', OPTION_ACTION, TASK_PAUSE, "pause\tno COMMAND: reap until TERM or INT", set_task },
    { 0, OPTION_ACTION_VALUE, 0, "install DIR\tcopy this binary into DIR and exit", set_install },
    { 'h', OPTION_INFORM, TASK_HELP, "help\tshow this help", set_task },
    { 'V', OPTION_INFORM, TASK_VERSION, "version\tshow the version", set_task },
    { 'l', OPTION_INFORM, TASK_LICENSE, "license\tshow the licence", set_task },
    { 'L', OPTION_INFORM, TASK_LICENSE, "licence\tthe same", set_task },
};

/* dumb-init parses by getopt(3): callers expect its wording. */
static bool tell_unknown(const void *conf, const char *option)
{
    bool getopt_words = ((const struct init_conf *)conf)->persona->usage;

    while (*option == '-')
        option++;
    if (getopt_words)
        diagf("unrecognized option: %s", option);
    return getopt_words;
}

HOT_TABLE const struct option_set init_options = {
    .rows = rows,
    .count = sizeof rows / sizeof rows[0],
    .prefix = "PITH_",
    .usage = "Usage: init [OPTION...] [--] COMMAND [ARG...]\n"
             "Runs COMMAND, forwards signals to it, reaps every zombie, exits with its status.\n\n",
    .unknown = tell_unknown,
    .epilogue = "\nDURATION: 250ms, 5s, 2m, 1h or seconds. SIG: TERM, SIGTERM, 15, RTMIN+3.\n"
                "A name in brackets is the environment variable of the option above it; the\n"
                "command line beats it. Called tini, docker-init, dumb-init or catatonit, init\n"
                "behaves as those do. Exit status: COMMAND's, 128+N for signal N, 127 not found,\n"
                "126 not executable, 125 bad usage, 124 run timeout.\n"
#if !PITH_STEPS
                "Not in this build: --env --umask --limit --remove --mkdir --chown --render\n"
                "--before --once, and $NAME as an argument.\n"
#endif
    ,
};

/* As tini: a number, of which 1 is the default, and anything else is 0. */
static int peer_level(const char *string)
{
    int64_t level = number_parse(string, INT32_MAX);

    return level > 0 ? (int)level - 1 : -1;
}

/* The variables of tini and dumb-init, with the meaning that they have there: presence, or one exact value. */
static void load_peers(struct init_conf *conf, char *const environment[])
{
    for (; *environment; environment++) {
        const char *entry = *environment;
        if (entry[0] != 'T' && entry[0] != 'D')
            continue;
        if (text_begins(entry, LITERAL("TINI_SUBREAPER=")))
            conf->subreaper = true;
        else if (text_begins(entry, LITERAL("TINI_KILL_PROCESS_GROUP=")))
            conf->group = true;
        else if (text_begins(entry, LITERAL("TINI_VERBOSITY=")))
            conf->verbosity = peer_level(entry + strlen("TINI_VERBOSITY="));
        else if (strcmp(entry, "DUMB_INIT_DEBUG=1") == 0)
            conf->verbosity = 2;
        else if (strcmp(entry, "DUMB_INIT_SETSID=0") == 0)
            conf->group = conf->new_session = false;
    }
}

bool options_parse(struct init_conf *conf, int argc, char *const argv[], char *const environment[])
{
    conf->group = conf->persona->group;
    conf->new_session = conf->persona->new_session;
    conf->stop_signals = SIGNALS_STOP;
    conf->watch_interval = 30 * NS_PER_S;
    conf->watch_timeout = 3 * NS_PER_S;
    conf->watch_retries = 3;
    load_peers(conf, environment);
    int variables = option_environment(&init_options, conf, environment);
    if (variables < 0)
        return false;
    conf->has_variables = variables > 0;
    int first = option_parse(&init_options, conf, argc, argv, NULL);
    if (first < 0)
        return false;
    conf->command = argv + first;
    if (conf->task == TASK_PAUSE) { /* no COMMAND to expand or to report, whatever stands there */
        conf->stop_signals = SIGNALS_END_PAUSE;
        conf->command = argv + argc;
        conf->expand = false;
    }
    if (conf->task != TASK_RUN || *conf->command)
        return true;
    if (conf->persona->usage)
        explain(conf->persona->usage);
    else
        diagf("COMMAND: missing (see --help)");
    return false;
}
