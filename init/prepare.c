/* Secrets from files and variables in arguments, for images that have no shell to do it. */
#include "init/prepare.h"

#include "pith/cold.h"
#include "pith/diag.h"
#include "pith/expand.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* execve(2) takes 6 MiB at the most and 128 KiB a string. Pages that are not written cost nothing. */
enum { ARENA_SIZE = 16 << 20, STRING_MAX = 128 << 10 };

/* The rest of the memory that was taken: it only shrinks. */
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

/* A copy of LIST with room for all of it, or NULL after a message. */
static char **take_list(struct arena *arena, char *const list[], const char *what)
{
    size_t size = (count(list) + 1) * sizeof *list;
    char **copy = take(arena, size);

    if (copy)
        memcpy(copy, list, size);
    else
        diag(what, ": ", DIAG_ERRNO, NULL);
    return copy;
}

static char *expand_argument(const char *argument, char *const environment[], struct arena *arena)
{
    struct expand_error error;
    struct text out = { arena->at, arena->size, 0 };

    if (!expand(argument, environment, &out, &error)) {
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

/* Reads FILE to its end, behind what *OUT holds already; false with errno. */
static bool read_all(int file, struct text *out)
{
    int tries = INTERRUPTIONS_MAX;
    ssize_t n;

    while ((n = read(file, out->start + out->length, out->size - out->length)) != 0)
        if (n > 0)
            out->length += (size_t)n;
        else if (errno != EINTR || --tries == 0)
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
    int file = file_open(path, O_RDONLY, 0);
    if (file < 0 || !read_all(file, &out)) {
        diag(text_copy(buffer, sizeof buffer, name, length), "_FILE: '", path, "': ", DIAG_ERRNO, NULL);
        return NULL; /* which ends init */
    }
    close(file);
    out.start[out.length] = '\0';
    if (strlen(out.start) != out.length) {
        diag(text_copy(buffer, sizeof buffer, name, length), "_FILE: '", path,
             "' has a NUL byte, which no variable can hold", NULL);
        return NULL;
    }
    if (out.start[out.length - 1] == '\n')
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

/* An empty variable is none, as for the images that have this from their shell script; its entry goes. */
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

static char *const *set_from_files(const struct init_conf *conf, char *const environment[], struct arena *arena)
{
    char **changed = take_list(arena, environment, "--file-env");

    for (size_t i = 0; changed && i < conf->file_env_count; i++)
        if (!set_from_file(changed, conf->file_env[i].at, conf->file_env[i].length, arena))
            return NULL;
    return changed;
}

/* Both in memory of their own; environment first, for expansions see it. */
static COLD bool change(const struct init_conf *conf, char *const **argv, char *const **environment)
{
    /* a mapping would do as well, but its call differs between architectures, and libc's is large */
    uintptr_t start = (uintptr_t)syscall(SYS_brk, NULL);
    struct arena arena = { (char *)start, ARENA_SIZE };
    if ((uintptr_t)syscall(SYS_brk, start + ARENA_SIZE) != start + ARENA_SIZE) {
        errno = ENOMEM;
        diag("--expand, --file-env: ", DIAG_ERRNO, NULL);
        return false;
    }
    if (conf->file_env_count > 0 && !(*environment = set_from_files(conf, *environment, &arena)))
        return false;
    if (conf->expand && !(*argv = expand_all(*argv, *environment, &arena)))
        return false;
    return true;
}

bool prepare(const struct init_conf *conf, char *const **argv, char *const **environment)
{
    return (!conf->expand && conf->file_env_count == 0) || change(conf, argv, environment);
}
