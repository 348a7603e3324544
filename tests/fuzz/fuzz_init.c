/* init's command line and environment, durations, signals and expansion: refused or taken, never more. */
#include "fuzz.h"
#include "init/options.h"
#include "init/prepare.h"
#include "pith/duration.h"
#include "pith/expand.h"

enum { ARGUMENTS_MAX = 16, VARIABLES_MAX = 16 };

static void check_conf(const struct init_conf *conf)
{
    static const int spans = 7;
    const int64_t all[] = { conf->grace,          conf->stop_timeout,  conf->stop_delay,        conf->run_timeout,
                            conf->watch_interval, conf->watch_timeout, conf->watch_start_period };

    for (int i = 0; i < spans; i++)
        assert(all[i] >= 0 && all[i] <= INT64_C(3650) * 24 * 3600 * NS_PER_S);
    for (int signal = 1; signal < SIGNAL_COUNT; signal++)
        assert(conf_rewrite(conf, signal) >= 0 && conf_rewrite(conf, signal) < SIGNAL_COUNT);
    for (int status = 0; status < 256; status++)
        assert(conf_map_status(conf, status) >= 0 && conf_map_status(conf, status) < 256);
    assert(conf->watch_retries >= 1 && conf->file_env_count <= FILE_ENV_MAX);
}

/* Lines are arguments; those with a leading dot are variables. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_string(data, size), *lines[ARGUMENTS_MAX + VARIABLES_MAX];
    char *argv[ARGUMENTS_MAX + 2] = { "init" }, *environment[VARIABLES_MAX + 1] = { NULL };
    int argc = 1, variables = 0, n = fuzz_lines(text, lines, ARGUMENTS_MAX + VARIABLES_MAX);
    struct init_conf conf;

    for (int i = 0; i < n; i++)
        if (lines[i][0] == '.' && variables < VARIABLES_MAX)
            environment[variables++] = lines[i] + 1;
        else if (lines[i][0] != '.' && argc <= ARGUMENTS_MAX)
            argv[argc++] = lines[i];
    argv[argc] = environment[variables] = NULL;
    if (argc > 1 && strncmp(argv[1], "as:", 3) == 0)
        argv[0] = argv[1] + 3;
    conf = (struct init_conf){ .persona = persona_find(argv[0]) };
    if (options_parse(&conf, argc, argv, environment)) {
        check_conf(&conf);
        for (char *const *argument = conf.command; *argument; argument++) {
            char expanded[64];
            struct text out = { expanded, sizeof expanded, 0 };
            struct expand_error error;
            if (!expand(*argument, environment, NULL, &out, &error))
                assert(error.why && strlen(error.what) < sizeof error.what);
        }
    }
    free(text);
    return 0;
}
