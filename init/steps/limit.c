/* --limit: resource limits of COMMAND and of the steps. */
#include "init/steps/limit.h"

#include "pith/text.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PIECE = 64 };

/* The names stand behind each other in one string. */
#define LIMITS(_)                                                                                                      \
    _(AS, "as")                                                                                                        \
    _(CORE, "core")                                                                                                    \
    _(CPU, "cpu")                                                                                                      \
    _(DATA, "data")                                                                                                    \
    _(FSIZE, "fsize")                                                                                                  \
    _(LOCKS, "locks")                                                                                                  \
    _(MEMLOCK, "memlock")                                                                                              \
    _(MSGQUEUE, "msgqueue")                                                                                            \
    _(NICE, "nice")                                                                                                    \
    _(NOFILE, "nofile")                                                                                                \
    _(NPROC, "nproc")                                                                                                  \
    _(RSS, "rss")                                                                                                      \
    _(RTPRIO, "rtprio")                                                                                                \
    _(RTTIME, "rttime")                                                                                                \
    _(SIGPENDING, "sigpending")                                                                                        \
    _(STACK, "stack")

#define NUMBER_OF(resource, name) RLIMIT_##resource,
#define NAME_OF(resource, name)   name "\0"
static const uint8_t resources[] = { LIMITS(NUMBER_OF) };
static const char names[] = LIMITS(NAME_OF);

static bool parse_name(const char *name, int *resource)
{
    const char *known = names;

    for (size_t i = 0; i < sizeof resources; i++, known += strlen(known) + 1)
        if (strcmp(known, name) == 0) {
            *resource = resources[i];
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
