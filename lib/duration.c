/* Parses durations and reads the monotonic clock. */
#include "pith/duration.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* By the system call: finding the vDSO's costs a probe, which asks twice, more than it saves. */
#ifdef SYS_clock_gettime64
enum { CALL_CLOCK_GETTIME = SYS_clock_gettime64 };
#else
enum { CALL_CLOCK_GETTIME = SYS_clock_gettime };
#endif

static const struct {
    const char *name;
    int64_t ns;
} units[] = {
    { "", NS_PER_S },
    { "ms", NS_PER_MS },
    { "s", NS_PER_S },
    { "m", 60 * NS_PER_S },
    { "h", 3600 * NS_PER_S },
};

static const int64_t longest = INT64_C(3650) * 24 * 3600 * NS_PER_S;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *string)
{
    while (is_digit(*string))
        string++;
    return string;
}

static int64_t unit_of(const char *name)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].ns;
    return 0;
}

const char *duration_parse(const char *string, int64_t *ns)
{
    const char *whole = string, *fraction = "";
    int64_t value = 0;

    string = skip_digits(string);
    bool good = string > whole;
    if (*string == '.') {
        fraction = ++string;
        string = skip_digits(string);
        good = good && string > fraction;
    }
    int64_t unit = unit_of(string);
    if (!good || unit == 0)
        return "is not a duration (such as 250ms, 5s, 1.5m, 1h)";
    for (; is_digit(*whole); whole++) {
        value = value * 10 + (*whole - '0');
        if (value > longest / unit)
            return "is longer than 10 years";
    }
    value *= unit;
    for (; is_digit(*fraction); fraction++)
        value += (*fraction - '0') * (unit /= 10);
    if (value > longest)
        return "is longer than 10 years";
    *ns = value;
    return NULL;
}

int64_t time_now(void)
{
    int64_t now[2] = { 0 }; /* the kernel's timespec, of 64 bits everywhere */

    syscall(CALL_CLOCK_GETTIME, CLOCK_MONOTONIC, now);
    return now[0] * NS_PER_S + now[1];
}

int64_t time_add(int64_t a, int64_t b)
{
    return a > TIME_NEVER - b ? TIME_NEVER : a + b;
}
