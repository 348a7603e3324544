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
 * The fields of /proc/PID/stat, counted from 1 as in proc(5). The second is the name, in parentheses. It may hold
 * spaces and parentheses itself, so the others are counted from the last `)` on.
 */
enum { FIELD_STATE = 3, FIELD_PARENT = 4, FIELD_GROUP = 5, FIELD_START = 22 };

bool pid_stat_parse(const char *text, size_t length, struct pid_stat *stat)
{
    const char *end = text + length, *open = text, *close = end;
    int64_t fields[FIELD_START + 1] = { 0 };

    while (open < end && *open != '(')
        open++;
    while (close > open && *--close != ')')
        ;
    if (end - close < 3 || *close != ')')
        return false;
    const char *at = close + 2;
    *stat = (struct pid_stat){ .name = open + 1, .name_length = (size_t)(close - open - 1), .state = *at };
    for (int field = FIELD_STATE; at < end && field <= FIELD_START; field++) {
        for (; at < end && is_digit(*at) && fields[field] < INT64_MAX / 16; at++)
            fields[field] = fields[field] * 10 + (*at - '0');
        while (at < end && *at++ != ' ')
            ;
    }
    stat->parent = fields[FIELD_PARENT];
    stat->group = fields[FIELD_GROUP];
    stat->start = fields[FIELD_START];
    return true;
}
