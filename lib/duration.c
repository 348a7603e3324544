/* Parses durations and reads the clocks. */
#include "pith/duration.h"

#include "pith/call.h"
#include "pith/layout.h"
#include "pith/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

static const struct {
    char name[4];
    uint32_t ms;
} units[] = {
    { "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "m", 60 * 1000 }, { "h", 3600 * 1000 },
};

static const int64_t longest = INT64_C(3650) * 24 * 3600 * NS_PER_S;

static const char *skip_digits(const char *string)
{
    while (is_digit(*string))
        string++;
    return string;
}

/* The unit that the LENGTH bytes at NAME are, in ns, or 0. */
static int64_t unit_of(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (text_begins(units[i].name, name, length) && units[i].name[length] == '\0')
            return units[i].ms * NS_PER_MS;
    return 0;
}

/* Adds NUMBER[.FRACTION]UNIT at *AT to *NS and moves behind it. Why not, else NULL. */
static const char *add_part(const char **at, bool alone, int64_t *ns)
{
    const char *whole = *at, *end = skip_digits(whole), *fraction = *end == '.' ? end + 1 : "";
    const char *unit_name = *end == '.' ? skip_digits(fraction) : end;
    int64_t value = 0;

    for (*at = unit_name; **at && !is_digit(**at);)
        ++*at;
    int64_t unit = unit_of(unit_name, (size_t)(*at - unit_name));
    if (end == whole || (*end == '.' && unit_name == fraction) || unit == 0 || (*at == unit_name && !alone))
        return "is not a duration (such as 250ms, 5s, 1.5m, 1m30s, 1h)";
    for (; is_digit(*whole); whole++) {
        value = value * 10 + (*whole - '0');
        if (value > longest / unit)
            return "is longer than 10 years";
    }
    value *= unit;
    for (; is_digit(*fraction); fraction++)
        value += (*fraction - '0') * (unit /= 10);
    *ns += value;
    return *ns > longest ? "is longer than 10 years" : NULL;
}

const char *duration_parse(const char *string, int64_t *ns)
{
    const char *why, *at = string;
    int64_t sum = 0;

    do
        why = add_part(&at, at == string, &sum);
    while (!why && *at);
    if (!why)
        *ns = sum;
    return why;
}

static inline __attribute__((always_inline)) int64_t read_clock(int clock)
{
    struct timespec now = { 0 };

#ifdef SYS_clock_gettime64
    clock_gettime(clock, &now); /* a 32-bit kernel before 5.1 has another call for it, and libc knows which */
#else
    /* by a system call: to find the vDSO, which needs none, costs a probe more than it saves */
    (void)CALL(SYS_clock_gettime, clock, &now, 0, 0);
#endif
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

HOT int64_t time_now(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t time_since_boot(void)
{
    return read_clock(CLOCK_BOOTTIME);
}

int64_t time_of_day(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t time_add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? TIME_NEVER : sum;
}
