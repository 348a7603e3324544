/* Runs healthcheck for tests. */
#include "support/probe.h"

#include "support/scratch.h"
#include "support/test.h"

#include <limits.h>

enum { ARGUMENTS_MAX = 64, VARIABLES_MAX = 256 };

extern char **environ;

const char *probe_variables[16];

static char path[PATH_MAX];

void probe_use(const char *other)
{
    snprintf(path, sizeof path, "%s", other);
}

const char *probe_binary(void)
{
    const char *named = getenv("PITH_HEALTHCHECK");

    if (path[0] == '\0' && !realpath(named ? named : "build/amd64/healthcheck", path)) {
        perror("PITH_HEALTHCHECK");
        exit(EXIT_FAILURE);
    }
    return path;
}

void probe_use_copy(void)
{
    char *copy = scratch_path("healthcheck");

    assert_status(run(NULL, (char *[]){ "install", "-m", "755", (char *)(uintptr_t)probe_binary(), copy, NULL }), 0);
    probe_use(copy);
}

static void fill_environment(char *variables[VARIABLES_MAX])
{
    size_t n = 0;

    for (char **at = environ; *at && n < VARIABLES_MAX - 20; at++)
        if (strncmp(*at, "HEALTHCHECK_", 12) != 0 && strncmp(*at, "PORT=", 5) != 0)
            variables[n++] = *at;
    for (size_t i = 0; i < sizeof probe_variables / sizeof probe_variables[0] && probe_variables[i]; i++)
        variables[n++] = (char *)(uintptr_t)probe_variables[i];
    variables[n] = NULL;
}

const struct run_result *probe(const char *argument, ...)
{
    char *arguments[ARGUMENTS_MAX] = { (char *)(uintptr_t)probe_binary() }, *variables[VARIABLES_MAX];
    const struct run_options options = { .environment = variables };
    size_t n = 1;
    va_list list;

    va_start(list, argument);
    for (; argument && n < ARGUMENTS_MAX - 1; argument = va_arg(list, const char *))
        arguments[n++] = (char *)(uintptr_t)argument;
    va_end(list);
    arguments[n] = NULL;
    fill_environment(variables);
    return run(&options, arguments);
}

char *format(const char *pattern, ...)
{
    static char strings[32][8192];
    static unsigned next;
    char *string = strings[next++ % 32];
    va_list list;

    va_start(list, pattern);
    vsnprintf(string, sizeof strings[0], pattern, list);
    va_end(list);
    return string;
}
