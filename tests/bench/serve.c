/* serve COMMAND [ARG...]: runs COMMAND beside the bench's server; @ in an argument is the server's port. */
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
    struct server server = server_start(NULL);
    int status = 1;

    if (argc < 2)
        return 2;
    for (int i = 1; i < argc; i++)
        argv[i] = fill_in(argv[i], server.port);
    pid_t pid = fork();
    if (pid == 0) {
        execvp(argv[1], argv + 1);
        spawn_die(argv[1]);
    }
    waitpid(pid, &status, 0);
    server_stop(&server);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
