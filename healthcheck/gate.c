/* Decides who may be talked to. */
#include "healthcheck/gate.h"

#include "healthcheck/file.h"
#include "healthcheck/memory.h"
#include "healthcheck/own.h"
#include "pith/diag.h"

#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALLOW_SIZE = 262144 };

static const char allow_path[] = "/etc/healthcheck/allow";

bool gate_is_own(const struct address_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (!own_address(&list->at[i]))
            return false;
    return list->count > 0;
}

/* Once in the life of the process: several targets ask the same. */
static void warn(const char *why)
{
    static atomic_flag warned = ATOMIC_FLAG_INIT;

    if (!atomic_flag_test_and_set(&warned))
        diag(allow_path, ": ", why, NULL);
}

/* Whether the caller owns PATH or may write it. */
static bool is_callers(const char *path)
{
    struct stat status;

    return stat(path, &status) != 0 || status.st_uid == geteuid() || access(path, W_OK) == 0;
}

/* The same for PATH and every folder above it; PATH is cut meanwhile. */
static bool is_callers_somewhere(char *path)
{
    for (;;) {
        if (is_callers(*path ? path : "/"))
            return true;
        if (*path == '\0')
            return false;
        *strrchr(path, '/') = '\0';
    }
}

/* Who runs the probe must not be who says what it may reach: neither by the file nor by what a link leads to. */
static bool is_trusted(void)
{
    char named[] = "/etc/healthcheck/allow", real[PATH_MAX];

    if (geteuid() == 0)
        return true;
    return !is_callers_somewhere(named) && realpath(allow_path, real) && !is_callers_somewhere(real);
}

static bool read_allow(struct text *out)
{
    if (!file_read(allow_path, out)) {
        if (errno != ENOENT && errno != ENOTDIR)
            warn("cannot be read: ignored");
        return false;
    }
    if (!is_trusted()) {
        warn("could have been written by the user who runs this probe: ignored");
        return false;
    }
    if (out->length > out->size)
        warn("is larger than 256 KiB: the rest is ignored");
    return true;
}

bool gate_is_allowed(const struct allow_query *query)
{
    struct text text = { memory_get(ALLOW_SIZE), ALLOW_SIZE, 0 };
    char number[NUMBER_SIZE];
    unsigned bad_line = 0;

    if (!text.start)
        return false;
    bool allowed = read_allow(&text) && allow_lists((struct span){ text.start, text_fits(&text) }, query, &bad_line);
    memory_free(text.start, ALLOW_SIZE);
    if (bad_line > 0) {
        char why[64];
        struct text out = { why, sizeof why, 0 };
        text_string(&out, "line ");
        text_string(&out, number_string(number, bad_line));
        text_string(&out, " is not of the form host:port");
        text_char(&out, '\0');
        warn(why);
    }
    return allowed;
}
