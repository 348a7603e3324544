/*
 * Makes the arguments and the environment of COMMAND: what an entrypoint script would do, for images without a shell.
 *
 * init has no heap. What changes is copied into an arena at the break (brk(2)), once, before COMMAND starts.
 */
#include "init/prepare.h"

#include "init/user.h"
#include "pith/diag.h"
#include "pith/duration.h"
#include "pith/expand.h"
#include "pith/file.h"
#include "pith/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* execve(2) takes 6 MiB of strings and 128 KiB a string at most. Pages of the arena that are never written cost
 * nothing. */
enum { ARENA_SIZE = 16 << 20, STRING_MAX = 128 << 10 };

/* What is left of the arena. Nothing is given back. */
struct arena {
    char *at;
    size_t size;
};

static void *take(struct arena *arena, size_t size)
{
    size_t aligned = (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
    void *taken = arena->at;

    if (aligned > arena->size) {
        errno = E2BIG;
        return NULL;
    }
    arena->at += aligned;
    arena->size -= aligned;
    return taken;
}

static size_t count(char *const list[])
{
    size_t n = 0;

    while (list[n])
        n++;
    return n;
}

/* A copy of LIST with a free place before and behind it, or NULL after a message. */
static char **take_list(struct arena *arena, char *const list[], const char *what)
{
    size_t n = count(list);
    char **copy = take(arena, (n + 3) * sizeof *list);

    if (!copy) {
        diag(what, ": ", DIAG_ERRNO, NULL);
        return NULL;
    }
    copy[n + 2] = NULL;
    return memcpy(copy + 1, list, (n + 1) * sizeof *list);
}

static char *expand_argument(const char *argument, char *const environment[], struct arena *arena)
{
    struct expand_error error;
    struct text out = { arena->at, arena->size, 0 };

    if (!expand(argument, environment, NULL, &out, &error)) {
        diag("'", argument, "': ", error.what, " ", error.why, NULL);
        return NULL;
    }
    text_char(&out, '\0');
    char *expanded = take(arena, out.length);
    if (!expanded)
        diag("--expand", ": ", DIAG_ERRNO, NULL);
    return expanded;
}

static char *const *expand_all(char *const argv[], char *const environment[], struct arena *arena)
{
    char **expanded = take_list(arena, argv, "--expand");

    for (size_t i = 0; expanded && argv[i]; i++)
        if (!(expanded[i] = expand_argument(argv[i], environment, arena)))
            return NULL;
    return expanded;
}

/*
 * Reads FILE to its end, behind what *OUT holds already. False with errno, E2BIG where no place for a NUL is left.
 * Every signal is blocked, so none would end a wait for the writer of a FIFO: init waits for a second at the most.
 */
static bool read_file(int file, struct text *out)
{
    if (!read_all(file, time_now() + NS_PER_S, out))
        return false;
    errno = E2BIG;
    return out->length < out->size;
}

enum { NAME_SIZE = 80 };

/* "NAME=" and the contents of the file, or NULL after a message. */
static char *file_entry(const char *name, size_t length, const char *path, struct arena *arena)
{
    char buffer[NAME_SIZE];
    struct text out = { arena->at, arena->size < STRING_MAX ? arena->size : STRING_MAX, 0 };

    text_bytes(&out, name, length);
    text_char(&out, '=');
    int file = file_open(path, O_RDONLY | O_NONBLOCK, 0);
    if (file < 0 || !read_file(file, &out)) {
        diag(text_copy(buffer, sizeof buffer, name, length), "_FILE: '", path, "': ", DIAG_ERRNO, NULL);
        return NULL; /* init ends, so the file need not be closed */
    }
    close(file);
    out.start[out.length] = '\0';
    if (strlen(out.start) != out.length) {
        diag(text_copy(buffer, sizeof buffer, name, length), "_FILE: '", path,
             "' has a NUL byte, which no variable can hold", NULL);
        return NULL;
    }
    while (out.start[out.length - 1] == '\n')
        out.length--;
    out.start[out.length++] = '\0';
    return take(arena, out.length);
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
static bool set_from_file(char *environment[], const char *name, size_t length, struct arena *arena)
{
    char **file = find_entry(environment, name, length, "_FILE="), **empty = find_entry(environment, name, length, "=");
    char buffer[NAME_SIZE];

    if (!file)
        return true;
    const char *path = *file + length + strlen("_FILE=");
    if (*path == '\0') {
        empty = file;
    } else if (empty && (*empty)[length + 1]) {
        diag("--file-env: both ", text_copy(buffer, sizeof buffer, name, length), " and its _FILE are set", NULL);
        return false;
    } else if (!(*file = file_entry(name, length, path, arena))) {
        return false;
    }
    while (empty && (empty[0] = empty[1]))
        empty++;
    return true;
}

static bool set_from_files(const struct init_conf *conf, char *environment[], struct arena *arena)
{
    for (size_t i = 0; i < conf->file_env_count; i++)
        if (!set_from_file(environment, conf->file_env[i].at, conf->file_env[i].length, arena))
            return false;
    return true;
}

/*
 * Sets HOME, in place of the entry that is there or behind all others. /etc/passwd is read to the free end of the
 * arena, as far as it fits, and the entry is then made in its place. There is room: the arena holds no more than 6 MiB
 * of environment, as much as execve(2) takes, and FILE_ENV_MAX strings by then.
 */
static void set_home(struct init_conf *conf, char *environment[], struct arena *arena)
{
    static const char name[] = "HOME=";
    enum { LENGTH = sizeof name - 1 };
    struct text passwd = { arena->at, arena->size, 0 };
    char **entry = find_entry(environment, name, LENGTH, "");
    int file = file_open("/etc/passwd", O_RDONLY | O_NONBLOCK, 0);

    if (file >= 0) {
        read_file(file, &passwd);
        close(file);
    }
    const char *home = user_find(conf, text_end(&passwd));
    size_t length = strlen(home) + 1;
    memmove(arena->at + LENGTH, home, length);
    memcpy(arena->at, name, LENGTH);
    if (!entry)
        entry = environment + count(environment);
    *entry = take(arena, LENGTH + length);
}

/* Makes what CONF asks for. The environment comes first, as expansions read it. */
static COLD bool change(struct init_conf *conf, struct child_spec *command)
{
    /* brk(2), as mmap(2) differs between architectures and libc's wrapper for it is large */
    uintptr_t start = (uintptr_t)syscall(SYS_brk, NULL);
    struct arena arena = { (char *)start, ARENA_SIZE };
    if ((uintptr_t)syscall(SYS_brk, start + ARENA_SIZE) != start + ARENA_SIZE) {
        errno = ENOMEM;
        diag("cannot prepare COMMAND: ", DIAG_ERRNO, NULL);
        return false;
    }
    char **environment = take_list(&arena, command->environment, "the environment");
    if (!environment || !set_from_files(conf, environment, &arena))
        return false;
    if (conf->has_user)
        set_home(conf, environment, &arena);
    command->environment = environment;
    return !conf->expand || (command->argv = expand_all(command->argv, environment, &arena));
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

bool prepare(struct init_conf *conf, char *environment[], struct child_spec *command)
{
    if (conf->has_variables)
        drop_own(environment);
    command->argv = conf->command;
    command->environment = environment;
    return !(conf->expand || conf->file_env_count || conf->has_user) || change(conf, command);
}
