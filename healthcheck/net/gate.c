/* Decides who may be talked to. */
#include "healthcheck/net/gate.h"

#include "healthcheck/net/delivery.h"
#include "healthcheck/sys/file.h"
#include "healthcheck/sys/memory.h"
#include "pith/cold.h"
#include "pith/diag.h"
#include "pith/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ALLOW_SIZE = 262144 };

static const char allow_path[] = "/etc/healthcheck/allow";

HOT bool gate_is_own(const struct address_list *list, uint16_t port)
{
    for (size_t i = 0; i < list->count; i++)
        if (!address_is_loopback(&list->at[i]) && !delivery_is_local(&list->at[i], port))
            return false;
    return list->count > 0;
}

/* What is wrong with the list, kept until the verdict is there: nobody may read what is told. */
static HOT_STATE _Atomic(const char *) wrong;
static HOT_STATE atomic_uint wrong_line;

static void warn(const char *why)
{
    atomic_store(&wrong, why);
}

void gate_tell(void)
{
    const char *why = atomic_load(&wrong);
    unsigned line = atomic_load(&wrong_line);
    char number[NUMBER_SIZE];

    if (why)
        diag(allow_path, ": ", why, NULL);
    else if (line > 0)
        diag(allow_path, ": line ", number_string(number, line), " is not of the form host:port", NULL);
}

/* Whether the caller owns PATH or may write it, as far as is known: another error than these two tells nothing. */
static bool is_callers(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0 || status.st_uid == geteuid() || access(path, W_OK) == 0)
        return true;
    return errno != EACCES && errno != EROFS;
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

/*
 * Who runs the probe must not be who says what it may reach: neither by the name nor by what links led FD to. NULL, or
 * what speaks against it.
 */
static const char *distrust(int fd)
{
    char named[] = "/etc/healthcheck/allow", link[sizeof "/proc/self/fd/" + NUMBER_SIZE], real[PATH_MAX];
    struct text path = { link, sizeof link, 0 };

    if (geteuid() == 0)
        return NULL;
    text_string(&path, "/proc/self/fd/");
    text_number(&path, (uint64_t)fd);
    ssize_t length = readlink(text_end(&path), real, sizeof real - 1);
    if (length <= 0 || real[0] != '/')
        return "nobody can tell without /proc who may write it: ignored";
    real[length] = '\0';
    return is_callers_somewhere(named) || is_callers_somewhere(real)
               ? "could have been written by the user who runs this probe: ignored"
               : NULL;
}

static bool read_trusted(int fd, struct text *out)
{
    if (!file_read_fd(fd, out)) {
        warn("cannot be read: ignored");
        return false;
    }
    const char *against = distrust(fd);
    if (against) {
        warn(against);
        return false;
    }
    if (out->length > out->size)
        warn("is larger than 256 KiB: the rest is ignored");
    return true;
}

static bool read_allow(struct text *out)
{
    int fd = file_open(allow_path, O_RDONLY | O_NONBLOCK, 0);

    if (fd < 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            warn("cannot be read: ignored");
        return false;
    }
    bool read = read_trusted(fd, out);
    close(fd);
    return read;
}

bool gate_is_allowed(const struct allow_query *query)
{
    struct text text = { memory_get(ALLOW_SIZE), ALLOW_SIZE, 0 };
    unsigned bad_line = 0;

    if (!text.start)
        return false;
    bool allowed = read_allow(&text) && allow_lists((struct span){ text.start, text_fits(&text) }, query, &bad_line);
    memory_free(text.start, ALLOW_SIZE);
    if (bad_line > 0)
        atomic_store(&wrong_line, bad_line);
    return allowed;
}
