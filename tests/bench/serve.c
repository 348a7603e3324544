/* serve [-u SOCKET] COMMAND [ARG...]: runs COMMAND beside the bench's server; @ in an argument is the server's port. */
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
    bool local = argc > 2 && strcmp(argv[1], "-u") == 0;
    struct server server = server_start(local ? argv[2] : NULL);
    int status = 1;

    argv += local ? 2 : 0;
    if (!argv[0] || !argv[1])
        return 2;
    for (char **at = argv + 1; *at; at++)
        *at = fill_in(*at, server.port);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        spawn_die(argv[1]);
    }
    waitpid(pid, &status, 0);
    server_stop(&server);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
