/*
 * Makes the arguments and the environment of COMMAND: what an entrypoint script would do, for images without a shell.
 * What changes is copied into the arena, once, before COMMAND starts.
 */
#include "init/prepare.h"

#include "init/arena.h"
#include "init/features.h"
#include "init/options.h"
#include "init/place.h"
#include "init/steps/steps.h"
#include "init/steps/words.h"
#include "init/user.h"
#include "pith/diag.h"
#include "pith/environment.h"
#include "pith/expand.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* execve(2) takes no longer string. */
enum { STRING_MAX = 128 << 10 };

static bool out_of_room(const char *what)
{
    diagf("%s: %s", what, DIAG_ERRNO);
    return false;
}

static size_t count(char *const list[])
{
    size_t n = 0;

    while (list[n])
        n++;
    return n;
}

/* A copy of LIST with MORE free places behind it, or NULL after a message. */
static char **copy_list(struct arena *arena, char *const list[], size_t more)
{
    size_t n = count(list);
    char **copy = arena_take(arena, (n + more + 1) * sizeof *list);

    if (!copy) {
        out_of_room("the environment");
        return NULL;
    }
    memset(copy + n, 0, (more + 1) * sizeof *list);
    return memcpy(copy, list, n * sizeof *list);
}

/*
 * The name in an ARGUMENT that is `$NAME` and nothing else, or NULL. Names with `.` and `-` need braces: to a shell,
 * `$HOST.svc` and `$HOST-db` are HOST and more.
 */
static const char *whole_variable(const char *argument)
{
    const char *name = argument + 1, *end = name;

    if (*argument != '$' || is_digit(*name))
        return NULL;
    while (is_letter(*end) || is_digit(*end) || *end == '_')
        end++;
    return end > name && *end == '\0' ? name : NULL;
}

/* Appends the words of the variable NAME to OUT, each with a '\0' behind it: how many, or -1 after a message. */
static int put_variable(const char *name, char *const environment[], struct text *out)
{
    const char *value = environment_get(environment, name, strlen(name)), *why;
    int words = value ? words_split(value, strlen(value), out, &why) : 0;

    if (words < 0)
        diagf("'$%s': its value %s", name, why);
    return words;
}

static int put_argument(const char *argument, char *const environment[], struct text *out)
{
    const char *name = PITH_STEPS ? whole_variable(argument) : NULL;
    struct expand_error error;

    if (name)
        return put_variable(name, environment, out);
    if (!expand(argument, environment, NULL, out, &error)) {
        diagf("'%s': %s %s", argument, error.what, error.why);
        return -1;
    }
    text_char(out, '\0');
    return 1;
}

/* The arguments of COMMAND, expanded; NULL after a message. */
static char *const *expand_all(char *const argv[], char *const environment[], struct arena *arena)
{
    struct text out = arena_text(arena);
    size_t words = 0;

    for (; *argv; argv++) {
        int more = put_argument(*argv, environment, &out);
        if (more < 0)
            return NULL;
        words += (size_t)more;
    }
    if (words == 0) {
        diagf("COMMAND: no word is left of it after its expansion");
        return NULL;
    }
    char *first = arena_keep(arena, &out), **list = first ? arena_list(arena, first, words) : NULL;
    if (!list)
        out_of_room("--expand");
    return list;
}

/* "NAME=" and the contents of the file, or NULL after a message. */
static char *file_entry(const struct init_conf *conf, const char *name, size_t length, const char *path,
                        struct arena *arena)
{
    const char *why;
    struct text out = arena_text(arena);

    if (out.size > STRING_MAX)
        out.size = STRING_MAX;
    text_format(&out, "%.*s=", (int)length, name);
    /* which is to be told to COMMAND: not one that its user has led init to */
    int file = place_read(path, conf, &why);
    if (file >= 0 && arena_read(file, &out)) {
        close(file);
        why = "has a NUL byte";
        if (strlen(text_end(&out)) == out.length) {
            while (out.start[out.length - 1] == '\n' || out.start[out.length - 1] == '\r')
                out.length--;
            out.start[out.length++] = '\0';
            return arena_keep(arena, &out);
        }
    }
    diagf("%.*s_FILE: '%s': %s", (int)length, name, path, why);
    return NULL; /* init ends, so the file need not be closed */
}

/* The entry of NAME, with SUFFIX behind it, in ENVIRONMENT; NULL where there is none. */
static char **find_entry(char *environment[], const char *name, size_t length, const char *suffix)
{
    for (; *environment; environment++)
        if (text_begins(*environment, name, length) && text_begins(*environment + length, suffix, strlen(suffix)))
            return environment;
    return NULL;
}

/*
 * Sets NAME from the file that NAME_FILE names. A variable that is empty counts as not set, as in the entrypoint
 * scripts that this convention comes from. True where there is nothing to do; false after a message.
 */
static bool set_from_file(const struct init_conf *conf, char *environment[], const char *name, size_t length,
                          struct arena *arena)
{
    char **file = find_entry(environment, name, length, "_FILE="), **empty = find_entry(environment, name, length, "=");

    if (!file)
        return true;
    const char *path = *file + length + strlen("_FILE=");
    if (*path == '\0') {
        empty = file;
    } else if (empty && (*empty)[length + 1]) {
        diagf("--file-env: both %.*s and its _FILE are set", (int)length, name);
        return false;
    } else if (!(*file = file_entry(conf, name, length, path, arena))) {
        return false;
    }
    while (empty && (empty[0] = empty[1]))
        empty++;
    return true;
}

static bool set_from_files(const struct init_conf *conf, char *environment[], struct arena *arena)
{
    for (size_t i = 0; i < conf->file_env_count; i++)
        if (!set_from_file(conf, environment, conf->file_env[i].at, conf->file_env[i].length, arena))
            return false;
    return true;
}

/*
 * Sets HOME to the user's, in place of the entry that is there or behind all others. The value stands in the free part
 * of the arena, six bytes or more behind its start, and the entry is made in its place.
 */
static bool set_home(const char *home, char *environment[], struct arena *arena)
{
    static const char name[] = "HOME=";
    struct text out = arena_text(arena);
    char **entry = find_entry(environment, name, strlen(name), "");

    memmove(out.start + strlen(name), home, strlen(home) + 1);
    memcpy(out.start, name, strlen(name));
    out.length = strlen(out.start) + 1;
    if (!entry)
        entry = environment + count(environment);
    return (*entry = arena_keep(arena, &out)) || out_of_room("HOME");
}

static bool find_user(struct init_conf *conf, char *environment[], struct arena *arena)
{
    const char *home = user_find(conf, arena);

    return home && set_home(home, environment, arena);
}

/* Takes init's own variables out of ENVIRONMENT, so that an init below this one does not act on them too. */
static COLD void drop_own(char *environment[])
{
    char **kept = environment;

    for (; *environment; environment++)
        if (!text_begins(*environment, init_options.prefix, strlen(init_options.prefix)))
            *kept++ = *environment;
    *kept = NULL;
}

/* Makes what CONF asks for. The environment comes first, as expansions read it. */
static COLD bool change(struct init_conf *conf, struct child_spec *command)
{
    struct arena arena;

    if (!arena_open(&arena))
        return out_of_room("cannot prepare COMMAND");
    char **environment = copy_list(&arena, command->environment, 1 + conf->step_count);
    if (!environment || (conf->has_user && !find_user(conf, environment, &arena)) ||
        !set_from_files(conf, environment, &arena) ||
        (PITH_STEPS && conf->step_count && !steps_prepare(conf, environment, &arena)))
        return false;
    drop_own(environment); /* those of --env, too */
    command->environment = environment;
    return !conf->expand || (command->argv = expand_all(command->argv, environment, &arena));
}

bool prepare(struct init_conf *conf, char *environment[], struct child_spec *command)
{
    if (conf->has_variables)
        drop_own(environment);
    command->argv = conf->command;
    command->environment = environment;
    return !(conf->expand || conf->file_env_count || conf->has_user || conf->step_count) || change(conf, command);
}
