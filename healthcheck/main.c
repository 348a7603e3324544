/* healthcheck: probes what a container serves and says whether it is healthy. */
#include "healthcheck/check.h"
#include "healthcheck/conf.h"
#include "healthcheck/sys/signals.h"
#include "pith/cold.h"
#include "pith/command.h"
#include "pith/diag.h"
#include "pith/exitcode.h"

#include <stdlib.h>
#include <unistd.h>

extern char **environ;

/* Becomes COMMAND, with the very signals, arguments and environment of this process. */
static COLD int become(char *const command[])
{
    signals_restore();
    int error = command_execute(command, environ, false);
    signals_hold(); /* a stderr that nobody reads must not change the status */
    command_explain(command, environ, error);
    return exitcode_from_exec(error);
}

HOT int main(int argc, char *argv[])
{
    struct check_conf conf;

    signals_hold();
    diag_name("healthcheck");
    if (!options_parse(&conf, argc, argv, environ))
        return EXIT_FAILURE;
    if (conf.action)
        return conf.action(&conf);
    /* Threads may be at work on CONF until the process ends, and exit(3) has nothing to do. */
    _Exit(!check(&conf) ? EXIT_FAILURE : conf.command ? become(conf.command) : EXIT_SUCCESS);
}
