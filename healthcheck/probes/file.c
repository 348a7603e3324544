/* file: whether a file exists, and was modified lately. */
#include "healthcheck/probes/probe.h"
#include "healthcheck/probes/proc.h"
#include "pith/diag.h"
#include "pith/duration.h"

#include <errno.h>
#include <sys/stat.h>
#include <time.h>

enum { AGE_LENGTH_MAX = 32 };

/*
 * How long ago TIME was by the wall clock, in ns; negative in the future. Where ns have no room, the nearest that has.
 */
static int64_t age_of(const struct timespec *time)
{
    int64_t now = time_of_day(), seconds = now / NS_PER_S - (int64_t)time->tv_sec;

    if (seconds > INT64_MAX / NS_PER_S - 1)
        return TIME_NEVER;
    if (seconds < INT64_MIN / NS_PER_S + 1)
        return INT64_MIN;
    return seconds * NS_PER_S + (now % NS_PER_S - time->tv_nsec);
}

static void judge_age(int64_t age, int64_t max_age, struct result *result)
{
    struct text reason = result_begin(result);
    bool fresh = age >= 0 && age <= max_age;

    if (age < 0) {
        text_string(&reason, "modified in the future");
    } else {
        text_string(&reason, "modified ");
        int64_t seconds = age - age % NS_PER_S;
        bool plain = seconds > 0 && (fresh || seconds > max_age);
        /* what is just too old is rounded up, or the reason would contradict itself */
        text_duration(&reason, plain ? seconds : age - age % NS_PER_MS + (fresh ? 0 : NS_PER_MS));
        text_string(&reason, " ago");
    }
    if (age >= 0 && !fresh) {
        text_string(&reason, ", more than ");
        text_duration(&reason, max_age);
    }
    result_end(result, &reason, fresh);
}

/* Reads the greatest age, TIME_NEVER where the URL has none. Returns NULL, or what is wrong with *VALUE. */
static const char *file_age(const struct target *target, struct span *value, int64_t *age)
{
    char string[AGE_LENGTH_MAX + 1];

    *age = TIME_NEVER;
    if (!target_query(target, "max-age", value))
        return NULL;
    if (value->length > AGE_LENGTH_MAX)
        return "is too long";
    const char *why = duration_parse(text_copy(string, sizeof string, value->at, value->length), age);
    return why || *age >= NS_PER_MS ? why : "is shorter than 1ms";
}

const char *file_check(struct target *target, struct span *what)
{
    int64_t age;

    return file_age(target, what, &age);
}

void probe_file(struct probe *probe)
{
    char path[TARGET_PATH_MAX + 1];
    struct text decoded = { path, sizeof path, 0 };
    struct stat status;
    struct span value;
    int64_t max_age;

    conn_phase(&probe->conn, "looking at the file");
    file_age(probe->target, &value, &max_age);
    span_decode(probe->target->path, &decoded);
    text_char(&decoded, '\0');
    if (stat(path, &status) != 0)
        result_fail(probe->result, DIAG_ERRNO, NULL);
    else if (max_age != TIME_NEVER)
        judge_age(age_of(&status.st_mtim), max_age, probe->result);
    else
        result_ok(probe->result, "exists", NULL);
}
