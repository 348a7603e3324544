/* The decisions of a probe that stays. */
#include "healthcheck/hold.h"

#include "pith/duration.h"

/* A try ends by itself at its deadline, or some 30 ms later on threads. Beyond this it did not have the processor. */
#define LATE (100 * NS_PER_MS)

void hold_begin(struct hold *hold, const struct hold_pace *pace, bool stays, int64_t now)
{
    *hold = (struct hold){
        .stays = stays,
        .interval = pace->interval,
        .timeout = pace->timeout,
        .end = time_add(now, pace->duration),
        .next = now,
    };
}

/* Whether this process stood still meanwhile: the deadline then passed for no fault of the target's. */
static bool was_suspended(const struct hold *hold, const struct hold_try *try)
{
    return try->over - try->start > time_add(hold->timeout, LATE);
}

enum hold_action hold_judge(struct hold *hold, const struct hold_try *try)
{
    bool first = hold->tries++ == 0;

    hold->suspended = !first && !try->healthy && !hold->suspended && was_suspended(hold, try);
    if (hold->suspended) {
        hold->next = try->over;
        return HOLD_TRY;
    }
    if (!try->healthy)
        return HOLD_LEAVE_UNHEALTHY;
    if (!hold->stays || try->rival || try->over >= hold->end)
        return HOLD_LEAVE_HEALTHY;
    int64_t next = time_add(try->over, hold->interval);
    hold->next = next < hold->end ? next : hold->end;
    return HOLD_TRY;
}
