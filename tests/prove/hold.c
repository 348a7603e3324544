/*
 * One decision of a probe that stays (`--hold`), from any state, after any try.
 */
#include "healthcheck/hold.c"

#include "lib/duration.c"
#include "lib/text.c"
#include "prove/prove.h"

static struct hold any_hold(void)
{
    struct hold hold;

    hold.stays = nondet_bool();
    hold.suspended = nondet_bool();
    assume(hold.interval >= 0 && hold.timeout >= 0 && hold.end >= 0);
    assume(hold.tries < UINT64_MAX);
    return hold;
}

static struct hold_try any_try(void)
{
    struct hold_try try;

    try.healthy = nondet_bool();
    try.rival = nondet_bool();
    assume(try.start >= 0 && try.over >= try.start && try.over < TIME_NEVER);
    return try;
}

/*
 * PROVES   The verdict that it leaves with is that of its last try. A failure is passed over only where this
 *          process stood still for longer than a try takes, never at the first try, and never twice in a row.
 * FOR      any pace, state and try
 * BREAKS   healthcheck/hold.c: !first && !try->healthy => !try->healthy
 * BREAKS   healthcheck/hold.c: !try->healthy && !hold->suspended && => !try->healthy &&
 * BREAKS   healthcheck/hold.c: if (!try->healthy) => if (!try->healthy && !try->rival)
 */
void proof_verdict(void)
{
    struct hold before = any_hold(), hold = before;
    struct hold_try try = any_try();
    enum hold_action action = hold_judge(&hold, &try);

    prove(implies(action == HOLD_LEAVE_HEALTHY, try.healthy), "who leaves healthy was healthy");
    prove(implies(action == HOLD_LEAVE_UNHEALTHY, !try.healthy), "who leaves unhealthy was unhealthy");
    bool passed_over = action == HOLD_TRY && !try.healthy;
    prove(implies(passed_over, try.over - try.start > before.timeout), "only a try that stood still says nothing");
    prove(implies(passed_over, before.tries > 0 && !before.suspended && hold.suspended),
          "neither the first nor two in a row");
    prove(implies(passed_over, hold.next == try.over), "it is made again at once");
    prove(hold.tries == before.tries + 1, "each try is counted");
}

/*
 * PROVES   It stays only where the last run was healthy and no other probe is the same, and never beyond its end:
 *          the next try is due an interval after the last, or at the end where that comes first.
 * FOR      any pace, state and try
 * BREAKS   healthcheck/hold.c: !hold->stays || try->rival => !hold->stays
 * BREAKS   healthcheck/hold.c: next < hold->end ? next : hold->end; => next;
 * BREAKS   healthcheck/hold.c: try->over >= hold->end => try->over > hold->end
 */
void proof_stay(void)
{
    struct hold before = any_hold(), hold = before;
    struct hold_try try = any_try();
    enum hold_action action = hold_judge(&hold, &try);

    if (!try.healthy)
        return;
    prove((action == HOLD_TRY) == (before.stays && !try.rival && try.over < before.end), "who may stay stays");
    if (action != HOLD_TRY)
        return;
    prove(hold.next <= before.end && hold.next >= try.over, "the next try is not beyond the end");
    prove(hold.next == before.end || hold.next - try.over == before.interval, "it is an interval away");
    prove(implies(before.interval > 0, hold.next > try.over), "there is a pause between them");
}

/*
 * PROVES   The first try is due at once, and the end is as far as was asked for.
 * FOR      any pace and time
 * BREAKS   healthcheck/hold.c: .next = now, => .next = pace->interval,
 */
void proof_begin(void)
{
    struct hold_pace pace;
    struct hold hold;
    bool stays = nondet_bool();
    int64_t now;

    assume(now >= 0 && pace.duration >= 0 && pace.duration <= INT64_MAX - now);
    hold_begin(&hold, &pace, stays, now);
    prove(hold.next == now && hold.end - now == pace.duration, "it begins now and ends when it must");
    prove(hold.stays == stays && hold.tries == 0 && !hold.suspended, "nothing has been tried");
    prove(hold.interval == pace.interval && hold.timeout == pace.timeout, "its pace is the one asked for");
}
