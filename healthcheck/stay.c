/* Connects the decisions of hold.c with the mark that the last run has left. */
#include "healthcheck/stay.h"

#include "healthcheck/identity.h"
#include "pith/diag.h"
#include "pith/duration.h"

#include <errno.h>
#include <string.h>

extern char **environ;

static void set_obstacle(struct stay *stay, const char *why)
{
    stay->obstacle = why;
    stay->error = errno;
}

void stay_begin(struct stay *stay, const struct check_conf *conf)
{
    const struct hold_pace pace = { conf->hold, conf->interval ? conf->interval : NS_PER_S, conf->timeout };
    const char *folder = conf->hold_state ? conf->hold_state : "/dev/shm";
    bool marked = false;

    set_obstacle(stay, mark_name(&stay->mark, folder, identity_of(conf, environ)));
    if (!stay->obstacle)
        set_obstacle(stay, mark_take(&stay->mark, &marked));
    hold_begin(&stay->hold, &pace, marked, time_now());
    memset(stay->slowest, 0, sizeof stay->slowest);
}

bool stay_has_rival(const struct stay *stay)
{
    return stay->hold.stays && mark_is_there(&stay->mark);
}

void stay_note(struct stay *stay, const struct result *results, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (results[i].healthy && results[i].times[TIME_TOTAL] > stay->slowest[i])
            stay->slowest[i] = results[i].times[TIME_TOTAL];
}

void stay_tell(const struct stay *stay, struct result *results, size_t count)
{
    for (size_t i = 0; i < count && stay->hold.tries > 1; i++) {
        struct text reason = { results[i].reason, sizeof results[i].reason, results[i].reason_length };
        if (!results[i].healthy)
            continue;
        text_string(&reason, "; ");
        text_number(&reason, stay->hold.tries);
        text_string(&reason, " tries, the slowest took ");
        text_milliseconds(&reason, stay->slowest[i]);
        result_end(&results[i], &reason, true);
    }
}

void stay_end(struct stay *stay)
{
    if (!stay->obstacle)
        set_obstacle(stay, mark_make(&stay->mark));
}

void stay_put_obstacle(const struct stay *stay, struct text *out)
{
    if (!stay->obstacle)
        return;
    text_strings(out, "      no --hold: ", stay->obstacle, stay->error ? ": " : "", NULL);
    if (stay->error)
        text_errno(out, stay->error);
    text_char(out, '\n');
}
