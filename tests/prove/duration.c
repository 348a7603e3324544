/*
 * How both programs read durations, part by part, and add times.
 */
#include "lib/duration.c"

#include "lib/text.c"
#include "prove/prove.h"

#include <string.h>

enum { SIZE = 3, LONG = 20, ROOM = LONG + 2 };

static const char *digits_end; /* what contract_skip_digits returns */
static int64_t any_unit;       /* what contract_unit_of says of every name */

static const char *contract_skip_digits(const char *string)
{
    return digits_end;
}

static int64_t contract_unit_of(const char *name, size_t length)
{
    return any_unit;
}

static const int64_t unit_sizes[] = { NS_PER_MS, NS_PER_S, 60 * NS_PER_S, 3600 * NS_PER_S };

/*
 * PROVES   However long a number is, it is refused before it overflows, and a sum is never above ten years.
 * FOR      every unit, and numbers of 20 digits; any sum before
 * CUTS     lib/duration.c: skip_digits: prove/duration.c: proof_names
 * CUTS     lib/duration.c: unit_of: prove/duration.c: proof_names
 * BREAKS   lib/duration.c: if (value > longest / unit) => if (value > longest)
 * BREAKS   lib/duration.c: return *ns > longest ? "is longer than 10 years" : NULL; => return NULL;
 * WITH     --unwind 22
 * SLOW
 */
void proof_long(void)
{
    char string[ROOM];
    int64_t sum;

    assume(sum >= 0 && sum <= longest);
    string[LONG] = 'x';
    string[LONG + 1] = '\0';
    for (size_t unit = 0; unit < 4; unit++) {
        const char *at = string;
        int64_t after = sum;
        digits_end = string + LONG;
        any_unit = unit_sizes[unit];
        for (size_t i = 0; i < LONG; i++)
            assume(is_digit(string[i]));
        if (add_part(&at, false, &after))
            continue;
        prove(after >= sum && after <= longest, "it is refused where it is above");
        prove(at == string + LONG + 1, "and else read to its end");
    }
}

/*
 * PROVES   Digits are skipped to the first byte that is none, and a name is a unit only where it is all of one.
 * FOR      strings of up to 3 bytes
 * BREAKS   lib/duration.c: && units[i].name[length] == '\0') => )
 * BREAKS   lib/duration.c: { "m", 60 * 1000 } => { "m", 60 * 100 }
 * WITH     --unwind 6
 */
void proof_names(void)
{
    char string[SIZE + 1];
    size_t length = nondet_size(), at;

    string[SIZE] = '\0';
    const char *end = skip_digits(string);
    assume(at < SIZE && length <= strlen(string));
    prove(!is_digit(*end) && implies(string + at < end, is_digit(string[at])), "digits are skipped, and no more");
    int64_t ms = length == 0                                           ? 1000
                 : length == 1 && string[0] == 's'                     ? 1000
                 : length == 1 && string[0] == 'm'                     ? 60000
                 : length == 1 && string[0] == 'h'                     ? 3600000
                 : length == 2 && string[0] == 'm' && string[1] == 's' ? 1
                                                                       : 0;
    prove(unit_of(string, length) == ms * NS_PER_MS, "a unit is one of the five");
}

/*
 * PROVES   Two times are added, or are beyond every time.
 * FOR      any two times that are not negative
 * BREAKS   lib/duration.c: &sum) ? TIME_NEVER : sum; => &sum) ? 0 : sum;
 */
void proof_time_add(void)
{
    int64_t a, b;

    assume(a >= 0 && b >= 0);
    prove(time_add(a, b) == (a <= INT64_MAX - b ? a + b : TIME_NEVER), "the sum is right");
}
