/*
 * healthcheck: probes what a container serves and exits with 0 where it is healthy, 1 where it is not.
 *
 * The story: options.c fills a struct check_conf; check.c takes the targets apart, runs a probe for each until they are
 * healthy or the time is over, and prints the report. The folders below are the rooms that it goes through: target (who
 * is meant), net (may we, and how do we connect), tls, http, grpc, and probes (what is asked). ARCHITECTURE.md walks
 * through.
 */
#include "healthcheck/check.h"
#include "healthcheck/conf.h"
#include "healthcheck/sys/signals.h"
#include "pith/command.h"
#include "pith/diag.h"
#include "pith/exitcode.h"
#include "pith/layout.h"

#include <stdlib.h>
#include <unistd.h>

extern char **environ;

/* Executes COMMAND in place of this process, with the mask, dispositions and environment that it was started with. */
static COLD int become(char *const command[])
{
    signals_restore();
    int error = command_execute(command, environ, false);
    signals_hold(); /* or SIGPIPE of the message could end this process with another status */
    command_explain(NULL, command, environ, error);
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
    /* Not exit(3), which would end while threads that were given up still read CONF. */
    _Exit(!check(&conf) ? EXIT_FAILURE : conf.command ? become(conf.command) : EXIT_SUCCESS);
}
