/* Executes COMMAND, or says why it could not. */
#include "pith/command.h"

#include "pith/diag.h"
#include "pith/environment.h"
#include "pith/layout.h"
#include "pith/text.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <unistd.h>

/* Whether FILE is not looked up in PATH: it has a slash, or is nothing. */
static HOT bool is_path(const char *file)
{
    return *file == '\0' || file[text_until(file, '/')] != '\0';
}

/*
 * Executes the file at PATH; on failure it returns with errno. execve(2) fails with ENOEXEC for a file that has no
 * known format: with SCRIPTS that is a shell script without its first line, and /bin/sh is told to read it.
 */
static HOT void execute(const char *path, char *const argv[], char *const environment[], bool scripts)
{
    char **shell = (char **)(uintptr_t)argv - 1, *name = argv[0];

    execve(path, argv, environment);
    if (errno != ENOEXEC || !scripts)
        return;
    shell[0] = (char *)(uintptr_t) "/bin/sh";
    shell[1] = (char *)(uintptr_t)path;
    execve(shell[0], shell, environment);
    shell[1] = name;
    errno = ENOEXEC;
}

/*
 * Looks ARGV[0] up in each directory of PATH, and executes it. Returns the errno. With ONLY_LOOK nothing is executed,
 * and 0 says that there is such a file. An empty name of a directory is the working directory.
 */
static int look_in_path(char *const argv[], char *const environment[], bool scripts, bool only_look)
{
    const char *directory = environment_get(environment, LITERAL("PATH"));
    int error = ENOENT;

    if (!directory)
        directory = "/usr/local/bin:/bin:/usr/bin";
    for (;; directory++) {
        char path[PATH_MAX];
        struct text out = { path, sizeof path, 0 };
        size_t length = text_until(directory, ':');

        text_bytes(&out, directory, length);
        text_string(&out, length == 0 ? "" : "/");
        text_string(&out, argv[0]);
        text_char(&out, '\0');
        errno = ENAMETOOLONG;
        if (out.length <= sizeof path && !only_look)
            execute(path, argv, environment, scripts);
        else if (out.length <= sizeof path && access(path, F_OK) == 0)
            return 0;
        if (errno != ENOENT && errno != ENOTDIR)
            error = errno;
        directory += length;
        if (*directory == '\0')
            return error;
    }
}

int command_execute(char *const argv[], char *const environment[], bool scripts)
{
    if (!is_path(argv[0]))
        return look_in_path(argv, environment, scripts, false);
    execute(argv[0], argv, environment, scripts);
    return errno;
}

static bool is_there(char *const argv[], char *const environment[])
{
    return is_path(argv[0]) ? access(argv[0], F_OK) == 0 : look_in_path(argv, environment, false, true) == 0;
}

/*
 * What ENOENT most likely means: a dynamic program was copied into a static image, or COMMAND was typed as for a shell.
 * Nothing where neither is.
 */
static const char *hint_missing(char *const argv[], char *const environment[])
{
    if (is_there(argv, environment))
        return " (the file is there: its interpreter or dynamic loader is not)";
    if (argv[0][0] == '-')
        return " (options stand in front of --)";
    if (argv[0][text_until(argv[0], ' ')])
        return " (a command line in one word: each argument is a word of its own)";
    return "";
}

static const char *hint(char *const argv[], char *const environment[], int error)
{
    if (error == ENOENT)
        return hint_missing(argv, environment);
    if (error == ENOEXEC)
        return " (neither a program for this machine nor a script with #!)";
    return "";
}

void command_explain(const char *option, char *const argv[], char *const environment[], int error)
{
    const char *why = hint(argv, environment, error), *name = *argv[0] ? argv[0] : "''";

    errno = error;
    if (option)
        diagf("%s: %s: %s%s", option, name, DIAG_ERRNO, why);
    else
        diagf("%s: %s%s", name, DIAG_ERRNO, why);
}
