/* Walks over the processes that /proc shows, and takes apart what it says of one. */
#include "pith/pids.h"

#include "pith/text.h"

/* In /proc the names that are numbers are processes. */
pid_t pids_next(struct entries *proc)
{
    const char *name;

    while ((name = entries_next(proc))) {
        pid_t pid = (pid_t)number_parse(name, INT32_MAX);
        if (pid > 0)
            return pid;
    }
    return 0;
}

/*
 * The second field of /proc/PID/stat is the name, in parentheses. It may hold spaces and parentheses itself, so the
 * others are counted from the last `)` on.
 */
bool pid_stat_parse(const char *text, size_t length, struct pid_stat *stat)
{
    const char *end = text + length, *open = text, *close = end;

    while (open < end && *open != '(')
        open++;
    while (close > open && *--close != ')')
        ;
    if (end - close < 3 || *close != ')')
        return false;
    const char *at = close + 2;
    *stat = (struct pid_stat){ .name = open + 1, .name_length = (size_t)(close - open - 1), .state = *at };
    for (int64_t *field = &stat->field[PID_STATE]; at < end && field <= &stat->field[PID_START]; field++) {
        for (; at < end && is_digit(*at) && *field < INT64_MAX / 16; at++)
            *field = *field * 10 + (*at - '0');
        while (at < end && *at++ != ' ')
            ;
    }
    if (stat->state == 'Z' && stat->field[PID_THREADS] > 1)
        stat->state = 0;
    return true;
}
