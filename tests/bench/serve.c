/* serve [-u SOCKET] [-d MS] COMMAND [ARG...]: runs COMMAND beside the bench's server; @ in an argument is its port. */
#include "bench/server.h"
#include "bench/spawn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ARGUMENT with PORT for its first @. */
static char *fill_in(char *argument, unsigned port)
{
    char *at = strchr(argument, '@'), *filled;

    if (!at)
        return argument;
    *at = '\0';
    if (asprintf(&filled, "%s%u%s", argument, port, at + 1) < 0)
        spawn_die("asprintf");
    return filled;
}

int main(int argc, char *argv[])
{
    const char *path = NULL;
    int option, delay = 0, status = 1;

    while ((option = getopt(argc, argv, "+u:d:")) != -1)
        if (option == 'u')
            path = optarg;
        else if (option == 'd')
            delay = atoi(optarg);
        else
            return 2;
    argv += optind;
    if (!argv[0])
        return 2;
    struct server server = server_start(path, delay);
    for (char **at = argv; *at; at++)
        *at = fill_in(*at, server.port);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[0], argv);
        spawn_die(argv[0]);
    }
    waitpid(pid, &status, 0);
    server_stop(&server);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
