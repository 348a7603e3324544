/* --limit: resource limits of COMMAND and of the steps. */
#include "init/steps/limit.h"

#include "pith/text.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PIECE = 64 };

static const struct {
    char name[11];
    uint8_t resource;
} rows[] = {
    { "as", RLIMIT_AS },           { "core", RLIMIT_CORE },         { "cpu", RLIMIT_CPU },
    { "data", RLIMIT_DATA },       { "fsize", RLIMIT_FSIZE },       { "locks", RLIMIT_LOCKS },
    { "memlock", RLIMIT_MEMLOCK }, { "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE },
    { "nofile", RLIMIT_NOFILE },   { "nproc", RLIMIT_NPROC },       { "rss", RLIMIT_RSS },
    { "rtprio", RLIMIT_RTPRIO },   { "rttime", RLIMIT_RTTIME },     { "sigpending", RLIMIT_SIGPENDING },
    { "stack", RLIMIT_STACK },
};

static bool parse_name(const char *name, int *resource)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *resource = rows[i].resource;
            return true;
        }
    return false;
}

/* 10^17 is more than any of them can mean. */
static bool parse_value(const char *string, uint64_t *value)
{
    bool unlimited = strcmp(string, "unlimited") == 0;
    int64_t number = unlimited ? -1 : number_parse(string, INT64_C(100000000000000000));

    *value = (uint64_t)number; /* RLIM_INFINITY is -1 */
    return unlimited || number >= 0;
}

bool limit_parse(const char *string, size_t length, struct limit *limit)
{
    char piece[PIECE], *rest = text_copy(piece, sizeof piece, string, length < PIECE ? length : 0);
    const char *name = text_cut(&rest, '='), *soft = text_cut(&rest, ':'), *hard = *rest ? rest : soft;
    bool cut_short = string[length - 1] == ':';

    return !cut_short && parse_name(name, &limit->resource) && parse_value(soft, &limit->values.soft) &&
           parse_value(hard, &limit->values.hard) && limit->values.soft <= limit->values.hard;
}

bool limit_set(const struct limit *limit)
{
    return syscall(SYS_prlimit64, 0, limit->resource, &limit->values, NULL) == 0;
}
